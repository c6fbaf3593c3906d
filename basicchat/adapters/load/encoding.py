"""Bytes of unknown encoding to text."""

from __future__ import annotations

import codecs
from pathlib import Path

from basicchat.core.errors import UnreadableDocument

SAMPLE_BYTES = 1 << 18
"""Bytes that an encoding is guessed from; more does not change the guess but costs seconds."""

WESTERN = "cp1252"
"""The usual encoding of Western files without Unicode, and one in which nearly any bytes mean something."""

UNOPENED = "Check that it is there and that you may read it."
"""What to do about a file that cannot be opened."""

MAX_NUL_SHARE = 0.01
"""Text has no NUL characters; a few are forgiven, as some exporters end a file with them."""

# UTF-32 first: its little-endian mark begins with the one of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_text(path: Path, *, declared: str = "") -> str:
    """The text of a file, its line ends made line feeds. See `decode`."""
    return decode(read_bytes(path), declared=declared)


def read_bytes(path: Path) -> bytes:
    """What is in a file. Raises `UnreadableDocument`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableDocument(f"The file cannot be opened: {error.strerror}.", hint=UNOPENED) from error


def decode(data: bytes, *, declared: str = "") -> str:
    """Text from bytes: by byte order mark, then UTF-8, then the ``declared`` encoding, then a guess.

    Line ends become line feeds and stray NUL characters go. Raises `UnreadableDocument` for what is not text.
    """
    encoding = encoding_of(data, declared=declared)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode(encoding, errors="replace")
    if text.count("\0") > MAX_NUL_SHARE * len(text):
        raise UnreadableDocument("This is not a text file: it holds binary data.")
    return text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")


def encoding_of(data: bytes, *, declared: str = "") -> str:
    """Name of the encoding that ``data`` is most likely written in."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    if (wide := _utf16_without_mark(data)) is not None:
        return wide
    for candidate in ("utf-8", declared):
        if candidate and _decodes(data, candidate):
            return candidate
    return _guess(data)


def _utf16_without_mark(data: bytes) -> str | None:
    """UTF-16 of mostly Latin text shows as zeros in every other byte."""
    sample = data[: SAMPLE_BYTES - SAMPLE_BYTES % 2]
    if len(sample) < 4:
        return None
    half = len(sample) // 2
    even, odd = sample[0::2].count(0) / half, sample[1::2].count(0) / half
    if odd > 0.4 and even < 0.05:
        return "utf-16-le"
    if even > 0.4 and odd < 0.05:
        return "utf-16-be"
    return None


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _guess(data: bytes) -> str:
    from charset_normalizer import from_bytes

    matches = from_bytes(data[:SAMPLE_BYTES])
    best = matches.best()
    if best is None:
        return WESTERN
    # Short Western texts are as likely Central European to the guesser; the first are far more common.
    ties = [match.encoding for match in matches if (match.chaos, match.coherence) == (best.chaos, best.coherence)]
    return WESTERN if WESTERN in ties else best.encoding
