"""The summary of a report: what its sections found, joined by a model and checked, or the first finding of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from basicchat.core.errors import BasicChatError, Cancelled, DependencyMissing, StoreError
from basicchat.core.research import Paragraph
from basicchat.core.types import Document, Passage
from basicchat.reason.cite import CITATION
from basicchat.reason.claims import claims
from basicchat.reason.generate import Reply
from basicchat.reason.prompts import answering
from basicchat.reason.research.desk import Place
from basicchat.reason.research.read import borne_out, timed
from basicchat.reason.steps import Manner
from basicchat.reason.support import Grounds

SUMMARY_TOKENS = 192
MOST_FINDINGS = 8
LONGEST = 320  # characters of a finding that the model reads
LISTED = 6  # findings that stand for a summary where no model wrote one


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence of a section without its numbers, and which citations of which paragraph it carries."""

    text: str
    section: int
    paragraph: int
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary whose numbers are places in ``findings``, from 1. ``remark`` says why no model wrote it."""

    text: str
    findings: tuple[Finding, ...]
    left_out: tuple[str, ...] = ()
    remark: str = ""


def findings_of(sections: Sequence[Sequence[Paragraph]]) -> tuple[Finding, ...]:
    """At most `MOST_FINDINGS` cited sentences: the first of every section's paragraphs in turn, each text once."""
    rounds: list[tuple[int, int, Finding]] = []
    for at, paragraphs in enumerate(sections):
        for place, paragraph in enumerate(paragraphs):
            cited = [claim for claim in claims(paragraph.text) if claim.numbers]
            for turn, claim in enumerate(cited[:2]):
                found = Finding(claim.text[:LONGEST], at, place, claim.numbers)
                rounds.append((turn * len(paragraphs) + place, at, found))
    ordered = [finding for _, _, finding in sorted(rounds, key=lambda each: each[:2])]
    return tuple({finding.text: finding for finding in reversed(ordered)}.values())[::-1][:MOST_FINDINGS]


def summarised(place: Place, findings: tuple[Finding, ...], *, model: bool) -> Summary:
    """A few sentences that answer the question from the findings. Every sentence is checked against them."""
    if not findings or not model:
        return listed(findings)
    try:
        return _written(place, findings)
    except (Cancelled, StoreError):
        raise
    except BasicChatError as error:
        return listed(findings, remark=f"The summary was not written by the model: {error}")


def listed(findings: tuple[Finding, ...], *, remark: str = "", left_out: tuple[str, ...] = ()) -> Summary:
    """The first findings, a line each."""
    lines = [f"- {each.text} [{number}]" for number, each in enumerate(findings[:LISTED], start=1)]
    return Summary("\n".join(lines), findings, left_out, remark)


def _written(place: Place, findings: tuple[Finding, ...]) -> Summary:
    model = place.task.model
    if model is None:
        raise DependencyMissing("A chat model", hint="Fetch one with: basicchat models pull")
    question = place.task.request.question
    passages = _passages(findings)
    messages = answering.messages(question, passages)
    text = place.finished(place.steps.say(model, messages, Manner(SUMMARY_TOKENS)))
    grounds = Grounds(passages, question=question)
    reply = Reply(len(passages), settle=grounds.settle)
    reply.feed(text)
    reply.close()
    if reply.declined:
        return listed(findings, remark="The model found no summary in the findings.")
    kept, _, left_out = borne_out(reply.text, passages, question=question, score=timed(place))
    if not CITATION.search(kept):
        return listed(findings, remark="Nothing of the model's summary is borne out.", left_out=left_out)
    return Summary(kept, findings, left_out)


def _passages(findings: Sequence[Finding]) -> tuple[Passage, ...]:
    """The findings as passages of a document of their own, numbered from 1."""
    document = Document("", "", "findings", "Findings", "text/plain", "", 1, 0, 0.0)
    return tuple(
        Passage(number, document, number, 0, len(each.text), each.text, (), 0.0)
        for number, each in enumerate(findings, start=1)
    )
