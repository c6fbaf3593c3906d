"""Files and pictures of the chosen folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from basicchat.core.errors import ApprovalNeeded, Conflict, ToolDenied, UnreadableDocument
from basicchat.testing.tools import MemoryFiles, ScriptedPictures, toolkit
from basicchat.toolbox import Registry, Toolbox, builtin_folder, text_of
from basicchat.toolbox.folder import ChosenFolder


def test_list_and_read(say) -> None:
    kit = toolkit(files=MemoryFiles({"a.txt": b"alpha", "sub/b.txt": b"beta", "c.bin": b"\0\1"}))
    assert say("files", kit) == "a.txt\nc.bin\nsub/"
    assert say("files", kit, path="sub/") == "b.txt"
    assert say("files", kit, path="sub/b.txt") == "beta"
    with pytest.raises(UnreadableDocument):
        say("files", kit, path="c.bin")


def test_writing_asks_and_stays_inside(tmp_path: Path) -> None:
    box = Toolbox(Registry(builtin=builtin_folder()), toolkit=lambda: toolkit(files=ChosenFolder(tmp_path)))
    arguments = {"path": "out/a.txt", "text": "hello"}
    with pytest.raises(ApprovalNeeded):
        box.call("write_file", arguments)
    assert not (tmp_path / "out").exists()
    assert "5 bytes" in text_of(box.call("write_file", arguments, ask=lambda request: "yes"))
    assert (tmp_path / "out" / "a.txt").read_text(encoding="utf-8") == "hello"
    with pytest.raises(Conflict):
        box.call("write_file", arguments, ask=lambda request: "yes")
    with pytest.raises(ToolDenied):
        box.call("write_file", {"path": "../a.txt", "text": "x"}, ask=lambda request: "yes")


def test_text_of_a_picture(say) -> None:
    kit = toolkit(files=MemoryFiles({"scan.png": b"\x89PNG"}), pictures=ScriptedPictures("TOTAL 9.00"))
    assert say("image", kit, path="scan.png") == "TOTAL 9.00"
    assert "No text" in say("image", toolkit(files=MemoryFiles({"scan.png": b"\x89PNG"})), path="scan.png")


def test_a_question_about_a_picture_goes_to_a_model_that_sees_or_gives_its_text(say) -> None:
    files = MemoryFiles({"scan.png": b"\x89PNG"})
    seeing = toolkit(files=files, pictures=ScriptedPictures("TOTAL 9.00", seen="A receipt on a table."))
    assert say("image", seeing, path="scan.png", question="What is it?") == "A receipt on a table."
    assert say("image", seeing, path="scan.png") == "TOTAL 9.00"
    blind = toolkit(files=files, pictures=ScriptedPictures("TOTAL 9.00"))
    assert say("image", blind, path="scan.png", question="What is it?").endswith("The text in the picture: TOTAL 9.00")
