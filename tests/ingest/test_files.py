from __future__ import annotations

import os
from pathlib import Path

import pytest

from basicchat.ingest.files import FoundFile, Originals, find_files, source_of


def test_a_file_named_in_two_ways_is_one(tmp_path) -> None:
    (tmp_path / "deep").mkdir()
    direct, round_about = tmp_path / "a.txt", tmp_path / "deep" / ".." / "a.txt"
    direct.touch()
    assert list(find_files([round_about, direct, tmp_path])) == [FoundFile(round_about, asked=True)]


def test_a_source_is_absolute_without_detours() -> None:
    here = Path.cwd()
    assert source_of(Path("notes/./../a.txt")) == str(here / "a.txt")
    assert source_of(here / "b" / ".." / "a.txt") == str(here / "a.txt")


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_a_source_keeps_the_name_of_a_link(tmp_path) -> None:
    (tmp_path / "a.txt").touch()
    (tmp_path / "b.txt").symlink_to(tmp_path / "a.txt")
    assert source_of(tmp_path / "b.txt") == str(tmp_path / "b.txt")


def test_a_locked_original_is_kept_unlocked(tmp_path: Path) -> None:
    path = tmp_path / "locked.pdf"
    path.write_bytes(b"locked")

    def unlock(_: Path, password: str, target: Path) -> bool:
        target.write_bytes(password.encode())
        return password == "secret"

    originals = Originals(tmp_path / "files", unlock={"application/pdf": unlock})
    opened = originals.keep(path, digest="ab12", media_type="application/pdf", password="secret")
    assert (tmp_path / "files" / opened).read_bytes() == b"secret"
    as_it_is = originals.keep(path, digest="ab12", media_type="application/pdf")
    assert (tmp_path / "files" / as_it_is).read_bytes() == b"locked"
    assert opened != as_it_is
