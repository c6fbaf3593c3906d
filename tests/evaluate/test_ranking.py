"""Our measures of a ranking agree with ir-measures."""

from __future__ import annotations

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import RR, R, Success, nDCG

from basicchat.evaluate.ranking import all_gold, hit, ndcg, recall, reciprocal_rank

names = st.sampled_from([f"d{number}" for number in range(15)])
rankings = st.lists(names, unique=True)
judgements = st.dictionaries(names, st.integers(0, 3), min_size=1).filter(lambda grades: any(grades.values()))


@given(rankings, judgements)
def test_measures_agree_with_ir_measures(ranking: list[str], grades: dict[str, int]) -> None:
    measures = [nDCG @ 10, R @ 10, R @ 100, RR @ 10, Success @ 1, Success @ 5]
    run = {"q": {name: float(len(ranking) - place) for place, name in enumerate(ranking)}} if ranking else {}
    theirs = ir_measures.calc_aggregate(measures, {"q": grades}, run)
    assert ndcg(ranking, grades, k=10) == pytest.approx(theirs[nDCG @ 10])
    assert recall(ranking, grades, k=10) == pytest.approx(theirs[R @ 10])
    assert recall(ranking, grades, k=100) == pytest.approx(theirs[R @ 100])
    assert reciprocal_rank(ranking, grades, k=10) == pytest.approx(theirs[RR @ 10])
    assert hit(ranking, grades, k=1) == pytest.approx(theirs[Success @ 1])
    assert hit(ranking, grades, k=5) == pytest.approx(theirs[Success @ 5])


@given(rankings, judgements, st.integers(1, 12))
def test_all_gold_is_full_recall_and_never_more_than_a_hit(ranking: list[str], grades: dict[str, int], k: int) -> None:
    assert all_gold(ranking, grades, k=k) == float(recall(ranking, grades, k=k) == 1)
    assert all_gold(ranking, grades, k=k) <= hit(ranking, grades, k=k)
    assert hit(ranking, grades, k=k) <= hit(ranking, grades, k=k + 1)


def test_nothing_is_relevant() -> None:
    for measure in (all_gold, hit, ndcg, recall, reciprocal_rank):
        assert measure(["a"], {"a": 0}, k=5) == 0
