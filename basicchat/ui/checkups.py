"""Words for a check of the library. Pure: no Streamlit here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from basicchat.bootstrap import settings_file
from basicchat.core.types import DEFAULT_COLLECTION, Document, Job, JobState
from basicchat.evaluate.checkup import Checkup, Weak
from basicchat.evaluate.summary import Difference
from basicchat.evaluate.tune import Changes, Proposal
from basicchat.ui import render
from basicchat.ui.text import shorten

STAGES = {
    "": "Waiting",
    "making questions": "Making questions",
    "writing questions": "The model writes questions",
    "asking": "Asking your library",
    "trying other settings": "Trying other settings",
    "answering": "Seeing what it answers and what it refuses",
}
"""What a check is at, as people call it."""

KINDS = {
    "words": "in the words of a sentence",
    "fewer": "with some of these words left out",
    "forms": "with the words in other forms",
    "around": "in words of several sentences",
    "asked": "as the model asked them",
}
"""How questions were made."""


@dataclass(frozen=True)
class Card:
    """A figure and what it says."""

    figure: str
    words: str


def headline(found: Checkup) -> str:
    """The one sentence that says how it went."""
    return f"{found.found:,} of {render.count(found.questions, 'question')} found their passage in the first 5."


def byline(found: Checkup, *, now: datetime) -> str:
    """What was checked, and when."""
    shelf = "" if found.collection == DEFAULT_COLLECTION else f" of {found.collection}"
    held = f"{render.count(found.passages, 'passage')} in {render.count(found.documents, 'document')}{shelf}"
    return f"Checked {render.when(found.made_at, now=now)}: {held}."


def cards(found: Checkup) -> Iterator[Card]:
    """The figures side by side."""
    yield Card(f"{first(found):,} of {found.questions:,}", "questions had their passage in first place")
    answers = found.answers
    if answers.given:
        yield Card(f"{answers.cited} of {answers.given}", "answers cite the passage that the question is from")
    if answers.absent:
        yield Card(
            f"{answers.declined} of {answers.absent}", "questions about other things were refused, as they should"
        )
    within = render.seconds(found.seconds_p95)
    yield Card(render.seconds(found.seconds_p50), f"for a search; 95 of 100 take {within} at most")


def first(found: Checkup) -> int:
    """Questions whose passage stood first."""
    return round(found.hits[0].value * found.hits[0].count)


def deep(found: Checkup) -> str:
    """How many found it at all."""
    among = round(found.hits[-1].value * found.hits[-1].count)
    return f"{among:,} of {found.questions:,} found their passage among the first 20"


def progress(job: Job) -> str:
    """One line about a check that goes on."""
    stage = STAGES.get(job.stage, job.stage)
    return f"{stage}: {job.done:,} of {render.count(job.total, 'question')}" if job.total else stage


def ended_badly(job: Job, last: Checkup | None) -> str:
    """What to say of a check that did not come to its end, empty where a later one did or it goes on."""
    if last is not None and last.made_at > job.created_at:
        return ""
    if job.state is JobState.FAILED:
        return job.error or "The check failed."
    return "The check was stopped." if job.state is JobState.CANCELLED else ""


def weak(each: Weak, document: Document) -> str:
    """Why a document stands among those that hide their text, and its file where the title does not say it."""
    file = document.source.replace("\\", "/").rsplit("/", 1)[-1]
    named = "" if file.rsplit(".", 1)[0] == document.title else f"{shorten(file, 40)}: "
    if not each.asked:
        return f"{named}says too little to ask about"
    return f"{named}{each.found} of {render.count(each.asked, 'question')} found"


def proposed(proposal: Proposal) -> str:
    """The title of a proposal."""
    return "Other settings find more" if proposal.gain == "finds more" else "Other settings are faster"


def gain(proposal: Proposal) -> tuple[str, ...]:
    """What a proposal gained, a line a figure."""
    count = proposal.count
    before, after = render.seconds(proposal.before), render.seconds(proposal.seconds)
    return (
        f"In first place: {_change(proposal.first, count)}",
        f"In the first 5: {_change(proposal.kept, count)}",
        f"A search takes: {before}, as before" if before == after else f"A search takes: {after} instead of {before}",
    )


def _change(difference: Difference, count: int) -> str:
    before, after = round(difference.first * count), round(difference.second * count)
    return f"{after} of {count}, as before" if before == after else f"{after} of {count} instead of {before}"


def in_file(changes: Changes) -> str:
    """Settings as the file has them."""
    return ", ".join(f"retrieve.{name} = {settings_file.written(value)}" for name, value in changes.items())


def settled(found: Checkup) -> str:
    """What to say where nothing is proposed."""
    if found.small:
        return "There is too little in this library to compare settings. Add documents and check again."
    ways = len(found.tried) - 1
    return f"Your settings are right for this library. {render.count(ways, 'other way')} to search were tried."


def caveat(found: Checkup) -> str:
    """What the figures cannot tell."""
    if found.model:
        return (
            f"{found.model} wrote the questions, each from one passage. People who have never read your documents ask "
            "in other words, so expect a little less."
        )
    return (
        "Questions are made of the passages' own words, so people who ask in other words will find less. What the "
        "figures do tell: whether something is hidden from search, and whether a setting changes anything."
    )


def details(found: Checkup) -> tuple[str, ...]:
    """Further figures, a line each."""
    kinds = (f"{kind.found} of {kind.asked} found {KINDS.get(kind.kind, kind.kind)}" for kind in found.kinds)
    alike = f"{render.count(found.left_out, 'passage')} with a near-duplicate left out"
    return (deep(found), *kinds, *([alike] if found.left_out else []))


def tried_table(found: Checkup) -> str:
    """Every way that was tried, as a Markdown table."""
    rows = ["| Search | Rank | In the first 5 | Time |", "|---|---|---|---|"]
    for each in found.tried:
        words = "as it is set now" if each.name == "now" else each.words
        mark = " *" if each.flattered and not found.model else ""
        took = render.seconds(each.seconds)
        rows.append(f"| {words}{mark} | {each.by:.2f} | {each.kept:.2f} | {took} |")
    return "\n".join(rows)
