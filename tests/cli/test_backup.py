from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Cli


def test_there_and_back(filled: Cli, tmp_path: Path) -> None:
    made = filled("backup", "create", tmp_path / "library.zip", "--json")
    assert made.code == 0
    assert made.document["counts"]["documents"] == 2
    verified = filled("backup", "verify", tmp_path / "library.zip")
    assert verified.code == 0
    assert "is whole" in verified.out
    assert filled("backup", "create", tmp_path / "library.zip").code == 2
    before = filled("search", "When does the ferry leave?", "--json").document
    second = ("--home", tmp_path / "second")
    restored = filled("backup", "restore", tmp_path / "library.zip", "--json", *second)
    assert restored.code == 0
    assert restored.document["aside"] == ""
    assert filled("search", "When does the ferry leave?", "--json", *second).document == before
    refused = filled("backup", "restore", tmp_path / "library.zip", *second)
    assert refused.code == 2
    assert "--force" in refused.err
    forced = filled("backup", "restore", tmp_path / "library.zip", "--force", "--json", *second)
    assert Path(forced.document["aside"], "basicchat.sqlite").is_file()
    assert filled("search", "When does the ferry leave?", "--json", *second).document == before


def test_what_is_no_backup(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"no")
    for command in ("verify", "restore"):
        ran = cli("backup", command, tmp_path / "a.zip")
        assert ran.code == 2
        assert "is damaged" in ran.err
        assert cli("backup", command, tmp_path / "none.zip").code == 2
    assert cli("backup", "create", tmp_path / "b.zip").code == 1
    assert not (tmp_path / "b.zip").exists()
