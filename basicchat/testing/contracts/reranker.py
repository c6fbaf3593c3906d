"""What every reranker promises."""

from __future__ import annotations

import time

import pytest

from basicchat.core.protocols import Reranker

QUESTION = "How often must the gearbox oil be changed?"
RIGHT = "The gearbox oil must be changed every two years."
WRONG = "Penguins live in Antarctica and eat krill."


class RerankerContract:
    """Override `reranker` with a fixture."""

    @pytest.fixture
    def reranker(self) -> Reranker:
        raise NotImplementedError

    def test_the_passage_that_answers_scores_higher(self, reranker: Reranker) -> None:
        wrong, right = reranker.score(QUESTION, [WRONG, RIGHT])
        assert right > 0 > wrong

    def test_one_score_a_passage_in_order(self, reranker: Reranker) -> None:
        scores = reranker.score(QUESTION, [WRONG, RIGHT] * 20)
        assert len(scores) == 40
        assert scores[0::2] == pytest.approx([scores[0]] * 20, abs=0.5)
        assert scores[1::2] == pytest.approx([scores[1]] * 20, abs=0.5)

    def test_nothing_to_score(self, reranker: Reranker) -> None:
        assert reranker.score(QUESTION, []) == []

    def test_any_text_is_scored(self, reranker: Reranker) -> None:
        assert len(reranker.score("", ["", "🐧" * 2_000, RIGHT * 500])) == 3

    def test_the_first_batch_is_scored_whatever_the_time(self, reranker: Reranker) -> None:
        scores = reranker.score(QUESTION, [f"{RIGHT} {n}" for n in range(200)], deadline=time.monotonic() - 1)
        assert 0 < len(scores) < 200

    def test_a_far_deadline_changes_nothing(self, reranker: Reranker) -> None:
        assert len(reranker.score(QUESTION, [RIGHT] * 20, deadline=time.monotonic() + 3_600)) == 20

    def test_the_name_is_one_word_with_a_digest(self, reranker: Reranker) -> None:
        model, _, digest = reranker.name.partition("@")
        assert model
        assert digest
        assert " " not in reranker.name
