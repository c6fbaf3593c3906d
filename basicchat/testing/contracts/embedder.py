"""What every embedder promises."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from basicchat.core.protocols import Embedder

GEARBOX = "The gearbox oil must be changed every two years."
PENGUINS = "Penguins live in Antarctica and eat krill."
LONG = " ".join([GEARBOX, PENGUINS] * 100)
TEXTS = (GEARBOX, "yes", PENGUINS, LONG, "", "42", "naïve 李 🐧", GEARBOX)


def rows(vectors: object) -> NDArray[np.float32]:
    """Vectors as a matrix."""
    return np.asarray(vectors, dtype=np.float32)


class EmbedderContract:
    """Override `embedder` with a fixture."""

    @pytest.fixture
    def embedder(self) -> Embedder:
        raise NotImplementedError

    def test_one_unit_vector_a_text_in_order(self, embedder: Embedder) -> None:
        matrix = rows(embedder.embed_passages(TEXTS))
        assert matrix.shape == (len(TEXTS), embedder.dimension)
        assert np.allclose(np.linalg.norm(matrix, axis=1), 1.0, atol=1e-4)
        assert np.allclose(matrix[0], matrix[-1], atol=1e-2)

    def test_no_texts_give_no_vectors(self, embedder: Embedder) -> None:
        assert len(embedder.embed_passages([])) == 0

    def test_a_vector_does_not_depend_on_its_neighbours(self, embedder: Embedder) -> None:
        together = rows(embedder.embed_passages(TEXTS))
        alone = np.stack([rows(embedder.embed_passages([text]))[0] for text in TEXTS])
        assert float((together * alone).sum(axis=1).min()) >= 0.99

    def test_a_question_is_nearer_to_its_passage(self, embedder: Embedder) -> None:
        question = rows(embedder.embed_query("When must the oil of the gearbox be changed?"))
        assert question.shape == (embedder.dimension,)
        assert np.isclose(np.linalg.norm(question), 1.0, atol=1e-4)
        gearbox, penguins = rows(embedder.embed_passages([GEARBOX, PENGUINS])) @ question
        assert gearbox > penguins

    def test_tokens_are_counted_beyond_the_limit(self, embedder: Embedder) -> None:
        short, empty, long = embedder.count_tokens([GEARBOX, "", LONG])
        assert 5 <= short <= 30
        assert empty == 0
        assert long > embedder.max_tokens > 0
        assert embedder.count_tokens([]) == []

    def test_the_name_is_one_word_with_a_digest(self, embedder: Embedder) -> None:
        model, _, digest = embedder.name.partition("@")
        assert model
        assert digest
        assert " " not in embedder.name

    def test_threads_may_share_it(self, embedder: Embedder) -> None:
        with ThreadPoolExecutor(4) as pool:
            found = [rows(each) for each in pool.map(embedder.embed_passages, [TEXTS[:3]] * 8)]
        assert all(np.allclose(found[0], each, atol=1e-2) for each in found)
