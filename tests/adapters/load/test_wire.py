from __future__ import annotations

import io

import pytest

from basicchat.adapters.load.wire import BadFrame, Draft, TooMuch, packed, parts_of, read_frame, unpacked, written
from basicchat.core.types import Anchor, Box, Heading, LoadedDocument, Page, Table, TextBox


def sent(document: LoadedDocument) -> tuple[LoadedDocument | None, int]:
    """What arrives of a document, and in how many frames."""
    stream = io.BytesIO(b"".join(packed([written(part)]) for part in parts_of(document)))
    draft, frames, whole = Draft(), 0, None
    while (data := read_frame(stream, most=1 << 24)) is not None:
        assert whole is None
        (message,) = unpacked(data)
        whole = draft.add(message)
        frames += 1
    return whole, frames


RICH = LoadedDocument(
    title="Ports \ud800 and ships",
    pages=(
        Page(1, "harbour", (Heading(1, "Ports", 0),), "Slide 1", (Anchor(0, "A1:B2"),)),
        Page(2, "lights", boxes=(TextBox(0, 6, Box(0.0, 0.25, 0.5, 1)),)),
    ),
    media_type="application/pdf",
    external_id="x",
    metadata={"language": "en", "deep": {"list": [1, 2.5, None, True]}},
    warnings=("No text on page 3.",),
    tables=(
        Table("costs", ("a", "b"), ((1, None), ("x", True), (2.5, "")), 2, "A1:B3"),
        Table("empty", ("a",), (), 1, ""),
    ),
)


def test_a_document_arrives_as_it_was_sent() -> None:
    assert sent(RICH) == (RICH, 1)


def test_a_large_document_comes_in_parts_and_arrives_whole() -> None:
    pages = tuple(Page(number, "harbour " * 5_000) for number in range(1, 101))
    rows = tuple((number, "x" * 50) for number in range(20_000))
    large = LoadedDocument("large", pages, "text/plain", tables=(Table("t", ("n", "x"), rows), Table("u", ("n",), ())))
    whole, frames = sent(large)
    assert whole == large
    assert frames > 10


def test_messages_may_share_a_frame() -> None:
    stream = io.BytesIO(packed([written({"a": 1}), written({"b": "\ud800"})]))
    data = read_frame(stream, most=100)
    assert data is not None
    assert unpacked(data) == [{"a": 1}, {"b": "\ud800"}]


def test_a_document_without_pages_arrives_too() -> None:
    assert sent(LoadedDocument("bare", (), "text/plain")) == (LoadedDocument("bare", (), "text/plain"), 1)


def test_too_long_a_frame_is_not_read() -> None:
    stream = io.BytesIO((1 << 31).to_bytes(4, "big") + b"x")
    with pytest.raises(TooMuch):
        read_frame(stream, most=1 << 20)


@pytest.mark.parametrize("data", [b"", b"\x00\x00", b"\x00\x00\x00\x05abc"])
def test_a_stream_that_breaks_off_has_ended(data: bytes) -> None:
    assert read_frame(io.BytesIO(data), most=100) is None


@pytest.mark.parametrize("data", [b"no json", b"[1]", b"{}", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(BadFrame):
        unpacked(data)


@pytest.mark.parametrize(
    "message",
    [
        {"pages": []},
        {"head": ["title"]},
        {"head": [1, "text/plain", None, {}, []]},
        {"head": ["t", "text/plain", None, [], []]},
        {"head": ["t", "text/plain", None, {}, []], "pages": [[1, 2, "", [], [], []]]},
        {"head": ["t", "text/plain", None, {}, []], "pages": [["1", "text", "", [], [], []]]},
        {"head": ["t", "text/plain", None, {}, []], "tables": [[None, []]]},
        {"head": ["t", "text/plain", None, {}, []], "tables": [[["t", [], 1, ""], [[{}]]]]},
        {"head": ["t", "text/plain", None, {}, []], "tables": [[["t", 3, 1, ""], []]]},
    ],
)
def test_nonsense_is_refused(message: dict) -> None:
    with pytest.raises(BadFrame):
        Draft().add({**message, "end": True})
