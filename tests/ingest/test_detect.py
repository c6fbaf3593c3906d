from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.ingest import detect, formats


def package(*names: str, **texts: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
        for name, text in texts.items():
            archive.writestr({"mimetype": "mimetype", "types": "[Content_Types].xml"}[name], text)
    return buffer.getvalue()


def types(part: str) -> bytes:
    return package("custom/part.xml", types=f'<Override ContentType="application/vnd.{part}.main+xml"/>')


MESSAGE = b"Received: by mx\r\nFrom: a@example.com\r\nTo: b@example.com\r\nSubject: Hi\r\n\r\nBody"
SAVED = b'From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\tboundary="x"\r\n\r\n--x'
NOTEBOOK = json.dumps({"cells": [], "nbformat": 4}, indent=1).encode()


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.pdf", b"%PDF-1.7", formats.PDF),
        ("a.txt", b"\n%PDF-1.7", formats.PDF),
        ("a.pdf", b"<!DOCTYPE HTML><p>Not found", formats.HTML),
        ("a.pdf", b"cut", formats.PDF),
        ("a.docx", package("word/document.xml"), formats.DOCX),
        ("a.bin", package("word/document.xml"), formats.DOCX),
        ("a.xlsx", package("xl/workbook.xml"), formats.XLSX),
        ("a.zip", package("ppt/presentation.xml"), formats.PPTX),
        ("a.zip", types("openxmlformats-officedocument.wordprocessingml.document"), formats.DOCX),
        ("a.docm", types("ms-word.document.macroEnabled"), formats.DOCX),
        ("a.xlsm", types("ms-excel.sheet.macroEnabled"), formats.XLSX),
        ("a.ppsx", types("openxmlformats-officedocument.presentationml.slideshow"), formats.PPTX),
        ("a.docx", b"PK\x03\x04 cut", formats.DOCX),
        ("a.txt", b"PK\x03\x04 cut", formats.ZIP),
        ("a.zip", package("notes.txt", mimetype=formats.ODT), formats.ODT),
        ("a.zip", package(mimetype=formats.ODS + "-template"), formats.ODS),
        ("a.docx", package(mimetype=formats.ODP), formats.ODP),
        ("a.zip", package(mimetype="application/epub+zip\n"), formats.EPUB),
        ("a.zip", package("META-INF/container.xml"), formats.EPUB),
        ("a.zip", package("notes.txt"), formats.ZIP),
        ("a.txt", package("notes.txt"), formats.ZIP),
        ("a.docx", package("notes.txt"), formats.DOCX),
        ("a.jar", package("META-INF/MANIFEST.MF", "a.class"), None),
        ("a.zip", package(), formats.ZIP),
        ("a.txt", b"{\\rtf1 x}", formats.RTF),
        ("a.htm", b"<p>x", formats.HTML),
        ("a", b"\xef\xbb\xbf <html>", formats.HTML),
        ("a", "<html>".encode("utf-16"), formats.HTML),
        ("a.xml", b'<?xml version="1.0"?><html xmlns="x">', formats.HTML),
        ("a.xhtml", b'<?xml version="1.0"?><!DOCTYPE html><html xmlns="x">', formats.HTML),
        ("a.xml", b'<?xml version="1.0"?><!DOCTYPE html><html xmlns="x">', formats.XML),
        ("a.txt", b'<?xml version="1.0"?><feed/>', formats.XML),
        ("a.xml", b"<!-- a note --><root/>", formats.XML),
        ("a", b"<article>words</article>", formats.XML),
        ("a.MD", b"# x", formats.MARKDOWN),
        ("a.rst", b"Title\n=====\n", formats.RST),
        ("a.adoc", b"= Title\n", formats.ASCIIDOC),
        ("a.tex", b"words", formats.TEX),
        ("a.txt", b"% a paper\n\\documentclass{article}\n", formats.TEX),
        ("README", b"plain words", formats.TEXT),
        ("notes.unknown", "naïve café".encode("latin-1"), formats.TEXT),
        ("program", b"\x7fELF\0\0", None),
        ("a.bin", bytes(range(256)) * 8, None),
        ("a.csv", b"a,b", formats.CSV),
        ("a.tsv", b"a\tb", formats.CSV),
        ("a.xls", b"a\tb\n1\t2\n", formats.CSV),
        ("a.jsonl", b"{}", formats.RECORDS),
        ("a.txt", b'{"text": "x"}\n{"text": "y"}\n', formats.RECORDS),
        ("a.jsonl.gz", gzip.compress(b"{}"), formats.RECORDS),
        ("a.gz", gzip.compress(b'{"text": "x"}'), formats.RECORDS),
        ("a.gz", gzip.compress(b"plain"), None),
        ("a.gz", b"\x1f\x8b cut", None),
        ("a.json", b'{"a": 1}', formats.JSON),
        ("a.txt", b'{\n "a": 1\n}', formats.JSON),
        ("a.json", b"{broken", formats.JSON),
        ("a.txt", b"[1] is a reference.", formats.TEXT),
        ("a.txt", b"[[link]] and words", formats.TEXT),
        ("a.ipynb", NOTEBOOK, formats.NOTEBOOK),
        ("a.md", NOTEBOOK, formats.NOTEBOOK),
        ("a.eml", MESSAGE, formats.MAIL),
        ("a.txt", MESSAGE, formats.MAIL),
        ("a.eml", b"From: a@example.com\nSubject: Hi\n\nBody", formats.MAIL),
        ("a.txt", b"From: Anna\nTo: Ben\n\nDear Ben", formats.TEXT),
        ("a.txt", b"Note: buy milk\nand bread", formats.TEXT),
        ("a.txt", b"From a@example.com Mon Jan  1 00:00:00 2024\n" + MESSAGE, formats.MBOX),
        ("a.txt", b"From the year 2024\non we sail.", formats.TEXT),
        ("a.mht", SAVED, formats.MHTML),
        ("a.txt", SAVED, formats.MHTML),
        ("a.eml", MESSAGE.replace(b"Subject: Hi", b"Content-Type: multipart/related"), formats.MAIL),
        ("a.txt", b"WEBVTT\n\n00:01.000 --> 00:02.000\nHi", formats.SUBTITLES),
        ("a.txt", b"1\r\n00:00:01,000 --> 00:00:02,000\r\nHi", formats.SUBTITLES),
        ("a.py", b"import os", formats.SOURCE),
        ("Dockerfile", b"FROM scratch", formats.SOURCE),
        ("run", b"#!/usr/bin/env python3\nprint()", formats.SOURCE),
        ("a.yaml", b'{"a": 1}', formats.SOURCE),
        ("a.txt", b"\x89PNG\r\n\x1a\n\0", formats.PNG),
        ("a.png", b"\xff\xd8\xff\xe0\0\0", formats.JPEG),
        ("a", b"II*\0\0\0", formats.TIFF),
        ("a", b"GIF89a\0\0", formats.GIF),
        ("a", b"RIFF\0\0\0\0WEBPVP8 ", formats.WEBP),
        ("a", b"RIFF\0\0\0\0WAVEfmt ", formats.WAV),
        ("a", b"RIFF\0\0\0\0AVI ", None),
        ("a", b"ID3\x04\0\0", formats.MP3),
        ("a.txt", b"\xff\xfb\x90\x64\0\0\0\0", formats.MP3),
        ("a", b"\xff\xf1\x50\x80\0\0\0\0", formats.M4A),
        ("a", b"\0\0\0 ftypM4A \0\0", formats.M4A),
        ("a", b"\0\0\0 ftypheic\0\0", None),
        ("a", b"fLaC\0\0", formats.FLAC),
        ("a", b"OggS\0\0", formats.OGG),
        ("a.txt", "ясно, что".encode("cp1251"), formats.TEXT),
        ("a.txt", "ясно, что".encode("utf-16"), formats.TEXT),
        ("a.txt", "plain words".encode("utf-16-le"), formats.TEXT),
    ],
    ids=lambda value: "data" if isinstance(value, bytes) else str(value),  # packages hold the time they were made
)
def test_content_then_name(tmp_path: Path, name: str, data: bytes, expected: str | None) -> None:
    (tmp_path / "stored").write_bytes(data)
    assert detect.media_type_of(tmp_path / "stored", name=name) == expected


def test_endings_of_originals() -> None:
    assert detect.suffix_of(formats.PDF) == ".pdf"
    assert detect.suffix_of("application/unknown") == ".bin"
    for kind, endings in formats.ENDINGS.items():
        assert detect.suffix_of(kind) == endings[0]


def test_an_ending_names_one_format() -> None:
    endings = [ending for group in formats.ENDINGS.values() for ending in group]
    assert len(endings) == len(set(endings))


@given(st.binary(max_size=600), st.sampled_from(["a", "a.txt", "a.docx", "a.msg", "a.eml", "a.json", "a.mp3", "a.xml"]))
def test_any_bytes_are_told_without_an_error(tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    for start in (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x1f\x8b", b"\xff\xfb", b"From: a\n"):
        path.write_bytes(start + data)
        kind = detect.media_type_of(path, name=name)
        assert kind is None or kind in formats.ENDINGS


@pytest.mark.evals
def test_real_documents_under_a_wrong_name(evals: Path) -> None:
    wrong = {}
    expected = {
        "asciidoc": None,  # nothing but the name tells
        "csv": None,
        "md": None,
        "doc": formats.DOC,
        "docx": formats.DOCX,
        "odf": formats.ODT,
        "pdf": formats.PDF,
        "ppt": formats.PPT,
        "pptx": formats.PPTX,
        "xls": formats.XLS,
        "xlsx": formats.XLSX,
        "epub": formats.EPUB,
        "html": formats.HTML,
        "webvtt": formats.SUBTITLES,
        "tiff": formats.TIFF,
    }
    for path in sorted((evals / "docs-docling").glob("*/*")):
        kind = expected.get(path.parent.name)
        if kind is None or path.name.endswith(".expected.md") or path.suffix in {".ods", ".odp", ".png"}:
            continue
        if (found := detect.media_type_of(path, name="stored")) != kind:
            wrong[path.name] = found
    assert wrong == {}


def test_an_archive_whose_first_member_is_a_pdf_is_an_archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("c.pdf", b"%PDF-1.7\n%%EOF")
    assert detect.media_type_of(tmp_path / "all.zip") == formats.ZIP


def test_every_format_has_a_name() -> None:
    assert set(formats.NAMES) == set(formats.ENDINGS)
    assert len(set(formats.NAMES.values())) == len(formats.NAMES)
