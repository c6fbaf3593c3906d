"""What every way of several steps promises, over fakes."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from basicchat.core.events import Stepped, Token
from basicchat.reason.budget import Budget
from basicchat.reason.engine import AnswerRequest
from basicchat.testing.chat import FaultyChatModel, Script, ScriptedChatModel

Make = Callable[..., object]
QUESTION = "When was the Colosseum finished?"
BOTH = "When was the Colosseum finished and how tall is the Eiffel Tower?"
WAYS = ("chain_of_thought", "multi_step", "plan_and_execute", "tree_of_thought", "debate")


def last_steps(events: list) -> dict:
    return {event.step.id: event.step for event in events if isinstance(event, Stepped)}


@pytest.mark.parametrize("mode", WAYS)
def test_thin_evidence_is_declined_without_asking_a_model(asking: Make, mode: str) -> None:
    answer = asking(ScriptedChatModel([])).answer("Which enzyme metabolises warfarin?", mode=mode)
    assert answer.abstained


@pytest.mark.parametrize("mode", WAYS)
@pytest.mark.parametrize("model", [None, FaultyChatModel("refuse"), FaultyChatModel("garbage")])
def test_a_model_that_fails_leaves_quotes_and_says_so(asking: Make, mode: str, model: object) -> None:
    answer = asking(model).answer(BOTH, mode=mode)
    assert answer.mode == "extractive"
    assert "330 metres" in answer.text
    assert any("did not work out" in warning for warning in answer.warnings)


@pytest.mark.parametrize("mode", ["chain_of_thought", "tree_of_thought", "debate"])
def test_without_documents_and_model_it_fails(asking: Make, mode: str) -> None:
    assert asking(None, texts={}).failure(QUESTION, mode=mode).code == "dependency-missing"


@pytest.mark.parametrize("mode", WAYS)
def test_no_step_is_left_running(asking: Make, mode: str) -> None:
    reply = json.dumps({"questions": [QUESTION, "How tall is the Eiffel Tower?"], "steps": []})
    events = asking(ScriptedChatModel([f"Finished in 80 AD [1]. {reply}"] * 12)).events(BOTH, mode=mode)
    assert all(step.status != "running" for step in last_steps(events).values())
    assert tuple(last_steps(events).values()) == events[-1].answer.steps


@pytest.mark.parametrize("mode", WAYS)
def test_closing_stops_the_model(asking: Make, mode: str) -> None:
    here = asking(ScriptedChatModel(["It was finished in 80 AD [1]."] * 3))
    events = here.engine.stream(AnswerRequest(BOTH, mode=mode))
    for event in events:
        if isinstance(event, Stepped | Token):
            break
    events.close()
    assert list(events) == []


def test_a_budget_that_is_spent_falls_back_to_a_simpler_way(asking: Make) -> None:
    model = ScriptedChatModel(["In 80 AD [1].", "It was finished in 80 AD [1]."])
    answer = asking(model, budget=Budget(steps=1)).answer(QUESTION, mode="debate")
    assert answer.mode == "direct"
    assert "1 steps were taken" in answer.warnings[-1]
    assert answer.steps[0].status == "done"


def test_tokens_are_counted_against_the_budget(asking: Make) -> None:
    model = ScriptedChatModel(["word " * 30, "It was finished in 80 AD [1]."])
    answer = asking(model, budget=Budget(tokens=40)).answer(QUESTION, mode="debate")
    assert answer.mode == "direct"
    assert "tokens" in answer.warnings[-1]
    assert answer.usage.completion_tokens >= 30


# ---------------------------------------------------------------- chain of thought


def test_thinking_is_told_as_steps_and_the_answer_alone_is_shown(asking: Make) -> None:
    reply = "1. Passage 1 is about the Colosseum.\n2. It names a year.\nAnswer: It was finished in 80 AD [1]."
    events = asking(ScriptedChatModel([reply])).events(QUESTION, mode="chain_of_thought")
    answer = events[-1].answer
    assert answer.text == "It was finished in 80 AD [1]."
    assert [step.title for step in answer.steps] == ["Passage 1 is about the Colosseum.", "It names a year."]
    assert (answer.mode, answer.citations[0].document_id) == ("chain_of_thought", "rome")


def test_a_reply_without_the_word_answers_with_its_last_line(asking: Make) -> None:
    answer = asking(ScriptedChatModel(["Step 1: look.\nIt was finished in 80 AD [1]."])).answer(
        QUESTION, mode="chain_of_thought"
    )
    assert answer.text == "It was finished in 80 AD [1]."


def test_thinking_that_finds_nothing_declines(asking: Make) -> None:
    answer = asking(ScriptedChatModel(["1. Nothing.\nAnswer: NOT IN PASSAGES"])).answer(
        QUESTION, mode="chain_of_thought"
    )
    assert (answer.abstained, answer.mode) == (True, "chain_of_thought")


def test_without_documents_the_model_thinks_alone(asking: Make) -> None:
    model = ScriptedChatModel(["1. 3 * 4 = 12.\nAnswer: 12"])
    answer = asking(model, texts={}).answer("What are 3 boxes of 4?", mode="chain_of_thought")
    assert (answer.text, answer.citations) == ("12", ())


def test_a_models_own_thinking_is_told(asking: Make) -> None:
    events = asking(ScriptedChatModel([Script("Answer: In 80 AD [1].", thinking="hm")])).events(
        QUESTION, mode="chain_of_thought"
    )
    assert "hm" in [getattr(event, "text", "") for event in events]


# ---------------------------------------------------------------- step by step


def test_parts_are_answered_from_searches_of_their_own_and_numbered_once(asking: Make) -> None:
    model = ScriptedChatModel(
        [
            "It was finished in 80 AD [1].",
            "It is 330 metres tall [1].",
            "The Colosseum was finished in 80 AD [1]. The Eiffel Tower is 330 metres tall [2].",
        ]
    )
    answer = asking(model).answer(BOTH, mode="multi_step")
    assert {citation.document_id for citation in answer.citations} == {"rome", "paris"}
    assert {citation.number for citation in answer.citations} <= {passage.number for passage in answer.passages}
    assert answer.steps[0].title == "Divide the question"
    assert "It is 330 metres tall." in model.calls[-1].messages[-1].content
    assert answer.mode == "multi_step"


def test_the_model_divides_where_rules_do_not_and_answers_are_put_in(asking: Make) -> None:
    model = ScriptedChatModel(
        [
            '{"questions": ["Where does the Colosseum stand?", "What is finished in #1?"]}',
            "It stands in Rome [1].",
            "The Colosseum [1].",
            "It was finished in 80 AD [1].",
        ]
    )
    asking(model).answer(QUESTION, mode="multi_step")
    assert model.calls[0].schema is not None
    assert "What is finished in It stands in Rome?" in model.calls[2].messages[-1].content


def test_json_that_does_not_fit_is_asked_for_once_more(asking: Make) -> None:
    model = ScriptedChatModel(["no json", '{"questions": ["When was it finished?"]}', "It was finished in 80 AD [1]."])
    answer = asking(model).answer(QUESTION, mode="multi_step")
    assert "no JSON object" in model.calls[1].messages[-1].content
    assert answer.mode == "direct"
    assert answer.steps[-1].status == "skipped"


def test_json_that_never_fits_falls_back(asking: Make) -> None:
    model = ScriptedChatModel(["no", "no", "It was finished in 80 AD [1]."])
    answer = asking(model).answer(QUESTION, mode="multi_step")
    assert answer.mode == "direct"
    assert answer.steps[0].status == "failed"
    assert "does not fit" in answer.warnings[-1]


# ---------------------------------------------------------------- plan


def plan(*steps: tuple[str, str]) -> str:
    return json.dumps({"steps": [{"do": do, "text": text} for do, text in steps]})


def test_a_plan_is_carried_out(asking: Make) -> None:
    model = ScriptedChatModel(
        [
            plan(("search", "Colosseum finished"), ("answer", QUESTION)),
            "It was finished in 80 AD [1].",
            "The Colosseum was finished in 80 AD [1].",
        ]
    )
    answer = asking(model).answer(QUESTION, mode="plan_and_execute")
    assert [step.title.split()[0] for step in answer.steps] == ["Plan", "Search", "Answer"]
    assert answer.citations[0].document_id == "rome"


def test_a_plan_that_finds_nothing_is_made_again_once(asking: Make) -> None:
    nothing = "NOT IN PASSAGES"
    model = ScriptedChatModel(
        [plan(("answer", "Who?")), nothing, plan(("answer", "When?")), nothing, "It was finished in 80 AD [1]."]
    )
    answer = asking(model).answer(QUESTION, mode="plan_and_execute")
    assert [step.title for step in answer.steps if step.title.startswith("Plan")] == ["Plan", "Plan again"]
    assert "did not find it" in model.calls[2].messages[-1].content


# ---------------------------------------------------------------- drafts and readings


def test_the_draft_that_the_passages_bear_out_is_taken(asking: Make) -> None:
    wrong, right = "It was painted blue in 1755 by elephants [1].", "The Colosseum was finished in 80 AD [1]."
    model = ScriptedChatModel([wrong, right, wrong, wrong, wrong])
    answer = asking(model).answer(QUESTION, mode="tree_of_thought")
    assert answer.text == right
    assert len(model.calls) == 5


def test_readers_that_agree_are_counted_and_others_are_shown(asking: Make) -> None:
    model = ScriptedChatModel(
        ["It was finished in 80 AD [1].", "It held 50,000 spectators [1].", "The Colosseum was finished in 80 AD [1]."]
    )
    answer = asking(model).answer(QUESTION, mode="debate")
    assert "80 AD" in answer.text.split("Read otherwise")[0]
    assert "The sceptic: It held 50,000 spectators" in answer.text
    assert answer.steps[-1].detail == "2 of 3 readings agree."
    prompts = [call.messages[-1].content for call in model.calls]
    assert len({prompt.split("Question:")[0] for prompt in prompts}) == 1
    assert len(set(prompts)) == 3


def test_readers_that_mostly_find_nothing_decline(asking: Make) -> None:
    nothing = "NOT IN PASSAGES"
    assert asking(ScriptedChatModel([nothing, nothing, "In 80 AD [1]."])).answer(QUESTION, mode="debate").abstained
