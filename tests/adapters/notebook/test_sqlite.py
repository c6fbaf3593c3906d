from __future__ import annotations

import pytest

from basicchat.adapters.notebook.sqlite import SqliteNotebook
from basicchat.core.errors import StoreError
from basicchat.core.research import Inquiry, Note


def test_what_was_kept_is_there_for_the_next_process(tmp_path):
    file = tmp_path / "research.sqlite"
    first = SqliteNotebook(file)
    first.begin("a", Inquiry("Why?"), at=1.0)
    first.keep("a", Note("plan", "Plan", value=["x"]))
    second = SqliteNotebook(file)  # the first one is not closed, as after a kill
    assert [note.value for note in second.notes("a")] == [["x"]]
    first.close()
    second.close()


def test_nobody_else_may_read_it(tmp_path):
    notebook = SqliteNotebook(tmp_path / "research.sqlite")
    notebook.begin("a", Inquiry("Why?"), at=1.0)
    notebook.close()
    assert (tmp_path / "research.sqlite").stat().st_mode & 0o077 == 0


def test_a_damaged_file_is_told_and_never_thrown_away(tmp_path):
    file = tmp_path / "research.sqlite"
    file.write_bytes(b"no database at all" * 100)
    notebook = SqliteNotebook(file)
    with pytest.raises(StoreError, match="notebook"):
        notebook.begun()
    assert file.read_bytes() == b"no database at all" * 100


def test_a_closed_one_says_so(tmp_path):
    notebook = SqliteNotebook(tmp_path / "research.sqlite")
    notebook.close()
    with pytest.raises(StoreError, match="closed"):
        notebook.begun()
