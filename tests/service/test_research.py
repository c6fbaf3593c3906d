"""Deep research in the background: real parts of the fake profile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from basicchat import bootstrap
from basicchat.core.errors import Conflict, InvalidInput, NotFound
from basicchat.core.research import Study
from basicchat.core.types import JobState
from basicchat.service.assistant import Assistant
from basicchat.settings import load

QUESTION = "When does the ferry to Oban leave and how long does rye bread rise?"
PARTS = ("When does the ferry to Oban leave?", "How long does rye bread rise?")


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "ferry.md").write_text("# Ferry\n\nThe ferry to Oban leaves at seven in the morning.\n", encoding="utf-8")
    (notes / "bread.txt").write_text("Rye bread needs twelve hours to rise.\n", encoding="utf-8")
    with bootstrap.open_assistant(load(home=tmp_path / "home", profile="fake")) as opened:
        opened.ingest([notes])
        yield opened


def ended(assistant: Assistant, **options: object) -> Study:
    study = assistant.research.submit(QUESTION, **options)  # type: ignore[arg-type]
    assistant.jobs.wait(study.id, 60)
    return assistant.research.study(study.id)


def test_a_study_ends_with_a_report_whose_citations_resolve(assistant: Assistant) -> None:
    study = ended(assistant, parts=PARTS, most_sources=1)
    assert (study.state, study.plan) == (JobState.DONE, PARTS)
    assert study.done == study.total == len(study.steps) == 7
    assert all(step.status == "done" for step in study.steps)
    report = study.report
    assert report is not None
    assert (report.documents, report.unresolved) == (2, ())
    for citation in report.citations:
        page = assistant.library.page(citation.document_id, citation.page)
        assert page.text[citation.start : citation.end] == citation.quote
    assert assistant.research.all() == [study]


def test_a_report_is_exported(assistant: Assistant) -> None:
    study = ended(assistant, parts=PARTS)
    assert "## Contents" in assistant.research.export(study.id)
    assert assistant.research.export(study.id, "html").startswith("<!doctype html>")
    assert json.loads(assistant.research.export(study.id, "json"))["question"] == QUESTION
    with pytest.raises(InvalidInput, match="docx"):
        assistant.research.export(study.id, "docx")


def test_what_makes_no_sense_is_refused(assistant: Assistant) -> None:
    with pytest.raises(InvalidInput):
        assistant.research.submit("  ")
    with pytest.raises(InvalidInput):
        assistant.research.submit("x" * 3000)
    with pytest.raises(InvalidInput):
        assistant.research.submit(QUESTION, most_parts=0)
    with pytest.raises(NotFound):
        assistant.research.study("nobody")


def test_what_is_forgotten_is_gone(assistant: Assistant) -> None:
    study = ended(assistant, parts=PARTS)
    assistant.research.forget(study.id)
    assert assistant.research.all() == []
    with pytest.raises(NotFound):
        assistant.research.study(study.id)


def test_a_report_outlives_its_job(assistant: Assistant) -> None:
    study = ended(assistant, parts=PARTS)
    assistant.jobs.forget(study.id)
    assert assistant.research.study(study.id).state is JobState.DONE
    assistant.research.forget(study.id)


def test_it_is_paused_goes_on_and_is_not_forgotten_meanwhile(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    from basicchat.service import research

    original, asked = research.Shown.again, []

    def again(shown: research.Shown) -> None:
        if not asked and shown._said[1] == 2:  # in the third step
            asked.append(assistant.jobs.pause(shown._context.job_id))
        original(shown)

    monkeypatch.setattr(research.Shown, "again", again)
    study = ended(assistant, parts=PARTS, most_sources=1)
    assert (study.state, study.done, study.report) == (JobState.PAUSED, 2, None)
    with pytest.raises(Conflict):
        assistant.research.forget(study.id)
    with pytest.raises(NotFound, match="no report yet"):
        assistant.research.export(study.id)
    before = study.steps
    assistant.research.resume(study.id)
    assistant.jobs.wait(study.id, 60)
    after = assistant.research.study(study.id)
    assert after.state is JobState.DONE
    assert after.steps[:2] == before


def test_cancelled_and_taken_up_again(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    from basicchat.service import research

    original, asked = research.Shown.again, []

    def again(shown: research.Shown) -> None:
        if not asked and shown._said[1] == 4:
            asked.append(assistant.research.cancel(shown._context.job_id))
        original(shown)

    monkeypatch.setattr(research.Shown, "again", again)
    study = ended(assistant, parts=PARTS, most_sources=1)
    assert (study.state, study.done) == (JobState.CANCELLED, 4)
    assistant.research.resume(study.id)
    assistant.jobs.wait(study.id, 60)
    assert assistant.research.study(study.id).state is JobState.DONE


def test_the_web_that_is_turned_off_is_told(assistant: Assistant) -> None:
    report = ended(assistant, parts=PARTS, web=True).report
    assert report is not None
    assert any("The web was not searched" in limit for limit in report.limits)


def test_it_does_not_show_among_files_that_are_taken_in(assistant: Assistant) -> None:
    study = ended(assistant, parts=PARTS)
    assert study.id not in {view.job.id for view in assistant.library.activity()}
    assert assistant.library.problems() == []
