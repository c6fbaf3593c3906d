from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pptx
import pytest

from basicchat.adapters.load.opendocument import OpenDocumentLoader
from basicchat.adapters.load.rtf import RtfLoader
from basicchat.adapters.load.sheets import SheetLoader
from basicchat.adapters.load.slides import SlideLoader
from basicchat.testing.contracts.loader import LoaderContract


def cut(source: Path, target: Path, *, keep: int) -> Path:
    target.write_bytes(source.read_bytes()[:keep])
    return target


class TestSheets(LoaderContract):
    @pytest.fixture
    def loader(self) -> SheetLoader:
        return SheetLoader()

    @pytest.fixture
    def good(self, tmp_path: Path) -> Path:
        book = openpyxl.Workbook()
        book.active.append(["Place", "Ships"])
        book.active.append(["harbour", 3])
        book.save(tmp_path / "source.xlsx")
        return tmp_path / "source.xlsx"

    @pytest.fixture
    def damaged(self, good: Path, tmp_path: Path) -> Path:
        return cut(good, tmp_path / "damaged.xlsx", keep=2000)


class TestSlides(LoaderContract):
    @pytest.fixture
    def loader(self) -> SlideLoader:
        return SlideLoader()

    @pytest.fixture
    def good(self, tmp_path: Path) -> Path:
        deck = pptx.Presentation()
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = "Ports"
        slide.placeholders[1].text_frame.text = "The harbour is open."
        deck.save(str(tmp_path / "source.pptx"))
        return tmp_path / "source.pptx"

    @pytest.fixture
    def damaged(self, good: Path, tmp_path: Path) -> Path:
        return cut(good, tmp_path / "damaged.pptx", keep=2000)


class TestOpenDocument(LoaderContract):
    @pytest.fixture
    def loader(self) -> OpenDocumentLoader:
        return OpenDocumentLoader()

    @pytest.fixture
    def good(self, tmp_path: Path) -> Path:
        space = "urn:oasis:names:tc:opendocument:xmlns"
        content = (
            f'<o:document-content xmlns:o="{space}:office:1.0" xmlns:t="{space}:text:1.0"><o:body><o:text>'
            '<t:h t:outline-level="1">Ports</t:h><t:p>The harbour is open.</t:p></o:text></o:body></o:document-content>'
        )
        with zipfile.ZipFile(tmp_path / "source.odt", "w") as archive:
            archive.writestr("content.xml", content)
        return tmp_path / "source.odt"

    @pytest.fixture
    def damaged(self, good: Path, tmp_path: Path) -> Path:
        return cut(good, tmp_path / "damaged.odt", keep=100)


class TestRtf(LoaderContract):
    @pytest.fixture
    def loader(self) -> RtfLoader:
        return RtfLoader()

    @pytest.fixture
    def good(self, tmp_path: Path) -> Path:
        (tmp_path / "source.rtf").write_bytes(rb"{\rtf1\ansi The harbour is open.\par}")
        return tmp_path / "source.rtf"

    @pytest.fixture
    def damaged(self, tmp_path: Path) -> Path:
        (tmp_path / "damaged.rtf").write_bytes(b"junk")
        return tmp_path / "damaged.rtf"
