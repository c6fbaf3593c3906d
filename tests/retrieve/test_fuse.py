"""Reciprocal rank fusion."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.retrieve.fuse import RRF_K, reciprocal_rank_fusion

ids = st.text(alphabet="abcdef", min_size=1, max_size=2)
rankings = st.lists(st.lists(ids, unique=True), max_size=4)


def test_a_chunk_earns_from_every_ranking_that_holds_it() -> None:
    fused = dict(reciprocal_rank_fusion([["a", "b"], ["b"]]))
    assert fused["a"] == pytest.approx(1 / (RRF_K + 1))
    assert fused["b"] == pytest.approx(1 / (RRF_K + 2) + 1 / (RRF_K + 1))


def test_ties_go_to_the_smaller_id() -> None:
    assert [name for name, _ in reciprocal_rank_fusion([["b"], ["a"]])] == ["a", "b"]


@given(rankings)
def test_every_chunk_comes_out_once_best_first(given_rankings: list[list[str]]) -> None:
    fused = reciprocal_rank_fusion(given_rankings)
    assert {name for name, _ in fused} == {name for ranking in given_rankings for name in ranking}
    assert len({name for name, _ in fused}) == len(fused)
    assert [score for _, score in fused] == sorted((score for _, score in fused), reverse=True)


@given(rankings, st.randoms())
def test_the_order_of_the_rankings_does_not_matter(given_rankings: list[list[str]], random: object) -> None:
    shuffled = list(given_rankings)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = reciprocal_rank_fusion(given_rankings), reciprocal_rank_fusion(shuffled)
    assert dict(first) == pytest.approx(dict(second))


@given(st.lists(ids, unique=True))
def test_one_ranking_keeps_its_order(ranking: list[str]) -> None:
    assert [name for name, _ in reciprocal_rank_fusion([ranking])] == ranking
