from __future__ import annotations

import os
from pathlib import Path

import pytest

from basicchat.ingest.files import FoundFile, find_files, source_of


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
