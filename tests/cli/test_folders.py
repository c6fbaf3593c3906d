from __future__ import annotations

from pathlib import Path


def test_a_folder_is_watched_and_synced(cli, notes: Path) -> None:
    assert "Watch one with" in cli("library", "sync").err
    assert cli("library", "watch", "add", notes, "--ignore", "*.tmp").code == 0
    ran = cli("library", "sync")
    assert ran.code == 0
    assert f"{notes}  2 taken in" in ran.out
    (notes / "bread.txt").unlink()
    (notes / "ferry.md").rename(notes / "boat.md")
    (notes / "bad.pdf").write_bytes(b"%PDF-1.7 junk")
    ran = cli("library", "sync", notes)
    assert "1 moved, 1 removed, 1 failed" in ran.out
    assert "bad.pdf: " in ran.out
    (folder,) = cli("library", "sync", "--json").document["folders"]
    assert (folder["path"], folder["unchanged"], folder["problem"]) == (str(notes), 2, "")
    assert str(notes / "boat.md") in cli("library", "list").out


def test_a_missing_folder_removes_nothing(cli, notes: Path, tmp_path: Path) -> None:
    cli("library", "watch", "add", notes)
    cli("library", "sync")
    notes.rename(tmp_path / "elsewhere")
    ran = cli("library", "sync")
    assert ran.code == 2
    assert "Its documents stay in the library" in ran.out
    assert len(cli("library", "list", "--json").document["documents"]) == 2


def test_watched_folders_are_listed_paused_and_removed(cli, notes: Path) -> None:
    assert "Watch one with" in cli("library", "watch", "list").err
    cli("library", "watch", "add", notes)
    assert f"watched  default  {notes}  never synced" in cli("library", "watch", "list").out
    assert "paused" in cli("library", "watch", "pause", notes).out
    assert cli("library", "sync", "--json").document == {"folders": []}
    assert "watched" in cli("library", "watch", "resume", notes).out
    cli("library", "sync")
    assert "2 documents removed" in cli("library", "watch", "remove", notes, "--documents").out
    assert cli("library", "watch", "list", "--json").document == {"folders": []}


def test_an_unknown_folder_is_a_user_error(cli, notes: Path) -> None:
    ran = cli("library", "sync", notes)
    assert ran.code == 2
    assert "library watch add" in ran.err
    assert cli("library", "watch", "add", notes / "absent").code == 2
