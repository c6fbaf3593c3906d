from __future__ import annotations

import zipfile
from pathlib import Path

import docx
import pytest

from basicchat.adapters.load import package
from basicchat.adapters.load.office import DocxLoader
from basicchat.core.errors import UnreadableDocument


@pytest.fixture
def report(tmp_path: Path) -> Path:
    document = docx.Document()
    document.core_properties.title = "Harbour report"
    document.add_heading("Ports", level=1)
    document.add_paragraph("The harbour is open.")
    document.add_heading("Ships", level=2)
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip([*table.rows[0].cells, *table.rows[1].cells], ["Name", "Year", "Vasa", "1628"], strict=True):
        cell.text = text
    document.save(str(tmp_path / "report.docx"))
    return tmp_path / "report.docx"


def rewritten(source: Path, target: Path, member: str, data: bytes) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, data if name == member else old.read(name))
    return target


def test_headings_tables_and_title(report: Path) -> None:
    loaded = next(DocxLoader().load(report))
    assert loaded.title == "Harbour report"
    assert [(h.level, h.text) for h in loaded.pages[0].headings] == [(1, "Ports"), (2, "Ships")]
    assert "Vasa" in loaded.pages[0].text
    assert len(loaded.pages) == 1


@pytest.mark.evals
@pytest.mark.parametrize("bomb", ["xmlbomb.xml", "quadratic.xml", "external_file.xml", "cyclic.xml", "dtd.xml"])
def test_xml_bombs_are_refused(report: Path, tmp_path: Path, evals: Path, bomb: str) -> None:
    data = (evals / "xml-bombs" / bomb).read_bytes()
    for member in ("word/document.xml", "docProps/core.xml", "word/_rels/document.xml.rels"):
        path = rewritten(report, tmp_path / "bomb.docx", member, data)
        with pytest.raises(UnreadableDocument, match="not safe"):
            list(DocxLoader().load(path))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_in_any_encoding(report: Path, tmp_path: Path, encoding: str) -> None:
    data = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode(encoding)
    with pytest.raises(UnreadableDocument, match="not safe"):
        list(DocxLoader().load(rewritten(report, tmp_path / "b.docx", "word/document.xml", data)))


def test_a_zip_bomb_is_refused_unread(report: Path, tmp_path: Path) -> None:
    data = b"<a>" + b" " * (package.MAX_XML_BYTES + 1)
    path = rewritten(report, tmp_path / "bomb.docx", "word/document.xml", data)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(UnreadableDocument, match="unpacks"):
        list(DocxLoader().load(path))


@pytest.mark.parametrize("member", ["word/document.xml", "word/styles.xml", "docProps/core.xml"])
@pytest.mark.parametrize("data", [b"", b"not xml", b"<a>"])
def test_damaged_parts(report: Path, tmp_path: Path, member: str, data: bytes) -> None:
    with pytest.raises(UnreadableDocument):
        list(DocxLoader().load(rewritten(report, tmp_path / "damaged.docx", member, data)))


@pytest.mark.evals
def test_real_documents(evals: Path) -> None:
    for path in sorted((evals / "docs-docling" / "docx").glob("*.docx")):
        loaded = next(DocxLoader().load(path))
        assert loaded.pages[0].text, path.name
        assert "base64" not in loaded.pages[0].text
