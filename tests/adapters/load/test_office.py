from __future__ import annotations

import zipfile
from pathlib import Path

import docx
import pytest

from basicchat.adapters.load import package
from basicchat.adapters.load.office import DocxLoader
from basicchat.core.errors import PasswordRequired, UnreadableDocument


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


WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MATH = "http://schemas.openxmlformats.org/officeDocument/2006/math"


def body_of(report: Path, tmp_path: Path, body: str) -> str:
    """What is read of a document whose body is written as XML."""
    data = f'<w:document xmlns:w="{WORD}" xmlns:m="{MATH}" xmlns:w14="urn:w14"><w:body>{body}</w:body></w:document>'
    path = rewritten(report, tmp_path / "made.docx", "word/document.xml", data.encode())
    (document,) = DocxLoader().load(path)
    return document.pages[0].text


def test_lists_have_their_marks(tmp_path: Path) -> None:
    document = docx.Document()
    for style, text in (("List Number", "first"), ("List Number", "second"), ("List Bullet", "free")):
        document.add_paragraph(text, style=style)
    document.save(str(tmp_path / "lists.docx"))
    (loaded,) = DocxLoader().load(tmp_path / "lists.docx")
    assert loaded.pages[0].text == "1. first\n2. second\n- free"


def test_tables_are_kept_with_merged_cells_filled(tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(rows=3, cols=2)
    for at, word in enumerate(["Quay", "Ships", "North", "3", "", "4"]):
        table.cell(at // 2, at % 2).text = word
    table.cell(1, 0).merge(table.cell(2, 0))
    document.save(str(tmp_path / "table.docx"))
    (loaded,) = DocxLoader().load(tmp_path / "table.docx")
    assert loaded.pages[0].text == "| Quay | Ships |\n| --- | --- |\n| North | 3 |\n| North | 4 |"
    (kept,) = loaded.tables
    assert (kept.columns, kept.rows) == (("Quay", "Ships"), (("North", "3"), ("North", "4")))


def test_headers_and_footers_come_last(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("The harbour is open.")
    document.sections[0].header.paragraphs[0].text = "Harbour office"
    document.sections[0].footer.paragraphs[0].text = "7"
    document.save(str(tmp_path / "margins.docx"))
    (loaded,) = DocxLoader().load(tmp_path / "margins.docx")
    assert loaded.pages[0].text == "The harbour is open.\n\nHeader: Harbour office"


def test_comments_are_read(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("The harbour is open.")
    document.add_comment(paragraph.runs, text="Is it?", author="Anna")
    document.save(str(tmp_path / "comments.docx"))
    (loaded,) = DocxLoader().load(tmp_path / "comments.docx")
    assert loaded.pages[0].text.endswith("Comment by Anna: Is it?")


def test_formulas_are_latex(report: Path, tmp_path: Path) -> None:
    power = "<m:sSup><m:e><m:r><m:t>c</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup>"
    text = body_of(report, tmp_path, f"<w:p><w:r><w:t>So</w:t></w:r><m:oMath>{power}</m:oMath></w:p>")
    assert text == "So $c^{2}$"


def test_text_boxes_are_read_once(report: Path, tmp_path: Path) -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>In a box</w:t></w:r></w:p></w:txbxContent>"
    both = f"<w:AlternateContent><w:Choice>{box}</w:Choice><w:Fallback>{box}</w:Fallback></w:AlternateContent>"
    assert (
        body_of(report, tmp_path, f"<w:p><w:r><w:t>Beside</w:t></w:r><w:r>{both}</w:r></w:p>") == "Beside\n\nIn a box"
    )


def test_deleted_and_hidden_text_is_not_read(report: Path, tmp_path: Path) -> None:
    gone = "<w:del><w:r><w:delText>gone</w:delText><w:t>gone</w:t></w:r></w:del>"
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>"
    new = "<w:ins><w:r><w:t>new</w:t></w:r></w:ins>"
    assert body_of(report, tmp_path, f"<w:p>{gone}{hidden}{new}</w:p>") == "new"


def test_boxes_are_ticked(report: Path, tmp_path: Path) -> None:
    boxes = "".join(
        f'<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="{on}"/></w14:checkbox></w:sdtPr>'
        "<w:sdtContent><w:r><w:t>?</w:t></w:r></w:sdtContent></w:sdt>"
        for on in "10"
    )
    assert body_of(report, tmp_path, f"<w:p>{boxes}</w:p>") == "[x][ ]"


def test_a_table_within_a_table(report: Path, tmp_path: Path) -> None:
    def cells(*words: str) -> str:
        return "".join(f"<w:tc><w:p><w:r><w:t>{word}</w:t></w:r></w:p></w:tc>" for word in words)

    inner = f"<w:tbl><w:tr>{cells('a', 'b')}</w:tr><w:tr>{cells('1', '2')}</w:tr></w:tbl>"
    outer = f"<w:tbl><w:tr>{cells('x', 'y')}</w:tr><w:tr><w:tc>{inner}</w:tc>{cells('z')}</w:tr></w:tbl>"
    assert body_of(report, tmp_path, outer) == "| x | y |\n| --- | --- |\n| a, b; 1, 2 | z |"


def test_a_locked_document(report: Path, tmp_path: Path) -> None:
    from msoffcrypto.format.ooxml import OOXMLFile

    path = tmp_path / "locked.docx"
    with report.open("rb") as clear, path.open("wb") as locked:
        OOXMLFile(clear).encrypt("harbour", locked)
    with pytest.raises(PasswordRequired):
        list(DocxLoader().load(path))
    assert next(DocxLoader().load(path, password="harbour")).title == "Harbour report"


@pytest.mark.evals
def test_real_documents(evals: Path) -> None:
    for path in sorted((evals / "docs-docling" / "docx").glob("*.docx")):
        loaded = next(DocxLoader().load(path))
        assert loaded.pages[0].text, path.name
        assert "base64" not in loaded.pages[0].text
