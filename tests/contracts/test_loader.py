from __future__ import annotations

import gzip
from pathlib import Path

import docx
import pytest
from reportlab.pdfgen import canvas

from basicchat.adapters.load.html import HtmlLoader
from basicchat.adapters.load.office import DocxLoader
from basicchat.adapters.load.pdf import PdfLoader
from basicchat.adapters.load.records import RecordLoader
from basicchat.adapters.load.table import TableLoader
from basicchat.adapters.load.text import TextFileLoader
from basicchat.testing.contracts.loader import LoaderContract
from basicchat.testing.loading import TextLoader


def write(path: Path, data: str | bytes) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


class TestTextFake(LoaderContract):
    @pytest.fixture
    def loader(self) -> TextLoader:
        return TextLoader()

    @pytest.fixture
    def good(self, tmp_path: Path) -> Path:
        return write(tmp_path / "source.txt", "# Ports\nThe harbour is open.\f# Ships\nThree ships.")

    @pytest.fixture
    def damaged(self, tmp_path: Path) -> Path:
        return write(tmp_path / "damaged.txt", b"\xff\xfe\x00")


class TestPdf(LoaderContract):
    @pytest.fixture
    def loader(self) -> PdfLoader:
        return PdfLoader()

    @pytest.fixture
    def good(self, tmp_path: Path) -> Path:
        path = tmp_path / "source.pdf"
        sheet = canvas.Canvas(str(path))
        for number, line in enumerate(("The harbour is open.", "Three ships lie there."), start=1):
            sheet.bookmarkPage(f"page {number}")
            sheet.addOutlineEntry(f"Part {number}", f"page {number}")
            sheet.drawString(72, 700, line)
            sheet.showPage()
        sheet.save()
        return path

    @pytest.fixture
    def damaged(self, good: Path, tmp_path: Path) -> Path:
        return write(tmp_path / "damaged.pdf", good.read_bytes()[:120])


class TestDocx(LoaderContract):
    @pytest.fixture
    def loader(self) -> DocxLoader:
        return DocxLoader()

    @pytest.fixture
    def good(self, tmp_path: Path) -> Path:
        document = docx.Document()
        document.add_heading("Ports", level=1)
        document.add_paragraph("The harbour is open.")
        document.save(str(tmp_path / "source.docx"))
        return tmp_path / "source.docx"

    @pytest.fixture
    def damaged(self, good: Path, tmp_path: Path) -> Path:
        return write(tmp_path / "damaged.docx", good.read_bytes()[:2000])


class TestHtml(LoaderContract):
    @pytest.fixture
    def loader(self) -> HtmlLoader:
        return HtmlLoader()

    @pytest.fixture
    def good(self, tmp_path: Path) -> Path:
        return write(tmp_path / "source.html", "<h1>Ports</h1><p>The harbour\r\nis open.</p>")

    @pytest.fixture
    def damaged(self, tmp_path: Path) -> Path:
        return write(tmp_path / "damaged.html", "<html><script>only()</script></html>")


class TestMarkdownAndText(LoaderContract):
    @pytest.fixture
    def loader(self) -> TextFileLoader:
        return TextFileLoader()

    @pytest.fixture(params=[".md", ".txt"])
    def good(self, request: pytest.FixtureRequest, tmp_path: Path) -> Path:
        return write(tmp_path / f"source{request.param}", "# Ports\r\n\r\nThe harbour is open.\r\n")

    @pytest.fixture
    def damaged(self, tmp_path: Path) -> Path:
        return write(tmp_path / "damaged.txt", bytes(range(256)) * 8 + b"\0" * 4000)


class TestTable(LoaderContract):
    @pytest.fixture
    def loader(self) -> TableLoader:
        return TableLoader()

    @pytest.fixture
    def good(self, tmp_path: Path) -> Path:
        return write(tmp_path / "source.csv", "place,ships\r\nharbour,3\r\nriver,1\r\n")

    @pytest.fixture
    def damaged(self, tmp_path: Path) -> Path:
        return write(tmp_path / "damaged.csv", b",,,\n,,,\n")


class TestRecords(LoaderContract):
    @pytest.fixture
    def loader(self) -> RecordLoader:
        return RecordLoader()

    @pytest.fixture(params=[".jsonl", ".jsonl.gz"])
    def good(self, request: pytest.FixtureRequest, tmp_path: Path) -> Path:
        lines = b'{"_id": "1", "title": "Ports", "text": "The harbour is open."}\n{"_id": 2, "text": "Three ships."}\n'
        return write(tmp_path / f"source{request.param}", gzip.compress(lines) if "gz" in request.param else lines)

    @pytest.fixture
    def damaged(self, tmp_path: Path) -> Path:
        return write(tmp_path / "damaged.jsonl", "[1, 2]\nnot json\n")
