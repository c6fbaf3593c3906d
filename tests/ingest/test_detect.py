from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from basicchat.ingest import detect


def package(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.pdf", b"%PDF-1.7", detect.PDF),
        ("a.txt", b"\n%PDF-1.7", detect.PDF),
        ("a.pdf", b"<!DOCTYPE HTML><p>Not found", detect.HTML),
        ("a.pdf", b"cut", detect.PDF),
        ("a.docx", package("word/document.xml"), detect.DOCX),
        ("a.bin", package("word/document.xml"), detect.DOCX),
        ("a.xlsx", package("xl/workbook.xml"), None),
        ("a.docx", b"PK\x03\x04 cut", detect.DOCX),
        ("a.htm", b"<p>x", detect.HTML),
        ("a", b"\xef\xbb\xbf <html>", detect.HTML),
        ("a", "<html>".encode("utf-16"), detect.HTML),
        ("a.xml", b'<?xml version="1.0"?><html xmlns="x">', detect.HTML),
        ("a.xml", b'<?xml version="1.0"?><feed/>', None),
        ("a.MD", b"# x", detect.MARKDOWN),
        ("README", b"plain words", detect.TEXT),
        ("program", b"\x7fELF\0\0", None),
        ("a.csv", b"a,b", detect.CSV),
        ("a.jsonl", b"{}", detect.RECORDS),
        ("a.jsonl.gz", gzip.compress(b"{}"), detect.RECORDS),
        ("a.gz", gzip.compress(b'{"text": "x"}'), detect.RECORDS),
        ("a.gz", gzip.compress(b"plain"), None),
        ("a.gz", b"\x1f\x8b cut", None),
        ("a.png", b"\x89PNG", None),
    ],
)
def test_content_then_name(tmp_path: Path, name: str, data: bytes, expected: str | None) -> None:
    (tmp_path / "stored").write_bytes(data)
    assert detect.media_type_of(tmp_path / "stored", name=name) == expected


def test_endings_of_originals() -> None:
    assert detect.suffix_of(detect.PDF) == ".pdf"
    assert detect.suffix_of("image/png") == ".bin"
