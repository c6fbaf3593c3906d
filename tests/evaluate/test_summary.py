"""Figures of runs and differences between them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from basicchat.core.errors import InvalidInput
from basicchat.evaluate.rows import Row
from basicchat.evaluate.summary import certainty, compare, summarise, times


def row(number: int, rank: int, **more: object) -> Row:
    ranking = tuple("g" if place == rank else f"o{place}" for place in range(1, 11))
    return replace(Row(str(number), "?", ("g",), True, (), ranking, 0.1 * number), **more)  # type: ignore[arg-type]


FIRST = [row(number, 2) for number in range(40)]
SECOND = [row(number, 1 if number % 2 else 2) for number in range(40)]


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(1, 10), min_size=1, max_size=20))
def test_a_figure_lies_within_its_interval(ranks: list[int]) -> None:
    for figure in summarise([row(number, rank) for number, rank in enumerate(ranks)], resamples=50):
        assert figure.low - 1e-9 <= figure.value <= figure.high + 1e-9 or len(set(ranks)) > 1
        assert 0 <= figure.low <= figure.high <= 1
        assert figure.count == len(ranks)


def test_a_run_beside_itself_does_not_differ() -> None:
    assert all((each.difference, each.low, each.high) == (0, 0, 0) for each in compare(SECOND, SECOND))


def test_a_difference_over_pairs() -> None:
    found = {each.name: each for each in compare(FIRST, SECOND)}
    hit = found["hit@1"]
    assert (hit.first, hit.second, hit.difference, hit.count) == (0, 0.5, 0.5, 40)
    assert 0.3 < hit.low < 0.5 < hit.high < 0.7
    assert hit.clear
    assert not found["hit@5"].clear
    back = {each.name: each for each in compare(SECOND, FIRST)}["hit@1"]
    assert (back.low, back.high) == pytest.approx((-hit.high, -hit.low))


def test_the_same_seed_gives_the_same_interval() -> None:
    assert compare(FIRST, SECOND) == compare(FIRST, SECOND)
    assert summarise(SECOND, seed=3) == summarise(SECOND, seed=3)


def test_only_questions_of_both_runs_count() -> None:
    found = compare(FIRST[:10], SECOND[5:])
    assert {each.count for each in found} == {5}
    with pytest.raises(InvalidInput, match="share no question"):
        compare(FIRST[:5], SECOND[5:])


def test_balanced_accuracy_counts_both_kinds_alike() -> None:
    rows = [row(number, 1, answer="a", refused=number == 0) for number in range(8)]
    rows += [row(number, 1, answerable=False, answer="", refused=number == 8) for number in (8, 9)]
    found = {figure.name: figure for figure in summarise(rows)}
    assert found["balanced"].value == pytest.approx((7 / 8 + 1 / 2) / 2)
    assert found["balanced"].count == 10


def test_confidence_is_of_hits_in_a_search_and_of_right_answers_else() -> None:
    sure = certainty([row(1, 1, confidence=0.9), row(2, 2, confidence=0.2), row(3, 1)])
    assert sure is not None
    assert (sure.of, sure.count) == ("hit@1", 2)
    assert sure.calibration_error == pytest.approx((0.1 + 0.2) / 2)
    assert sure.risk_coverage_area == pytest.approx(0.25)
    answered = certainty([row(1, 2, confidence=0.9, answers=(("x",),), answer="x")])
    assert answered is not None
    assert (answered.of, answered.risk_coverage_area) == ("right", 0)
    assert certainty(FIRST) is None


def test_times_by_nearest_rank() -> None:
    assert times([row(number, 1) for number in range(1, 11)]) == {"seconds_p50": 0.5, "seconds_p95": 1.0}
