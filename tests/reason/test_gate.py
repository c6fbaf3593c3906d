"""The gate before an answer, and the constants that come with it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.reason.evidence import LEAST_LOGIT, MOST_LOGIT, Evidence
from basicchat.reason.gate import STRICTNESSES, Fitted, Gate, Regression, between, fitted, gate_file, never_falls
from basicchat.settings import AnswerSettings, ModelSettings

shares = st.floats(0, 1)
maybe_cosine = st.none() | st.floats(-1, 1)
maybe_logit = st.none() | st.floats(LEAST_LOGIT, MOST_LOGIT)
evidence = st.builds(
    Evidence, coverage=shares, sentence=shares, dense=maybe_cosine, rerank=maybe_logit, english=st.booleans()
)
gates = st.builds(
    Gate, strictness=st.sampled_from(STRICTNESSES), same_embedder=st.booleans(), same_reranker=st.booleans()
)
each_fitted = pytest.mark.parametrize("gate", fitted(), ids=lambda gate: "+".join(sorted(gate.needs)))


@given(gates, evidence)
def test_there_is_a_probability_or_a_near_passage(gate: Gate, found: Evidence) -> None:
    probability = gate.probability(found)
    assert gate.opens(found) if probability is None else 0 <= probability <= 1


@given(gates, evidence, shares, shares, st.floats(0, 1), st.floats(0, 4))
def test_more_evidence_never_lowers_the_probability(
    gate: Gate, found: Evidence, coverage: float, sentence: float, dense: float, rerank: float
) -> None:
    more = replace(
        found,
        coverage=max(found.coverage, coverage),
        sentence=max(found.sentence, sentence),
        dense=None if found.dense is None else found.dense + dense,
        rerank=None if found.rerank is None else found.rerank + rerank,
    )
    before, after = gate.probability(found), gate.probability(more)
    assert before is None or after is None or after >= before
    assert gate.opens(more) >= gate.opens(found)


@given(gates, evidence)
def test_a_stricter_gate_never_opens_wider(gate: Gate, found: Evidence) -> None:
    strict, balanced, helpful = (replace(gate, strictness=name).opens(found) for name in STRICTNESSES)
    assert strict <= balanced <= helpful


@given(evidence, st.floats(-1, 1), st.floats(LEAST_LOGIT, MOST_LOGIT))
def test_scores_of_other_models_do_not_count(found: Evidence, dense: float, rerank: float) -> None:
    gate = Gate(same_embedder=False, same_reranker=False)
    bare = replace(found, dense=None, rerank=None)
    assert gate.probability(replace(found, rerank=rerank)) == gate.probability(found)
    assert gate.probability(replace(bare, dense=min(dense, 0.69))) == gate.probability(bare)


def test_a_near_passage_opens_where_words_tell_little() -> None:
    foreign = Evidence(coverage=0.0, dense=0.75, english=False)
    assert Gate().opens(foreign)
    assert Gate().probability(foreign) is None
    assert not Gate().opens(replace(foreign, dense=0.5))
    assert Gate(same_embedder=False).opens(replace(foreign, english=True))
    assert Gate().probability(replace(foreign, english=True)) is not None


@pytest.mark.parametrize(
    ("found", "passes"),
    [
        (Evidence(1.0, 1.0, dense=0.8, rerank=6.0), True),
        (Evidence(0.3, 0.3, dense=0.8, rerank=6.0), True),  # asked in other words
        (Evidence(0.8, 0.6, dense=0.75, rerank=-2.0), True),  # the words are there, the reranker hesitates
        (Evidence(0.4, 0.2, dense=0.5, rerank=-8.0), False),  # common words only: the reranker sees through it
        (Evidence(0.0, 0.0, dense=0.5, rerank=-8.0), False),
        (Evidence(0.0, 0.0), False),
        (Evidence(1.0, 1.0), True),
    ],
)
def test_measures_are_weighed_together(found: Evidence, passes: bool) -> None:
    assert Gate().opens(found) is passes


def test_a_regression_is_a_sigmoid() -> None:
    assert Regression({"coverage": 2.0}, -1.0).probability({"coverage": 0.5}) == 0.5
    assert Regression({"coverage": 1.0}, 0.0).probability({"coverage": -1000.0}) == 0.0
    assert Regression({}, 1000.0).probability({}) == 1.0


@given(st.lists(st.tuples(shares, shares), min_size=1, max_size=6, unique_by=lambda point: point[0]), shares)
def test_a_line_stays_between_its_points(points: list[tuple[float, float]], x: float) -> None:
    points = sorted(points)
    heights = [y for _, y in points]
    assert min(heights) - 1e-9 <= between(points, x) <= max(heights) + 1e-9
    assert all(between(points, at) == pytest.approx(y) for at, y in points)


def test_a_line_that_falls_is_seen() -> None:
    assert never_falls([(0.0, 0.1), (0.5, 0.1), (1.0, 0.2)])
    assert not never_falls([(0.0, 0.2), (0.5, 0.1)])
    assert not never_falls([(0.5, 0.1), (0.5, 0.2)])


# ---------------------------------------------------------------- what comes with the program


@each_fitted
def test_stricter_asks_for_more(gate: Fitted) -> None:
    assert list(gate.thresholds) == list(STRICTNESSES)
    assert all(stricter > looser for stricter, looser in pairwise(gate.thresholds.values()))
    assert all(0 < threshold < 1 for threshold in gate.thresholds.values())


@each_fitted
def test_every_measure_speaks_for_an_answer_and_the_line_never_falls(gate: Fitted) -> None:
    assert all(weight >= 0 for part in (gate.subject, gate.answer) for weight in part.weights.values())
    assert never_falls(gate.calibration)
    assert all(0 < share < 1 for _, share in gate.calibration)


@each_fitted
def test_rates_add_up_and_follow_the_thresholds(gate: Fitted) -> None:
    strict, balanced, helpful = (gate.measured[name] for name in STRICTNESSES)
    assert len({(each.answerable, each.unanswerable, each.off) for each in gate.measured.values()}) == 1
    assert strict.answerable >= strict.refused >= balanced.refused >= helpful.refused >= 0
    assert 0 <= strict.answered <= balanced.answered <= helpful.answered <= helpful.unanswerable
    assert 0 <= strict.strayed <= balanced.strayed <= helpful.strayed <= helpful.off


def test_the_gate_is_no_worse_than_the_one_it_replaced() -> None:
    """That one declined 2 of 120 answerable questions and 99 of 120 about something else."""
    rates = Gate().rates["balanced"]
    assert rates.refused / rates.answerable <= 2 / 120
    assert (rates.off - rates.strayed) / rates.off >= 99 / 120


def test_calibration_holds_on_articles_that_nothing_was_fitted_on() -> None:
    best = gate_file()["gates"][0]
    assert best["calibration_error"]["SQuAD2"] <= 0.05
    assert best["calibration_error"]["with questions about something else"] <= 0.05
    assert not set(gate_file()["fitted_on"]) & set(gate_file()["measured_on"])


def test_it_is_told_how_the_constants_were_made() -> None:
    made = gate_file()
    assert made["made_by"] == "python -m scripts.fit_gate"
    assert len(made["digest"]) == 64
    assert (made["embedder"], made["reranker"]) == (ModelSettings().embedder, ModelSettings().reranker)


def test_the_last_gate_needs_no_model_and_the_first_needs_all() -> None:
    assert fitted()[-1].needs <= {"coverage", "sentence"}
    assert fitted()[0].needs == {"coverage", "sentence", "dense", "rerank"}
    assert Gate().rates is fitted()[0].measured
    assert Gate(same_embedder=False, same_reranker=False).rates is fitted()[-1].measured


def test_the_rates_are_said_in_words() -> None:
    assert Gate().rates["balanced"].words.startswith("declines ")
    assert AnswerSettings().strictness == Gate().strictness
