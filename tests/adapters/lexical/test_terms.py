from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.adapters.lexical.terms import MAX_WORD, indexed_text, terms_of


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("What does the warranty cover?", ["warranty", "cover"]),
        ("to be or not to be", ["to", "be", "or", "not"]),
        ("IL-6 levels", ["il", "6", "levels", "il 6"]),
        ("I don't know", ["know"]),
        ("oil, OIL and oil", ["oil"]),
        ("the ﬁrst ﬂight", ["first", "flight"]),
        ("東京都の人口 2024", ["2024", "東 京", "京 都", "都 の", "の 人", "人 口"]),
        ("水", ["水"]),
        ("?! -- \0", []),
        ("x" * (MAX_WORD + 1) + " oil", ["oil"]),
    ],
)
def test_terms(text, terms):
    assert terms_of(text) == terms


@given(st.text(st.characters()))
def test_terms_hold_no_quotation_mark_and_can_be_written(text):
    for term in terms_of(text):
        assert '"' not in term
        assert term.strip() == term
        assert term.encode()


@given(st.text(st.characters()))
def test_indexed_text_can_be_written(text):
    assert "\0" not in indexed_text(text)
    assert isinstance(indexed_text(text).encode(), bytes)
