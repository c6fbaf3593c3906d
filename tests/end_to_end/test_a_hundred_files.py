"""A hundred files of which three are corrupt, through the real readers, indexes and the durable queue."""

from __future__ import annotations

import io

import pytest
from docx import Document as WordDocument
from openpyxl import Workbook
from reportlab.pdfgen import canvas

from basicchat import bootstrap, settings
from basicchat.core.events import Finished, Token
from basicchat.core.types import FileStatus, JobState


def pdf(text: str) -> bytes:
    out = io.BytesIO()
    page = canvas.Canvas(out)
    page.drawString(72, 720, text)
    page.save()
    return out.getvalue()


def packed(document) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def word(text: str) -> bytes:
    document = WordDocument()
    document.add_paragraph(text)
    return packed(document)


def sheet(number: int) -> bytes:
    book = Workbook()
    book.active.append(["subject", "price"])
    book.active.append([f"Subject {number}", number])
    return packed(book)


MAKERS = {
    "pdf": lambda number: pdf(f"Paper {number} is about subject {number}."),
    "docx": lambda number: word(f"Letter {number} is about subject {number}."),
    "xlsx": sheet,
    "txt": lambda number: f"Note {number} is about subject {number}.".encode(),
    "html": lambda number: f"<html><body><p>Page {number} is about subject {number}.</p></body></html>".encode(),
}


@pytest.fixture
def papers(tmp_path):
    folder = tmp_path / "papers"
    folder.mkdir()
    for number in range(97):
        kind = list(MAKERS)[number % len(MAKERS)]
        (folder / f"{number:03}.{kind}").write_bytes(MAKERS[kind](number))
    (folder / "cut off.pdf").write_bytes(pdf("Never to be read.")[:300])
    (folder / "half.docx").write_bytes(word("Never to be read.")[:-400])
    (folder / "noise.xlsx").write_bytes(b"PK\x03\x04" + bytes(range(256)) * 20)
    return folder


def test_ninety_seven_are_in_and_three_say_why_not(tmp_path, papers, monkeypatch):
    monkeypatch.setenv("BASICCHAT_JOBS__ENGINE", "durable")
    monkeypatch.setenv("BASICCHAT_INGEST__ISOLATION", "true")
    with bootstrap.open_assistant(settings.load(home=tmp_path / "home", profile="fake")) as assistant:
        job = assistant.jobs.wait(assistant.library.submit([papers]).id, 240)
        view = assistant.library.job(job.id)
        problems = assistant.library.problems()
        checks = assistant.doctor(deep=True)
        titles = [document.source for document in assistant.library.documents()]
    assert (job.state, job.result) == (JobState.DONE, {"done": 97, "failed": 3})
    bad = {item.name: item.error for item in view.items if item.status is not FileStatus.DONE}
    assert bad.keys() == {"cut off.pdf", "half.docx", "noise.xlsx"}
    assert all(error and error.count(".") >= 2 for error in bad.values()), bad  # what happened, and what to do next
    assert {problem.item.name for problem in problems} == bad.keys()
    assert len(titles) == 97
    assert [check for check in checks if not check.ok] == []


def test_answers_stay_whole_while_files_are_taken_in(tmp_path, papers):
    with bootstrap.open_assistant(settings.load(home=tmp_path / "home", profile="fake")) as assistant:
        job = assistant.library.submit([papers])
        answers = 0
        while assistant.jobs.get(job.id).state not in {JobState.DONE, JobState.FAILED} or not answers:
            *events, last = assistant.stream(f"What is subject {answers}?", mode="chat")
            assert isinstance(last, Finished)
            pieces = [event.text for event in events if isinstance(event, Token)]
            assert "".join(pieces) == last.answer.text
            answers += 1
        assert assistant.jobs.get(job.id).result == {"done": 97, "failed": 3}
