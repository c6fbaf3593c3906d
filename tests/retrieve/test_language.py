"""Whether a question is in English."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.retrieve.language import in_english


@pytest.mark.parametrize(
    "question",
    [
        "What was Nike's revenue in 2019?",
        "How tall is the Eiffel Tower?",
        "notice period lease",
        "Nike revenue 2019",
        "10.1056/NEJMoa2034577",
        "",
        "Who wrote the opera La Traviata?",
        "What does der Spiegel say about the election?",
    ],
)
def test_english_and_what_belongs_to_no_language(question: str) -> None:
    assert in_english(question)


@pytest.mark.parametrize(
    "question",
    [
        "Wie hoch ist der Eiffelturm?",
        "Was ist die Kündigungsfrist?",
        "¿Cuál es la altura de la torre Eiffel?",
        "Quelle est la hauteur de la tour Eiffel ?",
        "Quanto è alta la torre Eiffel e dove si trova?",
        "Hoe hoog is de Eiffeltoren?",
        "Qual é a altura da torre Eiffel?",
        "埃菲尔铁塔有多高",
        "Какова высота Эйфелевой башни?",
        "エッフェル塔の高さは?",
    ],
)
def test_other_languages(question: str) -> None:
    assert not in_english(question)


@given(st.text())
def test_any_text_has_an_answer(text: str) -> None:
    assert in_english(text) in {True, False}
