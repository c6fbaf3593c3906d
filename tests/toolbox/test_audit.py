"""The record of calls."""

from __future__ import annotations

from pathlib import Path

from basicchat.toolbox import audit
from basicchat.toolbox.audit import Audit, Entry

ENTRY = Entry(1.0, "double", "2", "{}", "always", "done", 0.1, 3)


def test_what_is_recorded_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "logs" / "tools.jsonl"
    Audit(file).record(ENTRY)
    Audit(file).record(ENTRY)
    with file.open("a", encoding="utf-8") as torn:
        torn.write('{"at": 3')
    assert Audit(file).entries() == [ENTRY, ENTRY]


def test_the_file_does_not_grow_for_ever(tmp_path: Path) -> None:
    file = tmp_path / "tools.jsonl"
    file.write_bytes(b" " * (audit.MOST_BYTES + 1))
    Audit(file).record(ENTRY)
    assert Audit(file).entries() == [ENTRY]
    assert (tmp_path / "tools.old.jsonl").stat().st_size > audit.MOST_BYTES
