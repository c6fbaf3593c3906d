"""Whether what was found can hold an answer: measured before a model is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from basicchat.core.types import Hit, Passage
from basicchat.retrieve.terms import terms

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
    """Thresholds: the evidence is enough as soon as one of its measures reaches its own, and none without hits.

    On a sample of SQuAD2 (40 answerable questions over its 320 passages, default models) the lowest best logit was
    -4.8, so all 40 pass. The gate stops what is off the subject; it does not stop questions that fit a passage
    without being answered by it (20 of 20 unanswerable ones pass): those are the model's to decline.
    """

    rerank: float = -5.0
    dense: float = 0.75
    coverage: float = 0.75


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


def coverage(question: str, text: str) -> float:
    """The share of the question's content words that stand in ``text``; 1 when it has none."""
    wanted = set(terms(question))
    return len(wanted & set(terms(text))) / len(wanted) if wanted else 1.0


def enough(evidence: Evidence, gate: Gate) -> bool:
    """Whether to answer at all."""
    if evidence.rerank is not None and evidence.rerank >= gate.rerank:
        return True
    if evidence.dense is not None and evidence.dense >= gate.dense:
        return True
    return evidence.coverage >= gate.coverage


def refusal(passages: Sequence[Passage], *, documents: int) -> str:
    """What to say instead of an answer: what was searched, and what came nearest."""
    searched = "1 document" if documents == 1 else f"{documents} documents"
    if not passages:
        return f"I searched {searched} and found nothing about this."
    nearest = dict.fromkeys(
        f"{passage.document.title or passage.document.source}, page {passage.page}" for passage in passages[:3]
    )
    return f"I searched {searched}, and they do not seem to say. The nearest passages are in {'; '.join(nearest)}."
