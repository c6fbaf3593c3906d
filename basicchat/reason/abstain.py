"""Whether what was found can hold an answer: measured before a model is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from basicchat.core.place import where
from basicchat.core.types import Hit, Passage
from basicchat.retrieve.terms import coverage

LOOKED_AT = 5  # hits; an answer that is not in the first few is not going to be in the prompt either


@dataclass(frozen=True)
class Evidence:
    """How well the best hits fit the question.

    ``rerank`` is the best logit and ``dense`` the best cosine, None where nothing was measured. ``coverage`` is the
    share of the question's content words that stand in one of the best hits, 1 for a question without any.
    """

    rerank: float | None
    dense: float | None
    coverage: float


@dataclass(frozen=True)
class Gate:
    """Thresholds, in logits of the reranker, cosines, and shares of words. See `enough` for what each is for.

    ``word_logits`` is what full coverage is worth in logits: the ratio of the two weights of a logistic regression
    (answerable against off the subject, over ``rerank`` and ``coverage``). The other constants were chosen on the
    fitting half of ``benchmarks/abstention.py`` so that at most 5 of its 120 answerable questions are declined.
    On its other half, 120 questions of each kind, four articles of SQuAD2 (seen while forms of the gate were
    compared, so development figures, not held-out ones):

    - default models: declined 2 answerable, 99 off the subject, 2 unanswerable ones;
    - the same without a reranker: 2 answerable, 79 off the subject, 3 unanswerable;
    - the fake profile, which knows words only: 3 answerable, 77 off the subject, 5 unanswerable.

    So the gate stops most of what is off the subject. It does not stop questions that fit a passage without being
    answered by it (SQuAD2's unanswerable ones): those are the model's to decline. ``dense`` is for the default
    embedder; one whose cosines are all higher makes the gate without a reranker open wider, never narrower.
    """

    coverage: float = 0.4
    rerank: float = -1.0
    dense: float = 0.7
    word_logits: float = 3.35
    least: float = -4.0


def measure(question: str, hits: Sequence[Hit]) -> Evidence:
    """The evidence of the first `LOOKED_AT` hits."""
    head = hits[:LOOKED_AT]
    logits = [hit.scores["rerank"] for hit in head if "rerank" in hit.scores]
    cosines = [hit.scores["dense"] for hit in head if "dense" in hit.scores]
    return Evidence(
        rerank=max(logits, default=None),
        dense=max(cosines, default=None),
        coverage=max((coverage(question, hit.chunk.text) for hit in head), default=0.0),
    )


def enough(evidence: Evidence, gate: Gate) -> bool:
    """Whether to answer at all.

    With a logit: the hits share enough of the question's words or the reranker likes one of them, and both measures
    together are not too low. Without one: they share enough of the words, or are near in meaning.
    """
    worded = evidence.coverage >= gate.coverage
    if evidence.rerank is None:
        return worded or (evidence.dense is not None and evidence.dense >= gate.dense)
    together = evidence.rerank + gate.word_logits * evidence.coverage
    return together >= gate.least and (worded or evidence.rerank >= gate.rerank)


def refusal(passages: Sequence[Passage], *, documents: int) -> str:
    """What to say instead of an answer: what was searched, and what came nearest."""
    searched = "1 document" if documents == 1 else f"{documents} documents"
    if not passages:
        return f"I searched {searched} and found nothing about this."
    nearest = dict.fromkeys(
        f"{passage.document.title or passage.document.source}, {where(passage.place, passage.page)}"
        for passage in passages[:3]
    )
    return f"I searched {searched}, and they do not seem to say. The nearest passages are in {'; '.join(nearest)}."
