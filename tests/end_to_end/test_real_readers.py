"""Locked papers, archives and mail through reading processes and the durable queue, to what search finds."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen import canvas

from basicchat import bootstrap, settings
from basicchat.core.types import FileStatus
from basicchat.service.assistant import Assistant

WAIT = 120
PASSWORD = "Sesam-7741"


def paper(text: str, *, password: str = "") -> bytes:
    out = io.BytesIO()
    sheet = canvas.Canvas(out)
    sheet.drawString(72, 720, text)
    sheet.save()
    if not password:
        return out.getvalue()
    writer = PdfWriter(clone_from=PdfReader(out))
    writer.encrypt(password, algorithm="AES-256")
    locked = io.BytesIO()
    writer.write(locked)
    return locked.getvalue()


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Assistant]:
    """Opens the library of one home, with the readers and the queue of the default profile."""
    monkeypatch.setenv("BASICCHAT_JOBS__ENGINE", "durable")
    monkeypatch.setenv("BASICCHAT_INGEST__ISOLATION", "true")
    return lambda: bootstrap.open_assistant(settings.load(home=tmp_path / "home", profile="fake"))


def test_a_locked_paper_is_found_and_drawn_after_its_password_is_forgotten(
    tmp_path: Path, opened: Callable[[], Assistant]
) -> None:
    path = tmp_path / "ports.pdf"
    path.write_bytes(paper("The harbour of Trondheim is open from nine.", password=PASSWORD))
    with opened() as assistant:
        job = assistant.jobs.wait(assistant.library.submit([path]).id, WAIT)
        (item,) = assistant.library.job(job.id).items
        assert item.status is FileStatus.NEEDS_PASSWORD
        again = assistant.jobs.wait(assistant.library.retry(job.id, password=PASSWORD).id, WAIT)
        (item,) = assistant.library.job(again.id).items
        assert item.status is FileStatus.DONE, item.error
    path.unlink()
    with opened() as assistant:
        found = assistant.search("harbour of Trondheim")[0]
        start = found.chunk.text.index("harbour")
        image = assistant.library.page_image(
            found.document.id, found.chunk.page, start=found.chunk.start + start, end=found.chunk.start + start + 7
        )
        assert image is not None
        assert image.png.startswith(b"\x89PNG")
        assert len(image.boxes) == 1
        assert [check for check in assistant.doctor(deep=True) if not check.ok] == []
    assert not [
        each for each in (tmp_path / "home").rglob("*") if each.is_file() and PASSWORD.encode() in each.read_bytes()
    ]


def mail() -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Moorings", "Ada <ada@example.org>", "bob@example.org"
    message.set_content("The moorings in Bergen are full.")
    message.add_attachment(
        paper("Berths in Stavanger cost forty crowns."), maintype="application", subtype="pdf", filename="berths.pdf"
    )
    return message.as_bytes()


def test_what_lies_in_archives_and_mail_is_found_under_its_own_name(
    tmp_path: Path, opened: Callable[[], Assistant]
) -> None:
    path = tmp_path / "post.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("letters/moorings.eml", mail())
        archive.writestr("prices.csv", "town,price\nOslo,50\nMoss,30\n")
        archive.writestr("torn.pdf", paper("Never to be read.")[:200])
        archive.writestr("../outside.txt", "Never to be written.")
    with opened() as assistant:
        job = assistant.jobs.wait(assistant.library.submit([path]).id, WAIT)
        (item,) = assistant.library.job(job.id).items
        found = {
            words: assistant.search(words)[0].document.title
            for words in ("moorings in Bergen are full", "Berths in Stavanger cost")
        }
        documents = assistant.library.documents()
        (table,) = assistant.tables.describe()
        total = assistant.tables.query(f'SELECT sum(price) AS total FROM "{table.sql_name}"')  # noqa: S608 - a name of ours
    assert item.status is FileStatus.WARNINGS
    assert [warning.partition("post.zip/")[2].split(": ")[0] for warning in item.warnings] == [
        "torn.pdf",
        "../outside.txt",
    ]
    inside = {document.title: document.source.partition("post.zip/")[2] for document in documents}
    assert inside == {
        "Moorings": "letters/moorings.eml",
        "berths": "letters/moorings.eml/berths.pdf",
        "prices": "prices.csv",
    }
    assert found == {"moorings in Bergen are full": "Moorings", "Berths in Stavanger cost": "berths"}
    assert total.rows == ((80,),)
