"""Searching with several texts as if they were one."""

from __future__ import annotations

from basicchat.core.types import Chunk, Document, Hit
from basicchat.reason.rewrite.together import joined, search_together
from basicchat.retrieve.pipeline import Retrieval

DOCUMENT = Document("d", "default", "d.txt", "d", "text/plain", "d", 1, 1, 0.0)


def found(query: str, *names: str, warnings: tuple[str, ...] = ()) -> Retrieval:
    hits = tuple(Hit(Chunk(name, "d", 0, 1, 0, 1, "x"), DOCUMENT, 1.0, {query: 1.0}) for name in names)
    return Retrieval((query,), hits, {"total": 0.5}, warnings)


def names(retrieval: Retrieval) -> list[str]:
    return [hit.chunk.id for hit in retrieval.hits]


def test_one_text_is_searched_as_it_is() -> None:
    alone = found("one", "a", "b")
    assert search_together({"one": alone}.__getitem__, ["one", "one"]) is alone


def test_what_both_found_comes_first_and_nothing_gets_longer() -> None:
    together = joined([found("one", "a", "b", "c"), found("two", "d", "b")])
    assert names(together)[0] == "b"
    assert len(together.hits) == 3
    assert together.queries == ("one", "two")
    assert together.timings == {"total": 1.0}


def test_a_hit_keeps_the_scores_of_the_first_search_that_held_it() -> None:
    together = joined([found("one", "a"), found("two", "a", "b")])
    assert {hit.chunk.id: dict(hit.scores) for hit in together.hits} == {"a": {"one": 1.0}, "b": {"two": 1.0}}


def test_a_warning_is_said_once() -> None:
    slow = [found(query, "a", warnings=("Words failed.",)) for query in ("one", "two")]
    assert joined(slow).warnings == ("Words failed.",)
