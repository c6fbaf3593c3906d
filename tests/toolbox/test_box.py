"""The toolbox: calls within permissions and a budget, on the record."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from basicchat.core.errors import (
    ApprovalNeeded,
    Cancelled,
    DeadlineExceeded,
    InvalidInput,
    NotFound,
    ToolDenied,
    ToolFailed,
)
from basicchat.core.events import ToolCalled, ToolReturned
from basicchat.core.tools import Text, Tool, ToolInfo
from basicchat.core.types import ToolCall
from basicchat.resilience.deadline import Deadline
from basicchat.testing.tools import RecordingTool, toolkit
from basicchat.toolbox import Budget, Found, Registry, Toolbox, text_of, tool

SCHEMA = {"type": "object", "properties": {"what": {"type": "string"}}}
FETCHES = ToolInfo("fetches", "Fetches.", SCHEMA, permissions=frozenset({"network"}), tainted=True, version="7")


def box(*tools: Tool, budget: Budget | None = None) -> Toolbox:
    registry = Registry(elsewhere=lambda: [Found(each, "here") for each in tools])
    return Toolbox(registry, toolkit=toolkit, budget=budget)


@tool(version="2")
def double(number: int) -> str:
    """Doubles a number."""
    return str(2 * number)


def test_a_call_gives_a_typed_result_on_the_record() -> None:
    tools = box(double)
    assert tools.call("double", {"number": 4}).parts == (Text("8"),)
    (entry,) = tools.audit.entries()
    assert (entry.tool, entry.version, entry.arguments) == ("double", "2", '{"number": 4}')
    assert (entry.decision, entry.outcome, entry.output_bytes) == ("always", "done", 1)


def test_a_model_is_offered_what_is_not_turned_off() -> None:
    tools = box(double, RecordingTool())
    assert [spec.name for spec in tools.specs()] == ["double", "recording"]
    assert [spec.name for spec in tools.specs(["recording"])] == ["recording"]
    tools.set("double", "never")
    assert [spec.name for spec in tools.specs()] == ["recording"]
    assert [(each.info.name, each.standing) for each in tools.tools()] == [("double", "never"), ("recording", "always")]


def test_an_unknown_tool_is_told_with_those_there_are() -> None:
    with pytest.raises(NotFound) as caught:
        box(double).call("treble", {})
    assert "double" in caught.value.hint


def test_arguments_are_checked_before_anybody_is_asked() -> None:
    recording = RecordingTool(FETCHES)
    with pytest.raises(InvalidInput):
        box(recording).call("fetches", {"who": "x"}, ask=lambda request: pytest.fail("asked"))
    assert recording.calls == []


def test_without_consent_nothing_runs_and_the_record_says_so() -> None:
    recording = RecordingTool(FETCHES)
    tools = box(recording)
    with pytest.raises(ApprovalNeeded):
        tools.call("fetches", {"what": "x"})
    with pytest.raises(ToolDenied):
        tools.call("fetches", {"what": "x"}, ask=lambda request: "no")
    assert recording.calls == []
    assert [entry.outcome for entry in tools.audit.entries()] == ["approval-needed", "tool-denied"]
    assert tools.call("fetches", {"what": "x"}, ask=lambda request: "yes").tainted
    assert tools.audit.entries()[-1].decision == "asked: yes"


def test_a_fault_of_a_tool_is_told_as_its_fault() -> None:
    with pytest.raises(ToolFailed, match="recording broke: ValueError: oh"):
        box(RecordingTool(error=ValueError("oh"))).call("recording", {})


def test_a_tool_that_gives_back_something_odd_is_at_fault() -> None:
    @tool()
    def odd() -> str:
        """Gives back a number."""
        return 3  # type: ignore[return-value]

    with pytest.raises(ToolFailed, match="not int"):
        box(odd).call("odd", {})


@pytest.fixture
def hanging() -> Iterator[Tool]:
    over = threading.Event()

    @tool()
    def hang() -> str:
        """Hangs."""
        over.wait(30)
        return "late"

    yield hang
    over.set()


def test_a_tool_that_hangs_does_not_hold_its_caller(hanging: Tool) -> None:
    tools = box(hanging, budget=Budget(seconds=0.05))
    with pytest.raises(DeadlineExceeded):
        tools.call("hang", {})
    with pytest.raises(DeadlineExceeded):
        tools.call("hang", {}, deadline=Deadline.after(0.01))
    assert [entry.outcome for entry in tools.audit.entries()] == ["deadline-exceeded"] * 2


def test_somebody_who_cancels_is_not_kept_waiting(hanging: Tool) -> None:
    deadline = Deadline.after(60)
    threading.Timer(0.05, deadline.cancel).start()
    with pytest.raises(Cancelled):
        box(hanging).call("hang", {}, deadline=deadline)


def test_a_tool_knows_how_long_it_has() -> None:
    seen = []

    class Looking(RecordingTool):
        def run(self, arguments, toolkit):
            seen.append(toolkit.seconds())
            return super().run(arguments, toolkit)

    box(Looking(), budget=Budget(seconds=7)).call("recording", {})
    box(Looking()).call("recording", {}, deadline=Deadline.after(3))
    assert 0 < seen[0] <= 7
    assert 0 < seen[1] <= 3


def test_a_long_result_is_cut_and_says_so() -> None:
    result = box(RecordingTool(answer="x" * 1000), budget=Budget(output_bytes=100)).call("recording", {})
    assert result.truncated
    assert text_of(result).startswith("x" * 100 + "\n")
    assert "100 bytes" in result.notes[0]


def test_a_call_as_events() -> None:
    tools = box(double)
    events = tools.run(ToolCall("double", {"number": 4}, id="c1"))
    assert next(events) == ToolCalled("c1", "double", {"number": 4})
    returned = next(events)
    assert isinstance(returned, ToolReturned)
    assert (returned.call_id, returned.name, returned.result, returned.error) == ("c1", "double", "8", False)
    with pytest.raises(StopIteration) as stop:
        next(events)
    assert stop.value.value.parts == (Text("8"),)


def test_an_error_tells_a_model_what_to_do_better() -> None:
    *_, returned = box(double).run(ToolCall("double", {"numbr": 4}))
    assert returned.error
    assert "number: field required" in returned.result
    assert "Its arguments are: number." in returned.result
