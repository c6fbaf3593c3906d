"""Settings that are tried: which, which of them are judged, and what is proposed."""

from __future__ import annotations

import random

import pytest

from basicchat.evaluate.rows import Row
from basicchat.evaluate.tune import CANDIDATES, LEAST, Candidate, Tried, finalists, judged, offered, tried
from basicchat.settings import RetrieveSettings

NOW = RetrieveSettings().model_dump()
CANDIDATE = Candidate("links-off", "not follow links", {"links": False})


def rows(ranks: list[int | None], seconds: float = 0.4) -> list[Row]:
    draw = random.Random(3)  # noqa: S311 - no secret
    return [
        Row(
            id=str(number),
            question="q",
            gold=("right",),
            answerable=True,
            answers=(),
            ranking=tuple("right" if place == rank else f"other {place}" for place in range(1, 21)),
            seconds=seconds * (0.9 + 0.2 * draw.random()),
        )
        for number, rank in enumerate(ranks)
    ]


@pytest.mark.parametrize("candidate", CANDIDATES, ids=lambda candidate: candidate.name)
def test_every_candidate_is_a_setting_that_there_is(candidate: Candidate) -> None:
    changed = RetrieveSettings(**candidate.changes)
    assert all(getattr(changed, name) == value for name, value in candidate.changes.items())


def test_only_what_changes_something_is_tried() -> None:
    names = {candidate.name for candidate in offered(NOW, reranks=True)}
    assert {"ranks", "links-off", "reranker-24", "words-more"} <= names
    assert not {"scores", "links-on", "reranker-12", "words-usual"} & names
    assert not {name for name in {each.name for each in offered(NOW, reranks=False)} if name.startswith("reranker")}
    assert "names-off" not in {each.name for each in offered({**NOW, "fusion": "meaning"}, reranks=True)}


def test_the_best_and_the_fastest_are_judged() -> None:
    now = tried(None, rows([1, 2, 3, 4]))
    better = Tried("better", "", now.by + 0.1, now.kept, now.seconds)
    worse = Tried("worse", "", now.by - 0.1, now.kept, 0.01)
    fast = Tried("fast", "", now.by, now.kept, now.seconds / 2)
    assert finalists(now, [worse, better, fast], asked=False) == ("better", "fast")
    assert finalists(now, [worse], asked=False) == ()


def test_what_such_questions_flatter_is_judged_by_a_models_questions_alone() -> None:
    now = tried(None, rows([2, 2, 2]))
    flattered = Tried("off", "", 1.0, 1.0, 0.1, flattered=True)
    assert finalists(now, [flattered], asked=False) == ()
    assert finalists(now, [flattered], asked=True) == ("off",)


def test_a_clear_gain_is_proposed() -> None:
    found = judged(CANDIDATE, rows([2] * 30), rows([1] * 25 + [2] * 5))
    assert found is not None
    assert found.gain == "finds more"
    assert found.found.low > 0
    assert found.changes == {"links": False}


def test_what_chance_explains_is_not_proposed() -> None:
    assert judged(CANDIDATE, rows([1, 2] * 15), rows([2, 1] * 14 + [1, 1])) is None


def test_a_gain_that_loses_passages_of_the_first_five_is_not_proposed() -> None:
    assert judged(CANDIDATE, rows([3] * 30), rows([1] * 27 + [9] * 3)) is None


def test_the_same_found_much_faster_is_proposed() -> None:
    found = judged(CANDIDATE, rows([1, 2, 3] * 10, seconds=0.4), rows([1, 2, 3] * 10, seconds=0.1))
    assert found is not None
    assert found.gain == "is faster"
    assert found.seconds < found.before
    assert judged(CANDIDATE, rows([1] * 30, seconds=0.4), rows([1] * 30, seconds=0.38)) is None
    assert judged(CANDIDATE, rows([1] * 30, seconds=0.4), rows([1] * 20 + [2] * 10, seconds=0.1)) is None


def test_few_questions_prove_nothing() -> None:
    few = LEAST - 1
    assert judged(CANDIDATE, rows([2] * few), rows([1] * few)) is None
