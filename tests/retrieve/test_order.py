from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from basicchat.core.types import Passage, Query
from basicchat.retrieve.order import arranged
from basicchat.testing.contracts.store_values import make_document


def passages(count: int) -> list[Passage]:
    return [Passage(n + 1, make_document(1), 1, n, n + 1, "x", (f"c{n}",), 1.0 - n / 100) for n in range(count)]


def starts(found: tuple[Passage, ...]) -> list[int]:
    return [each.start for each in found]


def test_the_best_stand_outside_and_the_worst_between():
    assert starts(arranged(passages(5), "best-outside")) == [0, 2, 4, 3, 1]
    assert starts(arranged(passages(4), "best-outside")) == [0, 2, 3, 1]
    assert starts(arranged(passages(4), "best-first")) == [0, 1, 2, 3]
    assert arranged([], "best-outside") == ()


@given(st.integers(0, 30))
def test_none_is_lost_and_numbers_count_from_one(count):
    found = arranged(passages(count), "best-outside")
    assert sorted(starts(found)) == list(range(count))
    assert [each.number for each in found] == list(range(1, count + 1))


def test_a_prompt_can_be_ordered_so(towers):
    hits = towers.retriever().search(Query("tower", top_k=4)).hits
    plain = towers.retriever(widen=0).passages(hits, budget=1_000, count=len)
    outside = towers.retriever(widen=0, order="best-outside").passages(hits, budget=1_000, count=len)
    assert {each.text for each in plain} == {each.text for each in outside}
    assert outside[0].text == plain[0].text
    if len(plain) > 1:
        assert outside[-1].text == plain[1].text
