"""What a check of one's own library found: figures, documents that hide their text, refusals, and a proposal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from basicchat.core.types import Answer, Chunk
from basicchat.evaluate.own import Made
from basicchat.evaluate.retrieval import percentile
from basicchat.evaluate.rows import Row
from basicchat.evaluate.summary import Figure, summarise
from basicchat.evaluate.tune import Proposal, Tried
from basicchat.evaluate.wording import Kind

DEPTHS = (1, 5, 20)
"""Passages among which the right one is looked for."""
WEAK = 0.5
"""A document of which less than this share of the questions finds its passage among the first five is a weak one."""


@dataclass(frozen=True)
class Weak:
    """A document whose passages are not found, or of which none says enough to ask about (``asked`` is 0 then).

    Its title is looked up where it is shown: a document that was removed leaves no trace here.
    """

    document_id: str
    asked: int
    found: int


@dataclass(frozen=True)
class OfKind:
    """How many of the questions of a kind found their passage among the first five."""

    kind: Kind
    asked: int
    found: int


@dataclass(frozen=True)
class Answered:
    """Answers in quotes, without a model: how many of ``asked`` were ``given``, how many of those are ``cited`` right.

    Right is an answer that cites the passage that the question was made from. Of ``absent`` questions about things
    that the library does not hold, ``declined`` were refused, as they should be.
    """

    asked: int
    given: int
    cited: int
    absent: int
    declined: int


@dataclass(frozen=True)
class Checkup:
    """The whole. ``hits`` are shares with intervals at `DEPTHS`; times are seconds; ``model`` asked the questions.

    ``choosing`` and ``reporting`` count the questions of both halves. ``small`` says that the library is too small for
    settings to be compared.
    """

    collection: str
    made_at: float
    documents: int
    passages: int
    questions: int
    left_out: int
    hits: tuple[Figure, ...]
    kinds: tuple[OfKind, ...]
    seconds_p50: float
    seconds_p95: float
    weak: tuple[Weak, ...]
    answers: Answered
    choosing: int = 0
    reporting: int = 0
    tried: tuple[Tried, ...] = ()
    proposal: Proposal | None = None
    model: str = ""
    small: bool = False

    @property
    def found(self) -> int:
        """Questions whose passage is among the first five."""
        return sum(each.found for each in self.kinds)


def hits(rows: Sequence[Row]) -> tuple[Figure, ...]:
    """The share of questions whose passage is among the first 1, 5 and 20, with intervals."""
    figures = {figure.name: figure for figure in summarise(rows)}
    return tuple(figures[f"hit@{depth}"] for depth in DEPTHS)


def kinds(rows: Sequence[Row], made: Made) -> tuple[OfKind, ...]:
    """What was found by how the question was made, in the order of the first of each."""
    asked = Counter(made.kinds[row.id] for row in rows)
    found = Counter(made.kinds[row.id] for row in rows if _found(row))
    return tuple(OfKind(kind, count, found[kind]) for kind, count in asked.items())


def weak(rows: Sequence[Row], made: Made) -> tuple[Weak, ...]:
    """Documents that hide their text, the worst first: what was asked about them is not found, or nothing can be asked.

    A document that was asked about once has to fail that once, so look before you judge.
    """
    asked = Counter(row.group for row in rows)
    found = Counter(row.group for row in rows if _found(row))
    poor = [name for name, count in asked.items() if found[name] < WEAK * count]
    named = [(found[name] / asked[name], name) for name in poor] + [(1.0, name) for name in made.barren]
    return tuple(Weak(name, asked[name], found[name]) for _, name in sorted(named))


def answered(given: Sequence[tuple[Chunk, Answer]], absent: Sequence[Answer]) -> Answered:
    """Counts over answers to questions of a passage each, and to questions about what is not there."""
    there = [(chunk, answer) for chunk, answer in given if not answer.abstained]
    return Answered(
        asked=len(given),
        given=len(there),
        cited=sum(cites(answer, chunk) for chunk, answer in there),
        absent=len(absent),
        declined=sum(answer.abstained for answer in absent),
    )


def cites(answer: Answer, chunk: Chunk) -> bool:
    """Whether a citation of the answer lies in the passage, at least in part."""
    return any(
        (cited.document_id, cited.page) == (chunk.document_id, chunk.page)
        and cited.start < chunk.end
        and chunk.start < cited.end
        for cited in answer.citations
    )


def times(rows: Sequence[Row]) -> tuple[float, float]:
    """Seconds of a question: the median and the 95th percentile."""
    seconds = [row.seconds for row in rows]
    return percentile(seconds, 50), percentile(seconds, 95)


def _found(row: Row) -> bool:
    return any(rank is not None and rank <= 5 for rank in row.ranks)
