from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import docx
import pytest
from reportlab.pdfgen import canvas

from basicchat.adapters.load.asciidoc import AsciidocLoader
from basicchat.adapters.load.code import CodeLoader
from basicchat.adapters.load.epub import EpubLoader
from basicchat.adapters.load.html import HtmlLoader
from basicchat.adapters.load.json_data import JsonLoader
from basicchat.adapters.load.latex import LatexLoader
from basicchat.adapters.load.mail import MailboxLoader, MailLoader, SavedPageLoader
from basicchat.adapters.load.notebook import NotebookLoader
from basicchat.adapters.load.office import DocxLoader
from basicchat.adapters.load.outlook import OutlookLoader
from basicchat.adapters.load.pdf import PdfLoader
from basicchat.adapters.load.records import RecordLoader
from basicchat.adapters.load.rst import RstLoader
from basicchat.adapters.load.subtitles import SubtitleLoader
from basicchat.adapters.load.table import TableLoader
from basicchat.adapters.load.text import TextFileLoader
from basicchat.adapters.load.xml import XmlLoader
from basicchat.core.protocols import Loader
from basicchat.testing.contracts.loader import LoaderContract
from basicchat.testing.loading import TextLoader

from .outlook_message import outlook_message


def write(path: Path, data: str | bytes) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def packed(members: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return buffer.getvalue()


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


BINARY = bytes(range(256)) * 8 + b"\0" * 4000
MESSAGE = b"From: a@example.com\r\nSubject: Ports\r\n\r\nThe harbour\r\nis open.\r\n"
CELLS = {"cells": [{"cell_type": "markdown", "source": ["# Ports\n", "The harbour"]}], "nbformat": 4}
BOOK = {
    "mimetype": "application/epub+zip",
    "META-INF/container.xml": '<container><rootfiles><rootfile full-path="book.opf"/></rootfiles></container>',
    "book.opf": '<package><metadata/><manifest><item id="one" href="one.xhtml"/></manifest>'
    '<spine><itemref idref="one"/></spine></package>',
    "one.xhtml": "<html><body><h1>Ports</h1><p>The harbour is open.</p></body></html>",
}

# Each with the ending of its files, a good file and a damaged one.
TEXTS: dict[str, tuple[type[Loader], str, bytes, bytes]] = {
    "asciidoc": (AsciidocLoader, ".adoc", b"= Ports\r\n\r\nThe harbour is open.\r\n", BINARY),
    "code": (CodeLoader, ".py", b"class Harbour:\r\n    def open(self):\r\n        pass\r\n", BINARY),
    "epub": (EpubLoader, ".epub", packed(BOOK), packed(BOOK)[:300]),
    "json": (JsonLoader, ".json", b'{"ports": [{"name": "harbour\\r\\n"}]}', BINARY),
    "latex": (LatexLoader, ".tex", b"\\section{Ports}\r\nThe harbour is open.", BINARY),
    "mail": (MailLoader, ".eml", MESSAGE, b"\r\nno headers"),
    "mailbox": (MailboxLoader, ".mbox", (b"From a Mon Jan  1 00:00:00 2024\n" + MESSAGE) * 2, b"nothing"),
    "notebook": (NotebookLoader, ".ipynb", json.dumps(CELLS).encode(), b'{"cells": ['),
    "rst": (RstLoader, ".rst", b"Ports\r\n=====\r\n\r\nThe harbour is open.", BINARY),
    "saved page": (
        SavedPageLoader,
        ".mht",
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\n"
        b"Content-Type: text/html\r\n\r\n<h1>Ports</h1><p>The harbour\r\n--x--",
        b"MIME-Version: 1.0\r\n\r\nwords",
    ),
    "subtitles": (SubtitleLoader, ".srt", b"1\r\n00:00:01,000 --> 00:00:02,000\r\nThe harbour\r\n", b"no cues"),
    "xml": (XmlLoader, ".xml", b"<ports><title>Ports</title><p>The\r\nharbour</p></ports>", b"<ports>"),
}


class TestTextFormats(LoaderContract):
    @pytest.fixture(params=TEXTS)
    def sample(self, request: pytest.FixtureRequest) -> tuple[type[Loader], str, bytes, bytes]:
        return TEXTS[request.param]

    @pytest.fixture
    def loader(self, sample: tuple[type[Loader], str, bytes, bytes]) -> Loader:
        return sample[0]()

    @pytest.fixture
    def good(self, sample: tuple[type[Loader], str, bytes, bytes], tmp_path: Path) -> Path:
        return write(tmp_path / f"source{sample[1]}", sample[2])

    @pytest.fixture
    def damaged(self, sample: tuple[type[Loader], str, bytes, bytes], tmp_path: Path) -> Path:
        return write(tmp_path / f"damaged{sample[1]}", sample[3])


class TestOutlook(LoaderContract):
    @pytest.fixture
    def loader(self) -> OutlookLoader:
        return OutlookLoader()

    @pytest.fixture
    def good(self, tmp_path: Path) -> Path:
        return write(tmp_path / "source.msg", outlook_message("Ports", "The harbour\r\nis open."))

    @pytest.fixture
    def damaged(self, good: Path, tmp_path: Path) -> Path:
        return write(tmp_path / "damaged.msg", good.read_bytes()[:1200])
