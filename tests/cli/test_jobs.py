"""``basicchat jobs``, in this process: the library is not open elsewhere, and its jobs are durable."""

from __future__ import annotations

from pathlib import Path

import pytest
from reportlab.pdfgen import canvas

from basicchat import bootstrap, settings
from basicchat.core.types import JobState
from basicchat.service.assistant import Assistant


@pytest.fixture
def cli(cli, monkeypatch, tmp_path, engine_file):
    monkeypatch.setenv("BASICCHAT_JOBS__ENGINE", "durable")
    folder = tmp_path / "home" / "fake" / "jobs"
    folder.mkdir(parents=True)
    (folder / "engine.sqlite").write_bytes(engine_file.read_bytes())
    return cli


@pytest.fixture
def opened(cli, tmp_path):
    """Opens the library as a page would."""

    def assistant() -> Assistant:
        return bootstrap.open_assistant(settings.load(home=tmp_path / "home", profile="fake"))

    return assistant


@pytest.fixture
def ended(opened, notes: Path) -> str:
    """The id of a job that took in one of two files."""
    (notes / "ferry.md").unlink()
    (notes / "bad.pdf").write_bytes(b"%PDF-1.7\nnothing follows")
    with opened() as assistant:
        job = assistant.library.submit([notes])
        assert assistant.jobs.wait(job.id, 60).state is JobState.DONE
    return job.id


@pytest.fixture
def waiting(opened, notes: Path) -> str:
    """The id of a job that was submitted in a program that ended."""
    with opened() as assistant:
        job = assistant.library.submit([notes])
        assistant.jobs.pause(job.id)
        assistant.jobs.wait(job.id, 60)
        return job.id


def test_nothing_to_list(cli):
    assert "There are no jobs." in cli("jobs", "list").err
    assert cli("jobs", "list", "--json").document == {"jobs": []}
    assert "Every file could be taken in." in cli("jobs", "list", "--problems").err


def test_list_and_show(cli, ended):
    ran = cli("jobs", "list")
    assert ran.code == 0
    assert ended[:8] in ran.out
    assert "done" in ran.out
    (job,) = cli("jobs", "list", "--json").document["jobs"]
    assert (job["id"], job["state"], job["title"]) == (ended, "done", "notes")
    ran = cli("jobs", "show", ended[:6])
    assert "2 of 2 files, 1 failed" in ran.out
    assert "failed  bad.pdf" in ran.out
    view = cli("jobs", "show", ended, "--json").document
    assert [(file["name"], file["status"]) for file in view["files"]] == [("bad.pdf", "failed"), ("bread.txt", "done")]


def test_what_failed_is_listed_and_tried_again(cli, ended, notes):
    (problem,) = cli("jobs", "list", "--problems", "--json").document["problems"]
    assert (problem["job"], problem["file"], problem["name"]) == (ended, 1, "bad.pdf")
    assert "bad.pdf" in cli("jobs", "list", "--problems").out
    ran = cli("jobs", "retry", ended[:8])
    assert ran.code == 2
    assert "failed  bad.pdf" in ran.out
    drawn = canvas.Canvas(str(notes / "bad.pdf"))
    drawn.drawString(72, 700, "Now it is whole.")
    drawn.save()
    ran = cli("jobs", "retry", ended[:8], "--file", "1", "--json")
    assert (ran.code, ran.document["files"][0]["status"]) == (0, "done")
    assert cli("jobs", "list", "--problems", "--json").document == {"problems": []}


def test_dismiss(cli, ended):
    assert cli("jobs", "dismiss", ended, "--json").document == {"dismissed": [ended]}
    assert cli("jobs", "list", "--json").document == {"jobs": []}


def test_a_job_that_waits_is_paused_cancelled_and_goes_on(cli, waiting):
    assert "paused" in cli("jobs", "show", waiting).out
    assert cli("jobs", "dismiss", waiting).code == 2
    (job,) = cli("jobs", "cancel", waiting, "--json").document["jobs"]
    assert job["state"] == "cancelled"
    (job,) = cli("jobs", "pause", waiting, "--json").document["jobs"]
    assert job["state"] == "cancelled"
    ran = cli("jobs", "resume", waiting)
    assert (ran.code, "2 of 2 files" in ran.out) == (0, True)
    assert len(cli("library", "list", "--json").document["documents"]) == 2


def test_a_job_is_named_by_the_beginning_of_its_id(cli, ended):
    assert cli("jobs", "show", "none").code == 2
    assert "basicchat jobs list" in cli("jobs", "show", "none").err
    cli("jobs", "retry", ended)
    ran = cli("jobs", "show", "")
    assert ran.code == 2
    assert "2 jobs begin with" in ran.err
