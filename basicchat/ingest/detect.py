"""What kind of file this is: by its content, then by its name."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from pathlib import Path

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
HTML = "text/html"
MARKDOWN = "text/markdown"
TEXT = "text/plain"
CSV = "text/csv"
RECORDS = "application/jsonl"

HEAD_BYTES = 4096

_BY_SUFFIX = {
    ".pdf": PDF,
    ".docx": DOCX,
    **dict.fromkeys((".html", ".htm", ".xhtml"), HTML),
    **dict.fromkeys((".md", ".markdown", ".mdown", ".mkd"), MARKDOWN),
    **dict.fromkeys((".txt", ".text", ".log", ".rst", ".adoc", ".asciidoc", ".org", ".tex", ".vtt", ".srt"), TEXT),
    **dict.fromkeys((".csv", ".tsv", ".tab"), CSV),
    **dict.fromkeys((".jsonl", ".ndjson"), RECORDS),
}
_SUFFIX = {PDF: ".pdf", DOCX: ".docx", HTML: ".html", MARKDOWN: ".md", TEXT: ".txt", CSV: ".csv", RECORDS: ".jsonl"}
_HTML_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body")
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def media_type_of(path: Path, *, name: str = "") -> str | None:
    """The media type of a file, None where neither its first bytes nor its name tell. Raises `OSError`."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    shown = name or path.name
    if b"%PDF-" in head[:1024]:
        return PDF
    if head.startswith(b"PK\x03\x04"):
        return _of_zip(path, shown)
    if head.startswith(b"\x1f\x8b"):
        return _of_gzip(path, shown)
    if _looks_like_html(head):
        return HTML
    by_name = _BY_SUFFIX.get(Path(shown).suffix.lower())
    if by_name is None and not Path(shown).suffix and _looks_like_text(head):
        return TEXT
    return by_name


def suffix_of(media_type: str) -> str:
    """The ending a kept original gets, so that other programs know what it is."""
    return _SUFFIX.get(media_type, ".bin")


def _of_zip(path: Path, name: str) -> str | None:
    """A Word document, or nothing known. A broken archive is what its name says, to be reported as damaged."""
    try:
        with zipfile.ZipFile(path) as package:
            names = package.namelist()
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError):
        return DOCX if name.lower().endswith(".docx") else None
    return DOCX if any(entry.startswith("word/document") for entry in names) else None


def _of_gzip(path: Path, name: str) -> str | None:
    if name.lower().endswith((".jsonl.gz", ".ndjson.gz")):
        return RECORDS
    try:
        with gzip.open(path, "rb") as file:
            return RECORDS if file.read(64).lstrip().startswith(b"{") else None
    except (OSError, EOFError, zlib.error):
        return None


def _looks_like_html(head: bytes) -> bool:
    for mark in _MARKS:
        head = head.removeprefix(mark)
    start = head.replace(b"\0", b"").lstrip().lower()
    if start.startswith(b"<?xml"):
        return b"<html" in start
    return start.startswith(_HTML_STARTS)


def _looks_like_text(head: bytes) -> bool:
    if not head or b"\0" in head:
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4  # a character cut by the end of the sample
    return True
