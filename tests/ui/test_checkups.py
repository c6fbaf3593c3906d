"""Words for a check of the library."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from basicchat.core.types import Document, Job, JobState
from basicchat.evaluate.checkup import Answered, Checkup, OfKind, Weak
from basicchat.evaluate.summary import Difference, Figure
from basicchat.evaluate.tune import Proposal, Tried
from basicchat.ui import checkups

MADE_AT = 1_790_000_000.0
FOUND = Checkup(
    collection="default",
    made_at=MADE_AT,
    documents=3,
    passages=1200,
    questions=100,
    left_out=2,
    hits=tuple(Figure(f"hit@{depth}", value, 0, 1, 100) for depth, value in ((1, 0.83), (5, 0.96), (20, 0.99))),
    kinds=(OfKind("words", 50, 50), OfKind("forms", 50, 46)),
    seconds_p50=0.21,
    seconds_p95=0.4,
    weak=(),
    answers=Answered(30, 28, 26, 40, 38),
    choosing=50,
    reporting=50,
    tried=(Tried("now", "", 0.8, 0.9, 0.2), Tried("words-more", "let words count", 0.9, 0.9, 0.2, flattered=True)),
)
PROPOSAL = Proposal(
    "links-off",
    "not lift",
    {"links": False, "words": 0.5},
    "finds more",
    found=Difference("mrr@10", 0.8, 0.9, 0.02, 0.2, 50),
    first=Difference("hit@1", 0.7, 0.8, 0.02, 0.2, 50),
    kept=Difference("hit@5", 0.9, 0.9, 0.0, 0.0, 50),
    before=0.21,
    seconds=0.52,
    count=50,
)


def test_figures_in_plain_words() -> None:
    assert checkups.headline(FOUND) == "96 of 100 questions found their passage in the first 5."
    now = datetime.fromtimestamp(MADE_AT, tz=UTC)
    assert checkups.byline(FOUND, now=now).endswith(": 1,200 passages in 3 documents.")
    assert "of letters" in checkups.byline(replace(FOUND, collection="letters"), now=now)
    assert [card.figure for card in checkups.cards(FOUND)] == ["83 of 100", "26 of 28", "38 of 40", "0.2 s"]
    assert len(list(checkups.cards(replace(FOUND, answers=Answered(0, 0, 0, 0, 0))))) == 2
    assert checkups.details(FOUND)[0] == "99 of 100 found their passage among the first 20"
    assert checkups.details(FOUND)[-1] == "2 passages with a near-duplicate left out"


def test_what_a_proposal_gains() -> None:
    assert checkups.proposed(PROPOSAL) == "Other settings find more"
    assert checkups.proposed(replace(PROPOSAL, gain="is faster")) == "Other settings are faster"
    assert checkups.gain(PROPOSAL) == (
        "In first place: 40 of 50 instead of 35",
        "In the first 5: 45 of 50, as before",
        "A search takes: 0.5 s instead of 0.2 s",
    )
    assert checkups.in_file(PROPOSAL.changes) == "retrieve.links = false, retrieve.words = 0.5"


def test_what_is_said_where_nothing_is_proposed() -> None:
    assert "right for this library. 1 other way" in checkups.settled(FOUND)
    assert "too little" in checkups.settled(replace(FOUND, small=True))
    assert "own words" in checkups.caveat(FOUND)
    assert "qwen wrote" in checkups.caveat(replace(FOUND, model="qwen"))
    assert "let words count *" in checkups.tried_table(FOUND)
    assert "*" not in checkups.tried_table(replace(FOUND, model="qwen"))


def test_how_far_a_check_is_and_how_it_ended() -> None:
    job = Job("j", "check", "", JobState.RUNNING, stage="asking", done=3, total=9, created_at=MADE_AT + 1)
    assert checkups.progress(job) == "Asking your library: 3 of 9 questions"
    assert checkups.progress(replace(job, stage="", total=0)) == "Waiting"
    assert checkups.ended_badly(replace(job, state=JobState.CANCELLED), FOUND) == "The check was stopped."
    assert checkups.ended_badly(replace(job, state=JobState.FAILED, error="No disk."), None) == "No disk."
    assert checkups.ended_badly(replace(job, state=JobState.FAILED, created_at=MADE_AT - 1), FOUND) == ""
    assert checkups.ended_badly(job, None) == ""


def test_why_a_document_is_hard_to_find() -> None:
    document = Document("d", "default", "scans/old.pdf", "Lease", "application/pdf", "x", 1, 1, 0.0)
    assert checkups.weak(Weak("d", 3, 1), document) == "old.pdf: 1 of 3 questions found"
    assert checkups.weak(Weak("d", 0, 0), replace(document, title="old")) == "says too little to ask about"
