"""Finding the passage behind an answer whose model named none, and the words of a passage that a citation quotes."""

from __future__ import annotations

from collections.abc import Sequence

from basicchat.core.types import Citation, Passage
from basicchat.reason.abstain import coverage
from basicchat.reason.cite import CITATION
from basicchat.reason.sentences import Sentence, sentences
from basicchat.retrieve.terms import numbers, terms

CLEARLY_SUPPORTED = 0.75  # share of the answer's content words that stand in the passage


def supporting(answer: str, passages: Sequence[Passage], *, question: str) -> Passage | None:
    """The passage that clearly holds the whole answer, None when there is none.

    It must hold every number and `CLEARLY_SUPPORTED` of the content words that the answer adds to the question.
    Of several the one that has most of the answer is taken, then of the question, then the first.
    """
    added = set(terms(answer)) - set(terms(question)) or set(terms(answer))
    if not added:
        return None
    able: list[tuple[float, float, int, Passage]] = []
    for passage in passages:
        held = set(terms(passage.text))
        share = len(added & held) / len(added)
        if share >= CLEARLY_SUPPORTED and numbers(answer) <= held | numbers(question):
            able.append((-share, -coverage(question, passage.text), passage.number, passage))
    return min(able, key=lambda entry: entry[:3])[-1] if able else None


def citations(text: str, passages: Sequence[Passage], *, question: str) -> tuple[Citation, ...]:
    """One citation a number that ``text`` uses, in order of first use, quoting the sentence nearest to the claim."""
    by_number = {passage.number: passage for passage in passages}
    used = dict.fromkeys(int(found.group(1)) for found in CITATION.finditer(text))
    return tuple(
        cite(by_number[number], claim=f"{_claims(text, number)} {question}") for number in used if number in by_number
    )


def cite(passage: Passage, *, claim: str) -> Citation:
    """A citation of the sentence of ``passage`` that shares most with ``claim``; of all of it when none does."""
    wanted = set(terms(claim))
    places = sentences(passage.text)
    shared = [len(wanted & set(terms(passage.text[place.start : place.end]))) for place in places]
    most = max(shared, default=0)
    return quote(passage, places[shared.index(most)] if most else Sentence(0, len(passage.text)))


def quote(passage: Passage, place: Sentence) -> Citation:
    """A citation of one piece of a passage; its offsets are those of the page."""
    return Citation(
        number=passage.number,
        document_id=passage.document.id,
        source=passage.document.source,
        title=passage.document.title,
        page=passage.page,
        start=passage.start + place.start,
        end=passage.start + place.end,
        quote=passage.text[place.start : place.end],
    )


def _claims(text: str, number: int) -> str:
    """The sentences of an answer that carry a number."""
    mark = f"[{number}]"
    parts = text.split(mark)[:-1]
    return " ".join(part[-300:].rsplit("\n", 1)[-1] for part in parts)
