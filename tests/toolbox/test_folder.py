"""The chosen folder: nothing outside it is reached."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from basicchat.core.errors import Conflict, InvalidInput, NotFound, ToolDenied
from basicchat.toolbox.folder import MOST_WRITTEN, ChosenFolder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "chosen"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text("inside", encoding="utf-8")
    (folder / ".hidden").write_text("secret", encoding="utf-8")
    (tmp_path / "outside.txt").write_text("outside", encoding="utf-8")
    return folder


def test_what_is_inside_is_listed_read_and_written(root: Path) -> None:
    space = ChosenFolder(root)
    assert space.entries() == ["a.txt", "sub/"]
    assert space.read("a.txt", limit=3) == b"ins"
    space.write("sub/new/b.txt", b"written")
    assert (root / "sub" / "new" / "b.txt").read_bytes() == b"written"


OUTSIDE = [
    "../outside.txt",
    "sub/../../outside.txt",
    "/etc/passwd",
    "//etc/passwd",
    "~/secret",
    "..",
    "a.txt\0.png",
    "..\\outside.txt",
    "C:\\Windows\\win.ini",
    "C:outside.txt",
    "\\\\server\\share",
    "sub/./../..",
]


@pytest.mark.parametrize("path", OUTSIDE)
def test_no_spelling_leads_out(root: Path, path: str) -> None:
    space = ChosenFolder(root)
    with pytest.raises(ToolDenied):
        space.read(path, limit=10)
    with pytest.raises(ToolDenied):
        space.entries(path)
    with pytest.raises(ToolDenied):
        space.write(path, b"x", replace=True)
    assert (root.parent / "outside.txt").read_text(encoding="utf-8") == "outside"


def test_no_link_is_followed(root: Path) -> None:
    (root / "file-link").symlink_to(root.parent / "outside.txt")
    (root / "folder-link").symlink_to(root.parent)
    space = ChosenFolder(root)
    for path in ("file-link", "folder-link", "folder-link/outside.txt", "folder-link/new.txt"):
        with pytest.raises(ToolDenied):
            space.read(path, limit=10)
        with pytest.raises(ToolDenied):
            space.write(path, b"x", replace=True)
    assert (root.parent / "outside.txt").read_text(encoding="utf-8") == "outside"
    assert space.entries() == ["a.txt", "sub/"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_only_plain_files_are_read(root: Path) -> None:
    os.mkfifo(root / "pipe")
    with pytest.raises(ToolDenied):
        ChosenFolder(root).read("pipe", limit=10)
    with pytest.raises(ToolDenied):
        ChosenFolder(root).read("sub", limit=10)


def test_what_is_not_there_is_told_with_what_is(root: Path) -> None:
    with pytest.raises(NotFound) as caught:
        ChosenFolder(root).read("b.txt", limit=10)
    assert "a.txt" in caught.value.hint


def test_a_file_is_not_replaced_by_accident(root: Path) -> None:
    space = ChosenFolder(root)
    with pytest.raises(Conflict):
        space.write("a.txt", b"new")
    space.write("a.txt", b"new", replace=True)
    assert (root / "a.txt").read_bytes() == b"new"
    with pytest.raises(InvalidInput):
        space.write("big", b"x" * (MOST_WRITTEN + 1))
    with pytest.raises(ToolDenied):
        space.write("sub", b"x", replace=True)


def test_without_a_folder_there_is_nothing() -> None:
    with pytest.raises(ToolDenied, match="No folder"):
        ChosenFolder(None).entries()


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        ChosenFolder(tmp_path / "gone").entries()
