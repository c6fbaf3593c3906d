"""The recorder: what it keeps is bounded, and it changes nothing that it watches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from basicchat.core.errors import ProviderUnavailable
from basicchat.core.events import Finished, Stepped, Token, ToolCalled, ToolReturned, Verified
from basicchat.core.trace import Judged, Supported, Trace, unpacked
from basicchat.core.types import Answer, Chunk, Document, GenerationOptions, Hit, Message, Step, TokenCount
from basicchat.telemetry.trace import ENTRIES, EXCERPT, KEPT, Recorder
from basicchat.testing.chat import FaultyChatModel, ScriptedChatModel

ANSWER = Answer("Yes.", abstained=False, mode="direct", model="scripted")
OPTIONS = GenerationOptions(window=2048, max_tokens=64)
MESSAGES = (Message("system", "Be brief."), Message("user", "Is it?"))


class Clock:
    """One second later at every look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def taken(recorder: Recorder) -> Trace:
    finished = recorder.seen(Finished(ANSWER))
    assert isinstance(finished, Finished)
    return unpacked(finished.answer.trace)


def test_a_call_is_recorded_as_it_was_sent_and_counted_by_part() -> None:
    recorder, model = Recorder("Is it?"), ScriptedChatModel(["Yes it is."])
    deltas = list(recorder.watched(model).stream(MESSAGES, options=OPTIONS, schema={"type": "object"}))
    assert "".join(delta.text for delta in deltas) == "Yes it is."
    (call,) = taken(recorder).calls
    assert [(part.role, part.text) for part in call.parts] == [(each.role, each.content) for each in MESSAGES]
    assert sum(call.tokens.values()) == model.count_tokens(MESSAGES).tokens
    assert (call.model, call.reply, call.max_tokens, call.constrained) == ("scripted", "Yes it is.", 64, True)
    assert call.usage == deltas[-1].usage
    assert call.first is not None
    assert call.first <= call.seconds


def test_a_call_that_is_stopped_or_fails_is_recorded_too() -> None:
    recorder = Recorder()
    stopped = recorder.watched(ScriptedChatModel(["One two three."])).stream(MESSAGES, options=OPTIONS)
    next(stopped)
    stopped.close()  # type: ignore[attr-defined]
    faulty = FaultyChatModel("refuse")
    with pytest.raises(ProviderUnavailable):
        list(recorder.watched(faulty).stream(MESSAGES, options=OPTIONS))
    first, second = taken(recorder).calls
    assert "One two three.".startswith(first.reply)
    assert first.reply
    assert second.reply == ""
    assert second.error


class Counting(ScriptedChatModel):
    """Notes how many messages it counted at a time."""

    def __init__(self) -> None:
        super().__init__(["Yes."])
        self.counted: list[int] = []

    def count_tokens(self, messages: Sequence[Message]) -> TokenCount:
        self.counted.append(len(messages))
        return super().count_tokens(messages)


def test_a_prompt_that_was_counted_is_not_counted_again() -> None:
    recorder, model = Recorder(), Counting()
    watched = recorder.watched(model)
    watched.count_tokens(MESSAGES)
    list(watched.stream(MESSAGES, options=OPTIONS))
    model.counted.clear()
    (call,) = taken(recorder).calls
    assert set(call.tokens) == {"system", "user"}
    assert model.counted == [1]


def events() -> Iterator[object]:
    yield Stepped(Step("1", "Look it up"))
    yield ToolCalled("a", "calculator", {"expression": "6 * 7"})
    yield ToolReturned("a", "calculator", "42", 2.0)
    yield Stepped(Step("1", "Look it up", "done", seconds=5.0))
    yield Token("Yes.")
    yield Verified(0, 1, ("Yes.",))


def test_events_pass_and_leave_their_times() -> None:
    recorder = Recorder("Is it?", clock=Clock())
    assert [recorder.seen(event) for event in events()] == list(events())  # type: ignore[arg-type]
    trace = taken(recorder)
    (tool,) = trace.tools
    assert (tool.name, tool.arguments, tool.result) == ("calculator", {"expression": "6 * 7"}, "42")
    assert (tool.start, tool.seconds) == (2.0, 2.0)
    (step,) = trace.spans
    assert (step.kind, step.name, step.start, step.seconds) == ("step", "Look it up (done)", 1.0, 5.0)
    assert trace.support == Supported(0, 1, ("Yes.",))


def test_a_call_names_the_step_that_it_was_made_for() -> None:
    recorder, model = Recorder(), ScriptedChatModel(["One.", "Two."])
    recorder.seen(Stepped(Step("1", "Think")))
    list(recorder.watched(model).stream(MESSAGES, options=OPTIONS))
    recorder.seen(Stepped(Step("1", "Think", "done")))
    list(recorder.watched(model).stream(MESSAGES, options=OPTIONS))
    assert [call.step for call in taken(recorder).calls] == ["Think", ""]


def test_a_search_keeps_how_its_hits_begin_and_every_score() -> None:
    document = Document("d", "default", "report.pdf", "", "application/pdf", "d", 1, 1, 0.0)
    hit = Hit(Chunk("c", "d", 0, 1, 0, 4, "word" * 400), document, 0.5, {"dense": 0.7, "lexical": 3.0, "rerank": -1.0})
    recorder = Recorder(clock=Clock())
    recorder.searched("Is it?", [hit], {"total": 0.1}, 2.0)
    (search,) = taken(recorder).searches
    assert (search.query, search.start, dict(search.stages)) == ("Is it?", 1.0, {"total": 0.1})
    (found,) = search.hits
    assert (found.title, found.score, dict(found.scores)) == ("report.pdf", 0.5, dict(hit.scores))
    assert len(found.text) == EXCERPT


def test_the_same_look_of_the_gate_is_kept_once() -> None:
    recorder, verdict = Recorder(), Judged(True, 0.9, 0.4, "balanced", {"coverage": 1.0})
    recorder.judged(verdict)
    recorder.judged(verdict)
    assert taken(recorder).gates == (verdict,)


def test_what_is_kept_is_bounded_and_the_rest_counted() -> None:
    recorder, long = Recorder(), "x" * (KEPT // 2)
    for _ in range(3):
        list(recorder.watched(ScriptedChatModel(["Yes."])).stream((Message("user", long),), options=OPTIONS))
    recorder.seen(ToolReturned("a", "reader", long, 0.1))
    for _ in range(ENTRIES + 1):
        recorder.searched("again", [], {}, 0.0)
    trace = taken(recorder)
    texts = [*(part.text for call in trace.calls for part in call.parts), *(call.reply for call in trace.calls)]
    texts += [*(made.query for made in trace.searches), *(ran.result for ran in trace.tools)]
    assert sum(map(len, texts)) == KEPT
    assert trace.left_out == 3 * len("Yes.") + 4 * len(long) + ENTRIES * len("again") - KEPT
    assert len(trace.searches) == ENTRIES
