from __future__ import annotations

from collections.abc import Sequence

from basicchat.adapters.rerank.remembering import RememberingReranker


class Counting:
    """Scores a passage by its length and remembers what it read; with a deadline it reads two passages."""

    name = "counting@1"

    def __init__(self) -> None:
        self.read: list[str] = []

    def score(self, query: str, passages: Sequence[str], *, deadline: float | None = None) -> list[float]:
        read = list(passages)[: None if deadline is None else 2]
        self.read += read
        return [float(len(each)) for each in read]


def test_a_pair_is_read_once():
    inner = Counting()
    reranker = RememberingReranker(inner)
    assert reranker.score("q", ["a", "bb", "a"]) == [1.0, 2.0, 1.0]
    assert reranker.score("q", ["bb", "ccc"]) == [2.0, 3.0]
    assert inner.read == ["a", "bb", "ccc"]
    assert reranker.score("other", ["a"]) == [1.0]
    assert inner.read[3:] == ["a"]
    assert reranker.name == "counting@1"


def test_the_second_time_it_gets_further():
    inner = Counting()
    reranker = RememberingReranker(inner)
    texts = ["a", "bb", "ccc", "dddd", "eeeee"]
    assert reranker.score("q", texts, deadline=0.0) == [1.0, 2.0]
    assert reranker.score("q", texts, deadline=0.0) == [1.0, 2.0, 3.0, 4.0]
    assert reranker.score("q", ["eeeee", *texts], deadline=0.0) == [5.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert len(inner.read) == len(texts)


def test_a_question_and_a_passage_are_told_apart():
    inner = Counting()
    reranker = RememberingReranker(inner)
    reranker.score("ab", ["c"])
    assert reranker.score("a", ["bc"]) == [2.0]


def test_only_so_many_are_held():
    inner = Counting()
    reranker = RememberingReranker(inner, size=2)
    reranker.score("q", ["a", "bb"])
    reranker.score("q", ["a"])
    reranker.score("q", ["ccc"])
    reranker.score("q", ["a", "ccc", "bb"])
    assert inner.read == ["a", "bb", "ccc", "bb"]
