"""How much of a question's wording a passage holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.core.types import Chunk, Document, Hit
from basicchat.retrieve.blend import HEAD, Weights, blend
from basicchat.retrieve.phrases import phrase_shares

DOCUMENT = Document("d", "default", "d.txt", "d", "text/plain", "d", 1, 1, 0.0)
BESIDE = "The steam engine of the mill was built in Leeds."
APART = "Leeds built an engine. Steam of the mill was seen."
QUESTION = "Where was the steam engine of the mill built?"


def hit(name: str, text: str, *, dense: float = 0.6) -> Hit:
    return Hit(Chunk(name, "d", 0, 1, 0, len(text), text), DOCUMENT, 0.0, {"dense": dense, "lexical": 5.0})


@pytest.mark.parametrize(
    ("text", "share"),
    [(BESIDE, 1.0), (APART, 0.0), ("A steam engine.", 1 / 3), ("An engine of steam.", 0.0), ("", 0.0)],
)
def test_neighbouring_words_of_the_question_are_counted_in_its_order(text: str, share: float) -> None:
    assert phrase_shares(QUESTION, [text]) == [pytest.approx(share)]


def test_one_word_is_no_phrase() -> None:
    assert phrase_shares("Engines?", [BESIDE, APART]) == [0.0, 0.0]


def test_words_side_by_side_come_before_the_same_words_apart() -> None:
    hits = [hit("a", APART), hit("b", BESIDE)]
    assert [each.chunk.id for each in blend(QUESTION, hits, weights=Weights())] == ["b", "a"]
    assert [each.chunk.id for each in blend(QUESTION, hits, weights=Weights(phrase=0.0))] == ["a", "b"]


def test_only_the_head_is_read() -> None:
    many = [hit(f"c{number:03}", APART, dense=0.7) for number in range(HEAD)]
    last = hit("last", BESIDE, dense=0.5)
    assert blend(QUESTION, [last, *many], weights=Weights())[-1].chunk.id == "last"


@given(st.text(max_size=80), st.lists(st.text(max_size=80), max_size=5))
def test_a_share_for_every_text(question: str, texts: list[str]) -> None:
    shares = phrase_shares(question, texts)
    assert len(shares) == len(texts)
    assert all(0.0 <= share <= 1.0 for share in shares)
    assert phrase_shares(question, [question])[0] in (0.0, 1.0)
