"""Answers by quotation."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from basicchat.reason.cite import CITATION
from basicchat.reason.extract import MOST_QUOTES, best_quotes, rendered, shown

from .conftest import passage

PASSAGES = [
    passage(1, "The museum opened in 1901. Its tower is 52 metres tall. Entry costs nine euros.", start=100),
    passage(2, "The museum opened in the year 1901. A garden was added later. Dogs are not allowed there."),
]


def no_score(texts: Sequence[str]) -> list[float]:
    return []


def test_the_sentence_with_the_words_of_the_question_comes_first() -> None:
    best = best_quotes("How tall is the tower?", PASSAGES, score=no_score)[0]
    assert best.text == "Its tower is 52 metres tall."
    assert (best.start, best.end) == (127, 155)
    assert best.passage.number == 1


def test_the_same_thing_is_not_quoted_twice() -> None:
    texts = [quote.text for quote in best_quotes("When did the museum open?", PASSAGES, score=no_score)]
    assert sum("museum opened" in text for text in texts) == 1


def test_the_rerankers_opinion_counts() -> None:
    def likes_dogs(texts: Sequence[str]) -> list[float]:
        return [9.0 if "Dogs" in text else -9.0 for text in texts]

    plain = best_quotes("What are the rules?", PASSAGES, score=no_score)
    liked = best_quotes("What are the rules?", PASSAGES, score=likes_dogs)
    assert "Dogs" not in plain[0].text
    assert any("Dogs" in quote.text for quote in liked)


def test_nothing_is_quoted_from_nothing() -> None:
    assert best_quotes("Why?", [], score=no_score) == []
    assert best_quotes("Why?", [passage(1, "...")], score=no_score) == []


def test_numbers_of_the_source_do_not_look_like_ours() -> None:
    assert shown("As shown [12],\nit `fell` [3].") == "As shown, it 'fell'."
    quotes = best_quotes("What fell?", [passage(1, "As shown before [9] the price fell sharply [2].")], score=no_score)
    assert set(CITATION.findall(rendered(quotes))) == {"1"}


@given(
    st.lists(st.text(alphabet="ab c.\n1", min_size=1, max_size=300), max_size=5), st.text(alphabet="ab c?", max_size=40)
)
def test_every_quote_is_a_slice_of_its_passage(texts: list[str], question: str) -> None:
    passages = [passage(number, text, start=50) for number, text in enumerate(texts, start=1)]
    quotes = best_quotes(question, passages, score=no_score)
    assert len(quotes) <= MOST_QUOTES
    for quote in quotes:
        assert quote.text == quote.passage.text[quote.start - 50 : quote.end - 50]
