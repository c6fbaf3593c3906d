"""Telling questions that take several steps, without a model."""

from __future__ import annotations

import pytest

from basicchat.core.events import Thought
from basicchat.evaluate.cases import halves
from basicchat.evaluate.readers import read_set
from basicchat.reason.modes import multi_step
from basicchat.reason.route import FEATURES, WEIGHTS, features, reason, several
from basicchat.testing.chat import ScriptedChatModel

BOTH = "When was the Colosseum in Rome finished and how tall is the Eiffel Tower in Paris?"


def test_every_feature_has_a_weight() -> None:
    assert len(FEATURES) == len(WEIGHTS) == len(features("Why?"))


def test_short_questions_take_one_step_and_compound_ones_several() -> None:
    assert several("How tall is the Eiffel Tower?") < 0.5
    assert several(BOTH) > 0.5
    assert reason(BOTH) == "it asks about several things"


def test_auto_says_that_there_is_a_mode_for_it_and_answers_directly(asking) -> None:
    events = asking(ScriptedChatModel(["It was finished in 80 AD [1]."])).events(BOTH)
    (thought,) = [event for event in events if isinstance(event, Thought)]
    assert multi_step.TITLE in thought.text
    assert events[-1].answer.mode == "direct"


@pytest.mark.evals
def test_the_half_that_nothing_was_fitted_on(evals) -> None:
    two = halves(read_set("hotpotqa", evals / "hotpotqa100").questions)[1]
    one = halves(read_set("squad2", evals / "squad2").answerable().questions)[1]
    known = [sum(several(each.text) > 0.5 for each in two) / len(two)]
    known.append(sum(several(each.text) <= 0.5 for each in one) / len(one))
    assert sum(known) / 2 > 0.8
