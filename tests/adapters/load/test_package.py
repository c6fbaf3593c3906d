from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from basicchat.adapters.load import office_loaders
from basicchat.adapters.load.opendocument import OpenDocumentLoader
from basicchat.adapters.load.package import open_package, parse_xml, simplify
from basicchat.adapters.load.sheets import SheetLoader
from basicchat.adapters.load.slides import SlideLoader
from basicchat.core.errors import PasswordRequired, UnreadableDocument
from basicchat.core.protocols import Loader

PARTS = ("content.xml", "xl/workbook.xml", "ppt/presentation.xml", "word/document.xml", "_rels/.rels")


def package(path: Path, **parts: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in PARTS:
            archive.writestr(name, parts.get(name, b"<a/>"))
    return path


@pytest.mark.evals
@pytest.mark.parametrize(
    "loader", [SheetLoader(), SlideLoader(), OpenDocumentLoader()], ids=lambda each: type(each).__name__
)
def test_xml_bombs_are_refused(loader: Loader, evals: Path, tmp_path: Path) -> None:
    for bomb in sorted((evals / "xml-bombs").glob("*.xml")):
        data = bomb.read_bytes()
        if b"<!DOCTYPE" not in data.upper():
            continue
        for part in PARTS:
            with pytest.raises(UnreadableDocument, match="not safe"):
                list(loader.load(package(tmp_path / "bomb", **{part: data})))


def test_a_document_type_across_a_border_of_the_scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("basicchat.adapters.load.package.SCAN_BYTES", 16)
    data = b"<!-- 12345 --><!DOCTYPE a><a/>"
    with (
        pytest.raises(UnreadableDocument, match="not safe"),
        open_package(package(tmp_path / "a", **{"content.xml": data}), what="file"),
    ):
        pass


def test_xml_with_entities_is_not_parsed() -> None:
    with pytest.raises(UnreadableDocument, match="not safe"):
        parse_xml(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')


def test_namespaces_go_but_for_formulas_and_relations() -> None:
    root = simplify(
        parse_xml(
            b'<w:a xmlns:w="urn:w" xmlns:m="urn:x/math" xmlns:r="urn:x/relationships" r:id="1" w:id="2"><m:f/></w:a>'
        )
    )
    assert (root.tag, root.attrib, root[0].tag) == ("a", {"r-id": "1", "id": "2"}, "m-f")


def test_relations_are_found(tmp_path: Path) -> None:
    data = (
        b'<R><Relationship Id="1" Type="urn:x/officeDocument" Target="word/document.xml"/>'
        b'<Relationship Id="2" Type="urn:x/hyperlink" Target="https://example.org" TargetMode="External"/>'
        b'<Relationship Id="3" Type="urn:x/officeDocument" Target="../../etc/passwd"/></R>'
    )
    with open_package(package(tmp_path / "a", **{"_rels/.rels": data}), what="file") as opened:
        assert opened.related("", "officeDocument") == ["word/document.xml"]
        assert opened.relations("")["2"].external
        assert opened.related("", "hyperlink") == []


def test_an_archive_with_a_password(tmp_path: Path) -> None:
    path = package(tmp_path / "a")
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1  # the flag of an encrypted member
    path.write_bytes(bytes(data))
    with pytest.raises(PasswordRequired), open_package(path, what="file"):
        pass


@pytest.mark.parametrize("loader", office_loaders(), ids=lambda each: type(each).__name__)
def test_a_file_that_is_something_else(loader: Loader, tmp_path: Path) -> None:
    path = tmp_path / "a"
    for data in (b"", b"PK\x03\x04", b"%PDF-1.7", bytes.fromhex("d0cf11e0a1b11ae1"), bytes(1000)):
        path.write_bytes(data)
        with pytest.raises(UnreadableDocument):
            list(loader.load(path))
