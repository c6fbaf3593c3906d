"""Refusals, risk at a coverage, calibration."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.evaluate.confidence import balanced_accuracy, calibration_error, risk_coverage, risk_coverage_area

judged = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40)


def test_both_kinds_count_the_same_however_many_there_are() -> None:
    assert balanced_accuracy([True] * 9 + [False], [False] * 9 + [True]) == 1
    assert balanced_accuracy([True] * 9 + [False], [False] * 10) == 0.5
    assert balanced_accuracy([True, True], [True, False]) == 0.5
    assert balanced_accuracy([], []) == 0


def test_risk_at_every_threshold() -> None:
    points = risk_coverage([0.9, 0.8, 0.8, 0.1], [True, False, True, False])
    assert [(point.coverage, point.risk) for point in points] == [(0.25, 0), (0.75, pytest.approx(1 / 3)), (1, 0.5)]
    assert risk_coverage_area(points) == pytest.approx(0.5 / 3 + 0.25 * 0.5)
    assert risk_coverage([], []) == ()
    assert risk_coverage_area(()) == 0


@given(judged)
def test_the_last_point_answers_all_and_the_area_is_a_share(pairs: list[tuple[float, bool]]) -> None:
    scores, right = zip(*pairs, strict=True)
    points = risk_coverage(scores, right)
    assert points[-1].coverage == 1
    assert points[-1].risk == pytest.approx(1 - sum(right) / len(right))
    assert 0 <= risk_coverage_area(points) <= 1
    assert [point.coverage for point in points] == sorted({point.coverage for point in points})


@given(st.lists(st.booleans(), min_size=1, max_size=20))
def test_sure_and_right_is_calibrated_sure_and_wrong_is_not(right: list[bool]) -> None:
    assert calibration_error([float(good) for good in right], right) == 0
    assert calibration_error([float(not good) for good in right], right) == 1


@given(judged, st.integers(1, 20))
def test_one_bin_is_the_least_error(pairs: list[tuple[float, bool]], bins: int) -> None:
    stated, right = zip(*pairs, strict=True)
    error = calibration_error(stated, right, bins=bins)
    assert calibration_error(stated, right, bins=1) <= error + 1e-9
    assert 0 <= error <= 1 + 1e-9


def test_calibration_by_hand() -> None:
    assert calibration_error([0.95, 0.95, 0.25], [True, False, False]) == pytest.approx((0.9 + 0.25) / 3)
    assert calibration_error([], []) == 0
    with pytest.raises(ValueError, match="between 0 and 1"):
        calibration_error([1.2], [True])
    with pytest.raises(ValueError, match="a bin"):
        calibration_error([0.2], [True], bins=0)
