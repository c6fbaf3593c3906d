"""Finding the passage behind an answer whose model named none, and the words of a passage that a citation quotes."""

from __future__ import annotations

from collections.abc import Sequence

from basicchat.core.spans import on_page
from basicchat.core.types import Citation, Passage
from basicchat.reason.cite import CITATION
from basicchat.reason.sentences import Sentence
from basicchat.reason.support import Grounds
from basicchat.retrieve.terms import coverage, numbers, terms

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
    """One citation a number that ``text`` uses, in order of first use.

    It quotes the sentence of the passage that supports best one of the sentences of ``text`` that carry the number,
    and all of the passage when none shares a word with them.
    """
    by_number = {passage.number: passage for passage in passages}
    grounds = Grounds(passages, question=question)
    used = dict.fromkeys(int(found.group(1)) for found in CITATION.finditer(text))
    return tuple(_cite(by_number[number], grounds.best_place(text, number)) for number in used if number in by_number)


def _cite(passage: Passage, place: Sentence | None) -> Citation:
    return quote(passage, place or Sentence(0, len(passage.text)))


def quote(passage: Passage, place: Sentence) -> Citation:
    """A citation of one piece of a passage; its offsets are those of the page."""
    start, end = on_page(passage, place.start, place.end)
    return Citation(
        number=passage.number,
        document_id=passage.document.id,
        source=passage.document.source,
        title=passage.document.title,
        page=passage.page,
        start=start,
        end=end,
        quote=passage.text[place.start : place.end],
        place=passage.place,
    )
