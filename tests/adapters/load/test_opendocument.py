from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from basicchat.adapters.load.opendocument import ODP, ODT, OpenDocumentLoader
from basicchat.core.errors import PasswordRequired, UnreadableDocument
from basicchat.core.types import LoadedDocument

_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "text", "table", "style", "drawing", "presentation", "manifest")
)
BODY = """
<text:p text:style-name="P1">Harbour report</text:p>
<text:h text:outline-level="2">Ports</text:h>
<text:p>The harbour<text:s text:c="2"/>is<text:tab/>open.<text:note><text:note-citation>1</text:note-citation>
<text:note-body><text:p>Since Monday.</text:p></text:note-body></text:note></text:p>
<text:list text:style-name="L1"><text:list-item><text:p>one</text:p><text:list><text:list-item><text:p>deep</text:p>
</text:list-item></text:list></text:list-item><text:list-item><text:p>two</text:p></text:list-item></text:list>
<table:table table:name="Quays"><table:table-row><table:table-cell><text:p>Quay</text:p></table:table-cell>
<table:table-cell><text:p>Ships</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell table:number-rows-spanned="2"><text:p>North</text:p></table:table-cell>
<table:table-cell><text:p>3</text:p></table:table-cell></table:table-row>
<table:table-row><table:covered-table-cell/><table:table-cell><text:p>4</text:p></table:table-cell></table:table-row>
</table:table>
<text:tracked-changes><text:deletion><text:p>gone</text:p></text:deletion></text:tracked-changes>
"""
STYLES = """<office:automatic-styles><style:style style:name="P1" style:parent-style-name="Title"/>
<text:list-style style:name="L1"><text:list-level-style-number text:level="1" style:num-format="1"/>
<text:list-level-style-bullet text:level="2"/></text:list-style></office:automatic-styles>"""
SLIDES = """<office:presentation><drawing:page><drawing:frame presentation:class="title"><drawing:text-box>
<text:p>Harbour</text:p></drawing:text-box></drawing:frame><drawing:frame><drawing:text-box><text:p>It is open.</text:p>
</drawing:text-box></drawing:frame><presentation:notes><drawing:frame><drawing:text-box><text:p>Slowly.</text:p>
</drawing:text-box></drawing:frame></presentation:notes></drawing:page></office:presentation>"""


def package(path: Path, content: str, **more: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", f"<office:document-content {_SPACES}>{content}</office:document-content>")
        for name, text in more.items():
            archive.writestr(name.replace("__", "/") + ".xml", text)
    return path


def load(path: Path) -> LoadedDocument:
    (document,) = OpenDocumentLoader().load(path)
    return document


@pytest.fixture
def text(tmp_path: Path) -> Path:
    return package(tmp_path / "a.odt", f"{STYLES}<office:body><office:text>{BODY}</office:text></office:body>")


def test_a_text(text: Path) -> None:
    document = load(text)
    assert (document.title, document.media_type) == ("Harbour report", ODT)
    (page,) = document.pages
    assert [(heading.level, heading.text) for heading in page.headings] == [(1, "Harbour report"), (2, "Ports")]
    assert "The harbour  is\topen.[^1]" in page.text
    assert page.text.endswith("[^1]: Since Monday.")
    assert "1. one\n  - deep\n2. two" in page.text
    assert "gone" not in page.text


def test_tables_and_merged_cells(text: Path) -> None:
    document = load(text)
    assert "| North | 4 |" in document.pages[0].text
    (table,) = document.tables
    assert (table.name, table.columns, table.rows) == ("Quays", ("Quay", "Ships"), (("North", "3"), ("North", "4")))


def test_slides(tmp_path: Path) -> None:
    document = load(package(tmp_path / "a.odp", f"<office:body>{SLIDES}</office:body>"))
    (page,) = document.pages
    assert (document.media_type, page.label) == (ODP, "Slide 1")
    assert page.text == "# Harbour\n\nIt is open.\n\nNotes: Slowly."


def test_a_locked_file(tmp_path: Path) -> None:
    locked = f"<manifest:manifest {_SPACES}><manifest:encryption-data/></manifest:manifest>"
    with pytest.raises(PasswordRequired):
        load(package(tmp_path / "a.odt", "", **{"META-INF__manifest": locked}))


@pytest.mark.parametrize("content", ["<office:body/>", "<office:body><office:text/></office:body>", "<open>"])
def test_nothing_to_read(tmp_path: Path, content: str) -> None:
    with pytest.raises(UnreadableDocument):
        load(package(tmp_path / "a.odt", content))


def test_a_cell_for_millions(tmp_path: Path) -> None:
    cell = '<table:table-cell table:number-columns-repeated="9000000"><text:p>x</text:p></table:table-cell>'
    row = f'<table:table-row table:number-rows-repeated="3">{cell}</table:table-row>'
    path = package(
        tmp_path / "a.odt", f"<office:body><office:text><table:table>{row}</table:table></office:text></office:body>"
    )
    assert len(load(path).pages[0].text) < 20_000


@pytest.mark.evals
def test_real_files(evals: Path) -> None:
    for path in sorted((evals / "docs-docling" / "odf").glob("*.od[tp]")):
        assert load(path).pages, path.name
