"""Checking a library: real parts of the fake profile, and a search that is made worse on purpose."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from basicchat import bootstrap
from basicchat.bootstrap import quality
from basicchat.core.errors import Cancelled, NotFound
from basicchat.core.types import JobState, Progress
from basicchat.evaluate.checkup import cites
from basicchat.service.assistant import Assistant
from basicchat.service.quality import Wish
from basicchat.settings import RetrieveSettings, Settings

SUBJECTS = ("ferry", "bakery", "orchard", "quarry", "library", "brewery", "chapel", "mill")


def write_notes(folder: Path) -> None:
    """Eight notes of five parts with words of their own, and one that says nothing."""
    draw = random.Random(5)  # noqa: S311 - no secret
    letters = "abcdefghiklmnoprstuvwz"
    for subject in SUBJECTS:
        parts = []
        for number in range(5):
            words = [["".join(draw.choice(letters) for _ in range(7)) for _ in range(14)] for _ in range(14)]
            told = " ".join(f"Of the {subject} in year {number} {' '.join(each)} were kept." for each in words)
            parts.append(f"# Part {number}\n\n{told}\n")
        (folder / f"{subject}.md").write_text("\n".join(parts), encoding="utf-8")
    (folder / "empty.md").write_text("It is so.\n", encoding="utf-8")


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    write_notes(folder)
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A search by what the pretend embedder takes for meaning: it mixes up words that it has never seen."""
    return Settings(home=tmp_path / "home", profile="fake", retrieve=RetrieveSettings(fusion="meaning", rerank_top=0))


@pytest.fixture
def assistant(settings: Settings, notes: Path) -> Iterator[Assistant]:
    with bootstrap.open_assistant(settings) as opened:
        opened.ingest([notes])
        yield opened


def unheard(_: Progress) -> None:
    """Nobody listens."""


def test_figures_refusals_and_what_hides_its_text(assistant: Assistant) -> None:
    heard: list[Progress] = []
    checked = assistant.quality.check(Wish(count=40), heard.append)
    found = checked.checkup
    assert (found.documents, found.questions, len(checked.rows)) == (9, 40, 40)
    assert [figure.name for figure in found.hits] == ["hit@1", "hit@5", "hit@20"]
    assert found.hits[0].value <= found.hits[1].value <= found.hits[2].value
    assert {kind.kind for kind in found.kinds} == {"words", "fewer", "forms", "around"}
    assert found.found == sum(rank is not None and rank <= 5 for row in checked.rows for rank in row.ranks)
    assert 35 < found.answers.absent <= 40
    assert found.answers.declined > 20
    assert 0 < found.answers.cited <= found.answers.given <= found.answers.asked == 30
    thin = [each for each in found.weak if not each.asked]
    assert [assistant.library.document(each.document_id).source.endswith("empty.md") for each in thin] == [True]
    assert found.choosing + found.reporting == 40
    assert len(found.tried) > 5
    assert heard[-1].done <= heard[-1].total
    assert assistant.quality.last() == found


def test_the_last_check_holds_no_text(assistant: Assistant, settings: Settings) -> None:
    checked = assistant.quality.check(Wish(count=8), unheard)
    kept = (settings.home / "fake" / "quality.json").read_text(encoding="utf-8")
    assert not any(word in kept for row in checked.rows for word in row.question.split() if len(word) == 7)
    assert "ferry" not in kept


def test_a_check_is_a_job_and_can_be_stopped(assistant: Assistant) -> None:
    job = assistant.quality.submit(count=8)
    assert assistant.jobs.wait(job.id, 120).state is JobState.DONE
    assert assistant.quality.job() is not None
    kept = assistant.quality.last()
    assert kept is not None

    def stop(_: Progress) -> None:
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        assistant.quality.check(Wish(count=8), stop)
    assert assistant.quality.last() == kept


def test_an_empty_collection_and_a_model_that_is_not_there(assistant: Assistant) -> None:
    with pytest.raises(NotFound, match="no passages"):
        assistant.quality.check(Wish("elsewhere"), unheard)
    with pytest.raises(NotFound):
        assistant.quality.check(Wish(model="nobody"), unheard)


def test_a_citation_lies_in_the_passage(assistant: Assistant) -> None:
    chunk = assistant.library.chunks(assistant.library.documents()[1].id)[0]
    answer = assistant.ask(chunk.text[:80], mode="extractive")
    other = assistant.library.chunks(assistant.library.documents()[2].id)[0]
    assert cites(answer, chunk)
    assert not cites(answer, other)


def test_a_better_setting_is_found_applied_and_undone(assistant: Assistant, settings: Settings) -> None:
    found = assistant.quality.check(Wish(count=40), unheard).checkup
    proposal = found.proposal
    assert proposal is not None
    assert proposal.gain == "finds more"
    assert proposal.found.low > 0
    applied = quality.apply(settings, proposal.changes)
    assert quality.applied(settings) == applied
    assert quality.undo(settings) == applied
    assert quality.applied(settings) is None
