"""Every way of several steps with a real model of 135 million weights: whatever it says, the promises hold."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from basicchat.adapters.llm.embedded import EmbeddedServer
from basicchat.core.events import Stepped
from basicchat.reason.budget import Budget
from basicchat.testing.tools import toolkit
from basicchat.toolbox import Registry, Toolbox, builtin_folder

pytestmark = [pytest.mark.models, pytest.mark.timeout(280)]
SMOL = "smollm2-135m-instruct-q4_1"
BOTH = "When was the Colosseum finished and how tall is the Eiffel Tower?"


@pytest.fixture(scope="module")
def server(model_file, tmp_path_factory) -> Iterator[EmbeddedServer]:
    log = tmp_path_factory.mktemp("logs") / "embedded.log"
    server = EmbeddedServer({"smol": model_file(SMOL) / "model.gguf"}, threads=1, window=2048, log_file=log)
    yield server
    server.close()


def test_the_agent_ends_with_an_answer_whatever_a_small_model_chooses(asking, server: EmbeddedServer) -> None:
    tools = Toolbox(Registry(builtin=builtin_folder()), toolkit=toolkit)
    here = asking(
        server.chat_model("smol"), max_tokens=48, passage_tokens=200, tools=tools, budget=Budget(tool_calls=2)
    )
    answer = here.answer("How many spectators did the Colosseum hold, times 3?", mode="agent")
    assert answer.text
    assert len(answer.calls) <= 2
    assert {call.name for call in answer.calls} <= {"calculator", "documents"}
    assert all(step.status != "running" for step in answer.steps)
    fell_back = any("did not work out" in warning for warning in answer.warnings)  # as with arguments without end
    ran = [call for call in answer.calls if call.outcome == "done"]
    assert answer.mode == "agent" or fell_back or not ran


@pytest.mark.parametrize("mode", ["chain_of_thought", "multi_step", "plan_and_execute", "tree_of_thought", "debate"])
def test_promises_hold_whatever_a_small_model_says(asking, server: EmbeddedServer, mode: str) -> None:
    here = asking(server.chat_model("smol"), max_tokens=48, readings=2, passage_tokens=200)
    events = here.events(BOTH, mode=mode)
    answer = events[-1].answer
    numbers = {passage.number for passage in answer.passages}
    assert {citation.number for citation in answer.citations} <= numbers
    assert all(step.status != "running" for step in answer.steps)
    assert {event.step.id for event in events if isinstance(event, Stepped)} == {step.id for step in answer.steps}
    assert answer.text
