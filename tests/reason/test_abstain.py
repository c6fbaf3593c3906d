"""The gate before the model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.core.types import Chunk, Document, Hit
from basicchat.reason.abstain import Evidence, Gate, enough, measure, refusal

from .conftest import DOCUMENT, passage


def hit(text: str, **scores: float) -> Hit:
    return Hit(Chunk(text, "d", 0, 1, 0, len(text), text), DOCUMENT, 1.0, scores)


def test_evidence_is_the_best_of_the_first_hits() -> None:
    hits = [hit("a tower of steel", dense=0.5, rerank=-3.0), hit("a wooden tower", dense=0.7, lexical=2.0)]
    assert measure("Which tower is wooden?", hits) == Evidence(rerank=-3.0, dense=0.7, coverage=1.0)


def test_without_hits_there_is_no_evidence() -> None:
    assert measure("Which tower?", []) == Evidence(rerank=None, dense=None, coverage=0.0)
    assert not enough(measure("Which tower?", []), Gate())


@pytest.mark.parametrize(
    ("evidence", "passes"),
    [
        (Evidence(rerank=6.0, dense=0.5, coverage=0.0), True),  # asked in other words
        (Evidence(rerank=-2.0, dense=0.6, coverage=0.6), True),  # the words are there, the reranker hesitates
        (Evidence(rerank=-9.0, dense=0.6, coverage=0.6), False),  # common words only: the reranker sees through it
        (Evidence(rerank=-3.0, dense=0.8, coverage=0.2), False),  # near in meaning, and no more
        (Evidence(rerank=-6.0, dense=0.2, coverage=0.0), False),  # nothing at all, as the fake parts measure it
        (Evidence(rerank=None, dense=0.8, coverage=0.0), True),
        (Evidence(rerank=None, dense=0.5, coverage=0.5), True),
        (Evidence(rerank=None, dense=0.6, coverage=0.2), False),
        (Evidence(rerank=None, dense=None, coverage=0.5), True),
        (Evidence(rerank=None, dense=None, coverage=0.0), False),
    ],
)
def test_measures_are_weighed_together(evidence: Evidence, passes: bool) -> None:
    assert enough(evidence, Gate()) is passes


measures = st.floats(-12, 12)


@given(measures, st.floats(0, 1), measures, st.floats(0, 1))
def test_more_evidence_never_closes_the_gate(
    rerank: float, coverage: float, other: float, other_coverage: float
) -> None:
    low = Evidence(min(rerank, other), None, min(coverage, other_coverage))
    high = Evidence(max(rerank, other), None, max(coverage, other_coverage))
    assert enough(high, Gate()) >= enough(low, Gate())


def test_the_refusal_names_what_was_searched_and_the_nearest() -> None:
    other = Document("e", "default", "b.txt", "", "text/plain", "e", 1, 1, 0.0)
    text = refusal([passage(1, "x", page=4), passage(2, "y", document=other)], documents=2)
    assert "2 documents" in text
    assert "The report, page 4; b.txt, page 1" in text
    assert "found nothing" in refusal([], documents=1)
