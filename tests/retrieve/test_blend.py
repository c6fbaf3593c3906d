"""One score from both rankings and the names of documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.core.types import Chunk, Document, Hit
from basicchat.retrieve.blend import Weights, blend

WEIGHTS = Weights()


def hit(name: str, *, dense: float | None = None, lexical: float | None = None, text: str = "", of: str = "d") -> Hit:
    document = Document(of, "default", f"{of}.pdf", of, "application/pdf", of, 1, 1, 0.0)
    scores = {"dense": dense} if dense is not None else {}
    scores |= {"lexical": lexical} if lexical is not None else {}
    return Hit(Chunk(name, of, 0, 1, 0, len(text), text), document, 0.0, scores)


def order(hits: Sequence[Hit]) -> list[str]:
    return [each.chunk.id for each in hits]


def test_a_first_place_by_far_counts_for_more_than_one_by_a_hair() -> None:
    text = "the harbour was deepened"
    by_far = hit("far", dense=0.60, lexical=20.0, text=text)
    by_a_hair = hit("hair", dense=0.61, lexical=5.0, text=text)
    assert order(blend("When was the harbour deepened?", [by_a_hair, by_far], weights=WEIGHTS)) == ["far", "hair"]


def test_what_is_best_everywhere_gets_nothing_off() -> None:
    best, other = hit("a", dense=0.8, lexical=9.0), hit("b", dense=0.7)
    first, second = blend("anything", [other, best], weights=WEIGHTS)
    assert (first.chunk.id, first.score) == ("a", 0.0)
    assert second.score < 0.0
    assert second.scores["fused"] == second.score


def test_words_say_little_of_a_long_question_that_no_passage_repeats() -> None:
    question = "Judging primarily by the balance sheet, how large were inventories relative to liabilities overall?"
    by_words = hit("words", dense=0.60, lexical=20.0, text="judging primarily relative")
    by_meaning = hit("meaning", dense=0.70, lexical=2.0, text="stock")
    assert order(blend(question, [by_words, by_meaning], weights=WEIGHTS)) == ["meaning", "words"]
    repeating = replace(by_words, chunk=replace(by_words.chunk, text=question))
    assert order(blend(question, [repeating, by_meaning], weights=WEIGHTS)) == ["words", "meaning"]


def test_words_count_in_full_for_a_language_that_the_embedder_does_not_know() -> None:
    question = "Wie hoch ist der Turm von Orla?"
    by_words = hit("words", dense=0.60, lexical=20.0, text="Turm")
    by_meaning = hit("meaning", dense=0.80, lexical=5.0, text="Orla")
    both = [by_words, by_meaning]
    assert order(blend(question, both, weights=WEIGHTS)) == ["words", "meaning"]
    assert order(blend(question, both, weights=WEIGHTS, english_embedder=False)) == ["meaning", "words"]


def test_a_document_that_the_question_names_comes_first() -> None:
    others = hit("a", dense=0.72, of="ADOBE_2022")
    named = hit("b", dense=0.70, of="NIKE_2019")
    assert order(blend("How did Nike do in 2019?", [others, named], weights=WEIGHTS)) == ["b", "a"]
    assert order(blend("How did Nike do in 2019?", [others, named], weights=replace(WEIGHTS, name=0.0)))[0] == "a"


def test_nothing_found_is_nothing() -> None:
    assert blend("anything", [], weights=WEIGHTS) == []


scores = st.one_of(st.none(), st.floats(-1, 1, width=16))
found = st.lists(st.tuples(scores, st.one_of(st.none(), st.floats(0.125, 40, width=16))), max_size=8)


@given(found, st.randoms())
def test_every_hit_comes_out_once_in_an_order_of_its_own(given_scores: list, random: object) -> None:
    hits = [hit(f"c{n}", dense=dense, lexical=lexical) for n, (dense, lexical) in enumerate(given_scores)]
    blended = blend("What is it?", hits, weights=WEIGHTS)
    assert sorted(order(blended)) == sorted(order(hits))
    assert [each.score for each in blended] == sorted((each.score for each in blended), reverse=True)
    shuffled = list(hits)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert [each.score for each in blend("What is it?", shuffled, weights=WEIGHTS)] == pytest.approx(
        [each.score for each in blended]
    )


@given(found, st.integers(0, 7), st.floats(0.125, 1))
def test_a_better_cosine_never_costs_a_place(given_scores: list, at: int, more: float) -> None:
    hits = [hit(f"c{n}", dense=dense, lexical=lexical) for n, (dense, lexical) in enumerate(given_scores)]
    if at >= len(hits) or "dense" not in hits[at].scores:
        return
    before = order(blend("What is it?", hits, weights=WEIGHTS)).index(f"c{at}")
    better = [*hits[:at], replace(hits[at], scores={**hits[at].scores, "dense": hits[at].scores["dense"] + more})]
    assert order(blend("What is it?", [*better, *hits[at + 1 :]], weights=WEIGHTS)).index(f"c{at}") <= before
