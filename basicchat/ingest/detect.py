"""What kind of file this is: by its content, then by its name. A wrong ending does not matter."""

from __future__ import annotations

import codecs
from pathlib import Path

from basicchat.core.languages import language_of
from basicchat.ingest import sniff
from basicchat.ingest.containers import of_compound, of_gzip, of_zip
from basicchat.ingest.formats import (
    BMP,
    CSV,
    DOCX,
    FLAC,
    GIF,
    HTML,
    JPEG,
    M4A,
    MARKDOWN,
    MP3,
    OGG,
    PDF,
    PNG,
    RECORDS,
    RTF,
    SOURCE,
    TEXT,
    TEXTUAL,
    TIFF,
    WAV,
    WEBP,
    XLS,
    XLSX,
    by_name,
    suffix_of,
)

HEAD_BYTES = 16_384
_PDF_WITHIN = 1024

_MAGIC = (
    (b"{\\rtf", RTF),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
    (b"II+\0", TIFF),
    (b"MM\0+", TIFF),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"fLaC", FLAC),
    (b"OggS", OGG),
    (b"ID3", MP3),
)
_RIFF = {b"WAVE": WAV, b"WEBP": WEBP}
_PICTURE_BRANDS = (b"hei", b"hev", b"mif", b"msf", b"avi", b"crx")
"""How the brands of pictures in the wrapping of MPEG-4 begin; they are no sound."""
_CONTROL = bytes({*range(32), 127} - {7, 8, 9, 10, 11, 12, 13, 26, 27})
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def media_type_of(path: Path, *, name: str = "") -> str | None:
    """The media type of a file, None where neither its first bytes nor its name tell. Raises `OSError`."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    shown = name or path.name
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return of_zip(path, shown)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return of_compound(path, shown)
    if head.startswith(b"\x1f\x8b"):
        return of_gzip(path, shown)
    if b"%PDF-" in head[:_PDF_WITHIN]:  # after the packages, whose first member may be a PDF as it is
        return PDF
    text = _text(head)
    if text is None:
        return _of_bytes(head) or by_name(shown)
    return next((kind for mark, kind in _MAGIC if head.startswith(mark)), None) or _of_text(path, text, shown)


def _of_bytes(head: bytes) -> str | None:
    """Pictures and sound."""
    if kind := next((kind for mark, kind in _MAGIC if head.startswith(mark)), None):
        return kind
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return None if head[8:11].lower() in _PICTURE_BRANDS else M4A
    if head.startswith(b"BM") and head[6:10] == bytes(4):
        return BMP
    return _of_frame(head)


def _of_frame(head: bytes) -> str | None:
    """The first frame of MPEG sound without a wrapping."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer, rate = (head[1] >> 3) & 3, (head[1] >> 1) & 3, (head[2] >> 2) & 3
    if layer == 0:
        return M4A if head[1] & 0xF0 == 0xF0 else None
    return MP3 if version != 1 and head[2] >> 4 != 15 and rate != 3 else None


def _text(head: bytes) -> str | None:
    """What the file begins with if that is text in whatever encoding, else None."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, "replace").replace("\0", "")
    zeros = head.count(0)
    if zeros > len(head) // 4 and zeros in (head[0::2].count(0), head[1::2].count(0)):  # UTF-16 of Latin text
        return head.replace(b"\0", b"").decode("latin-1")
    if len(head) - len(head.translate(None, _CONTROL)) > len(head) // 100:
        return None
    return head.decode("utf-8", "replace")


def _of_text(path: Path, text: str, name: str) -> str | None:
    promised = by_name(name)
    found = sniff.kind_of(path, text, promised)
    if found is not None:
        return found
    if promised is not None and (promised in TEXTUAL or not text.strip()):
        return promised
    if promised in {XLS, XLSX}:
        return CSV  # programs save tables as text and call them Excel
    if promised is not None:
        return promised  # to be called damaged by its own reader
    return SOURCE if language_of("", first_line=text.partition("\n")[0]) else TEXT if text.strip() else None


__all__ = ["CSV", "DOCX", "HTML", "MARKDOWN", "PDF", "RECORDS", "TEXT", "media_type_of", "suffix_of"]
