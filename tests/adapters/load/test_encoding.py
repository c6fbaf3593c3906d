from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.adapters.load.encoding import decode
from basicchat.core.errors import UnreadableDocument

TEXT = "Größe, naïve café, “quoted” — 12 €\n" * 8
RUSSIAN = "Съешь же ещё этих мягких французских булок, да выпей чаю. " * 10
JAPANESE = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。" * 10


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("cp1252"),
    ],
)
def test_encodings(data: bytes) -> None:
    assert decode(data) == TEXT


@pytest.mark.parametrize(("text", "encoding"), [(RUSSIAN, "cp1251"), (JAPANESE, "shift_jis"), (JAPANESE, "euc_jp")])
def test_encodings_that_are_guessed(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_the_declared_encoding_wins_over_a_guess() -> None:
    assert decode("ÀÐ".encode("iso8859-9", "replace"), declared="iso8859-9") == "ÀÐ".encode(
        "iso8859-9", "replace"
    ).decode("iso8859-9")
    assert decode(b"caf\xe9 caf\xe9 caf\xe9", declared="no-such-encoding").startswith("caf")


def test_line_ends_and_stray_nuls() -> None:
    assert decode(b"one\r\ntwo\rthree" + b" word" * 100 + b"\0").startswith("one\ntwo\nthree")


def test_binary_is_refused() -> None:
    with pytest.raises(UnreadableDocument, match="binary"):
        decode(bytes(range(256)) + b"\0\0\0" * 500)


@given(st.binary(max_size=2000))
def test_any_bytes_give_text_or_a_clear_refusal(data: bytes) -> None:
    try:
        text = decode(data)
    except UnreadableDocument:
        return
    assert "\0" not in text
    assert "\r" not in text
