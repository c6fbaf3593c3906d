"""A program over a scripted model and the real sandbox: what it computes, cites, scales, and how it gives up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from basicchat.core.events import Stepped, ToolCalled
from basicchat.reason.prompts.program import fenced
from basicchat.testing.chat import ScriptedChatModel
from basicchat.testing.tools import toolkit
from basicchat.toolbox import Permissions, Registry, Toolbox, builtin_folder
from basicchat.toolbox.sandbox.monty import MontySandbox

Make = Callable[..., Any]

pytestmark = pytest.mark.skipif(not MontySandbox.installed(), reason="needs pydantic-monty")

PENS = "What are 3 boxes of 12 pens altogether?"
REPORT = {"report": "Revenue of Acme, in millions of dollars: 2019 was 120 and 2018 was 100."}


def box() -> Toolbox:
    """The built-in tools over fakes, with the real sandbox."""
    return Toolbox(
        Registry(builtin=builtin_folder()),
        toolkit=lambda: toolkit(sandbox=MontySandbox()),
        permissions=Permissions(),
    )


def titles(events: list[object]) -> list[str]:
    return [event.step.title for event in events if isinstance(event, Stepped) and event.step.status != "running"]


def test_a_program_is_written_run_and_shown(asking: Make) -> None:
    model = ScriptedChatModel([fenced("boxes = 3\npens = 12\nprint(boxes * pens)")])
    events = asking(model, texts={}, tools=box()).events(PENS, mode="program")
    answer = events[-1].answer
    assert (answer.text, answer.mode, answer.warnings) == ("The result is 36.", "program", ())
    assert titles(events) == ["Write a program", "Run the program"]
    assert [event.name for event in events if isinstance(event, ToolCalled)] == ["python"]
    assert answer.calls[0].said == "36"


def test_a_program_that_fails_is_mended_once(asking: Make) -> None:
    model = ScriptedChatModel([fenced("print(boxes * 12)"), fenced("print(3 * 12)")])
    events = asking(model, texts={}, tools=box()).events(PENS, mode="program")
    assert events[-1].answer.text == "The result is 36."
    assert titles(events) == ["Write a program", "Run the program", "Mend the program", "Run the program"]
    assert "boxes" in model.calls[1].messages[-1].content


@pytest.mark.parametrize("code", ["print(", "print('many')", "1 / 0"])
def test_a_program_that_never_works_gives_way_and_says_so(asking: Make, code: str) -> None:
    model = ScriptedChatModel([fenced(code), fenced(code), "They are 36 pens."])
    answer = asking(model, texts={}, tools=box()).answer(PENS, mode="program")
    assert (answer.text, answer.mode) == ("They are 36 pens.", "chat")
    assert any("Compute" in warning for warning in answer.warnings)


def test_figures_are_cited_and_the_scale_comes_from_the_document(asking: Make) -> None:
    code = "new = 120\nold = 100\nprint(new - old)"
    answer = asking(ScriptedChatModel([fenced(code)]), texts=REPORT, tools=box()).answer(
        "What is the difference of the revenue of Acme between 2019 and 2018?", mode="program"
    )
    assert answer.text == "The result is 20 million. Computed with 120, 100 [1]."
    assert [citation.document_id for citation in answer.citations] == ["report"]
    assert not any(sentence.verdict == "unsupported" for sentence in answer.sentences)


def test_a_ratio_has_no_scale_and_a_percentage_its_sign(asking: Make) -> None:
    ratio = "new = 120\nold = 100\nprint(new / old)"
    change = "new = 120\nold = 100\nprint((new - old) / old * 100)"
    here = asking(ScriptedChatModel([fenced(ratio), fenced(change)]), texts=REPORT, tools=box())
    question = "What is the ratio of the revenue of Acme in 2019 to that in 2018?"
    assert here.answer(question, mode="program").text.startswith("The result is 1.2. ")
    question = "What is the change in percent of the revenue of Acme from 2018 to 2019?"
    assert here.answer(question, mode="program").text.startswith("The result is 20%. ")


def test_a_figure_that_stands_nowhere_is_named(asking: Make) -> None:
    code = "new = 120\nold = 99\nprint(new - old)"
    answer = asking(ScriptedChatModel([fenced(code)]), texts=REPORT, tools=box()).answer(
        "What is the difference of the revenue of Acme between 2019 and 2018?", mode="program"
    )
    assert any("99" in warning for warning in answer.warnings)
    assert "99" not in answer.text


def test_passages_without_the_figures_decline(asking: Make) -> None:
    model = ScriptedChatModel(["NOT IN PASSAGES"])
    answer = asking(model, texts=REPORT, tools=box()).answer(
        "What is the difference of the revenue of Acme between 2019 and 2018?", mode="program"
    )
    assert (answer.abstained, answer.calls) == (True, ())
