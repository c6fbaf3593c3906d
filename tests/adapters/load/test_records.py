from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from basicchat.adapters.load import records
from basicchat.adapters.load.records import RecordLoader, record_of
from basicchat.core.errors import UnreadableDocument


def load(tmp_path: Path, data: bytes, name: str = "facts.jsonl"):
    (tmp_path / name).write_bytes(data)
    return list(RecordLoader().load(tmp_path / name))


def test_fields(tmp_path: Path) -> None:
    line = {"_id": 7, "title": "Ports", "text": "The harbour.", "year": 1628, "tags": ["a", {"b": None}]}
    (loaded,) = load(tmp_path, b"\xef\xbb\xbf" + json.dumps(line).encode())
    assert loaded.external_id == "7"
    assert loaded.title == "Ports"
    assert loaded.pages[0].text == "Ports\n\nThe harbour."
    assert [heading.text for heading in loaded.pages[0].headings] == ["Ports"]
    assert loaded.metadata == {"year": 1628, "tags": ["a", {"b": None}]}


def test_without_id_or_title() -> None:
    loaded = record_of(b'{"text": "The harbour\\nis open."}')
    assert (loaded.external_id, loaded.title, loaded.pages[0].text) == (
        None,
        "The harbour is open.",
        "The harbour\nis open.",
    )
    assert record_of(b'{"_id": "x", "text": "words"}').title == "Record x"


@pytest.mark.parametrize(
    "line", [b"{", b"[1]", b"3", b'{"text": ""}', b'{"_id": 1}', b"[" * 100_000, b'{"text": null}', b"\xff\xfe"]
)
def test_lines_that_are_no_records(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"JSON|text"):
        record_of(line)


def test_lone_surrogates_can_be_kept() -> None:
    assert record_of(b'{"text": "a\\ud800b"}').pages[0].text.encode() == b"a?b"


def test_bad_lines_are_named_on_the_last_record(tmp_path: Path) -> None:
    loaded = load(tmp_path, b'{"text": "one"}\nbad\n\n{"text": "two"}\n{}\n')
    assert [document.warnings for document in loaded] == [
        (),
        ("Line 2: this is not JSON.", 'Line 5: the record has no "text".'),
    ]


def test_many_bad_lines_are_counted(tmp_path: Path) -> None:
    (loaded,) = load(tmp_path, b"bad\n" * 100 + b'{"text": "one"}\n')
    assert len(loaded.warnings) == records.WARNINGS_SHOWN + 1
    assert loaded.warnings[-1] == "80 more lines could not be read."


def test_a_cut_gzip_gives_what_is_there(tmp_path: Path) -> None:
    lines = b"".join(b'{"text": "number %d"}\n' % number for number in range(5000))
    packed = gzip.compress(lines)
    loaded = load(tmp_path, packed[: len(packed) // 2], "facts.jsonl.gz")
    assert 1 < len(loaded) < 5000
    assert "damaged" in loaded[-1].warnings[-1]
    with pytest.raises(UnreadableDocument):
        load(tmp_path, packed[:12], "cut.jsonl.gz")


def test_an_endless_line_is_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MAX_LINE_BYTES", 1000)
    loaded = load(tmp_path, b'{"text": "' + b"x" * 10_000 + b'"}\n{"text": "short"}\n')
    assert [document.pages[0].text for document in loaded] == ["short"]
    assert loaded[0].warnings == ("Line 1: this is not JSON.",)


def test_nothing_good(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="Line 1"):
        load(tmp_path, b"bad\n")
