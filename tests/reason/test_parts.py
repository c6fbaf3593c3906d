"""A prompt is divided into its parts and loses no character."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from basicchat.core.trace import timeline, unpacked
from basicchat.core.types import Message
from basicchat.reason.parts import parts_of
from basicchat.reason.prompts import direct
from basicchat.testing.chat import ScriptedChatModel

QUESTION = "When was the Colosseum finished?"


def test_what_was_sent_is_named_by_part_and_counted(asking: Callable[..., object]) -> None:
    model = ScriptedChatModel(["It was finished in 80 AD [1]."])
    history = (Message("user", "Is it old?"), Message("assistant", "Yes."))
    answer = asking(model).answer(QUESTION, history=history)  # type: ignore[attr-defined]
    trace = unpacked(answer.trace)
    (call,) = trace.calls
    assert [part.name for part in call.parts] == [
        "system",
        "example",
        "example",
        "history",
        "history",
        "documents",
        "question",
    ]
    assert set(call.tokens) == {"system", "example", "history", "documents", "question"}
    sent = model.calls[-1].messages
    assert sum(call.tokens.values()) == model.count_tokens(sent).tokens
    for place, message in enumerate(sent):
        assert "".join(part.text for part in call.parts if part.message == place) == message.content
    assert "80 AD" in call.parts[-2].text
    assert call.parts[-1].text.startswith(f"Question: {QUESTION}")


def test_an_answer_tells_all_of_its_making(asking: Callable[..., object]) -> None:
    answer = asking(ScriptedChatModel(["It was finished in 80 AD [1]."])).answer(QUESTION)  # type: ignore[attr-defined]
    trace = unpacked(answer.trace)
    (search,) = trace.searches
    assert search.query == QUESTION
    assert {"dense", "lexical", "rerank"} <= set(search.hits[0].scores)
    (gate,) = trace.gates
    assert (gate.opened, gate.strictness) == (True, "balanced")
    assert trace.support is not None
    assert (trace.support.supported, trace.support.total) == (1, 1)
    assert {"search", "stage", "prompt", "model", "check"} <= {span.kind for span in timeline(trace)}
    assert all(0 <= span.start <= span.start + span.seconds for span in timeline(trace))


def test_a_refusal_of_the_gate_is_told(asking: Callable[..., object]) -> None:
    answer = asking(ScriptedChatModel(["x"])).answer("Which enzyme unwinds the double helix?")  # type: ignore[attr-defined]
    trace = unpacked(answer.trace)
    assert answer.abstained
    assert trace.abstained
    assert [gate.opened for gate in trace.gates] == [False]
    assert trace.calls == ()


@given(st.lists(st.text(max_size=30), min_size=1, max_size=5), st.text(max_size=10), st.booleans())
def test_no_character_is_lost(texts: list[str], question: str, shaped: bool) -> None:
    contents = [*texts[:-1], direct.user(question, ()) if shaped else texts[-1]]
    messages = [Message("system" if place == 0 else "user", text) for place, text in enumerate(contents)]
    parts = parts_of(question, messages)
    for place, message in enumerate(messages):
        assert "".join(part.text for part in parts if part.message == place) == message.content
