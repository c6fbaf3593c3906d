"""The reranker's logits are added to the scores; every hit is kept once."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from basicchat.core.types import Chunk, Document, Hit
from basicchat.retrieve.rerank import READ_CHARACTERS, rerank

DOCUMENT = Document("d", "default", "d.txt", "d", "text/plain", "d", 1, 1, 0.0)


class FixedReranker:
    """Gives prepared logits, as many as there are, and remembers what it read."""

    name = "fixed"

    def __init__(self, logits: Sequence[float]) -> None:
        self.logits = list(logits)
        self.read: list[str] = []

    def score(self, query: str, passages: Sequence[str], *, deadline: float | None = None) -> list[float]:
        self.read = list(passages)
        return self.logits[: len(passages)]


def hits(count: int, text: str = "text") -> list[Hit]:
    return [Hit(Chunk(f"c{n:02}", "d", n, 1, 0, len(text), text), DOCUMENT, 1 / (n + 1)) for n in range(count)]


def order(ranked: Sequence[Hit]) -> list[str]:
    return [hit.chunk.id for hit in ranked]


def test_both_opinions_count() -> None:
    ranked = rerank("q", hits(3), FixedReranker([-9.0, -8.0, 7.0]), top=3, seconds=None, weight=2.0)
    assert order(ranked) == ["c02", "c01", "c00"]
    assert ranked[0].scores["rerank"] == 7.0


def test_a_light_second_opinion_does_not_overturn_the_first() -> None:
    assert order(rerank("q", hits(3), FixedReranker([-9.0, -8.0, 7.0]), top=3, seconds=None, weight=0.01))[0] == "c00"


def test_what_it_did_not_get_to_keeps_its_place() -> None:
    ranked = rerank("q", hits(5), FixedReranker([0.0, 5.0]), top=4, seconds=0.1, weight=2.0)
    assert order(ranked) == ["c01", "c00", "c02", "c03", "c04"]
    assert "rerank" not in ranked[2].scores


def test_passages_are_cut_to_what_is_read() -> None:
    reranker = FixedReranker([1.0])
    rerank("q", hits(1, text="x" * 5000), reranker, top=1, seconds=None, weight=1.0)
    assert [len(text) for text in reranker.read] == [READ_CHARACTERS]


@given(st.integers(0, 12), st.integers(0, 12), st.lists(st.floats(-12, 12), max_size=12), st.floats(0, 4))
def test_every_hit_is_kept_once_and_scores_fall(count: int, top: int, logits: list[float], weight: float) -> None:
    ranked = rerank("q", hits(count), FixedReranker(logits), top=top, seconds=None, weight=weight)
    assert sorted(order(ranked)) == order(hits(count))
    unread = min(top, len(logits), count)
    rest = [name for name in order(ranked) if name in order(hits(count))[unread:]]
    assert rest == order(hits(count))[unread:], "what was not read keeps its order"
    if top:
        assert [hit.score for hit in ranked] == sorted((hit.score for hit in ranked), reverse=True)
