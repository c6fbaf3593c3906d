"""What the page of a trace is made of."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from basicchat.core.trace import (
    FoundPassage,
    Judged,
    ModelCalled,
    PromptPart,
    SearchMade,
    Span,
    Trace,
)
from basicchat.core.types import Usage
from basicchat.ui import traces

ATTACK = "<img src=x onerror=alert(1)>"
HIT = FoundPassage("c", "d", ATTACK, 2, "", f"One\n{ATTACK}", 0.51234, {"dense": 0.7, "rerank": -2.0, "own": 1.0})


def call(**values: object) -> ModelCalled:
    parts = (PromptPart("system", "system", 0, "Answer."), PromptPart("question", "user", 1, "Why?"))
    base = {"model": "small", "provider": "embedded", "start": 0.5, "seconds": 1.0, "first": 0.25, "parts": parts}
    base |= {"tokens": {"question": 30, "system": 10}, "exact": True, "reply": "Because.", "usage": Usage(40, 5)}
    return ModelCalled(**(base | values))  # type: ignore[arg-type]


def trace(**values: object) -> Trace:
    return Trace(question="Why?", mode="direct", model="small", abstained=False, seconds=2.0, **values)  # type: ignore[arg-type]


def test_bars_lie_where_the_spans_were() -> None:
    search = SearchMade("Why?", 0.0, 0.2, {"filter": 0.05, "dense": 0.1, "search": 0.15})
    found = traces.bars(trace(searches=(search,), calls=(call(),), spans=(Span("check", 1.5, 0.0),)))
    assert [(bar.name, bar.left, bar.width, bar.child) for bar in found] == [
        ("Search 1", 0.0, 10.0, False),
        ("by meaning", 2.5, 5.0, True),
        ("Model 1", 25.0, 50.0, False),
        ("until its first word", 25.0, 12.5, True),
        ("Check the sentences", 75.0, traces.NARROWEST, False),
    ]


@given(st.lists(st.tuples(st.floats(-1, 1e6), st.floats(0, 1e6)), max_size=5), st.floats(0, 10))
def test_no_bar_leaves_the_whole(times: list[tuple[float, float]], seconds: float) -> None:
    spans = tuple(Span("check", start, took) for start, took in times)
    for bar in traces.bars(Trace("", "direct", None, False, seconds, spans=spans)):
        assert bar.left >= 0
        assert bar.width > 0
        assert bar.left + bar.width <= 100.0001


def test_a_waterfall_holds_no_word_of_documents_or_models() -> None:
    made = trace(
        searches=(SearchMade(ATTACK, 0.0, 0.2, {ATTACK: 0.1}, (HIT,)),),
        calls=(call(model=ATTACK, reply=ATTACK, step=ATTACK),),
        spans=(Span("step", 0.0, 1.0, 1, ATTACK),),
    )
    drawn = traces.waterfall(traces.bars(made))
    assert "onerror" not in drawn
    assert drawn.count("<li") == 4


def test_hits_show_every_score() -> None:
    table = traces.hits_table(SearchMade("Why?", 0.0, 0.2, {}, (HIT,)))
    assert list(table) == ["Rank", "Document", "Place", "Final", "Meaning", "Reranker", "own", "Begins"]
    assert (table["Final"], table["Meaning"], table["Reranker"]) == ([0.5123], [0.7], [-2.0])
    assert table["Begins"] == [f"One {ATTACK}"]


def test_tokens_are_shown_by_part_in_the_order_of_the_prompt() -> None:
    table = traces.tokens_table(call())
    assert table.splitlines()[2:] == [
        "| Instructions | 10 | 25% |",
        "| Question | 30 | 75% |",
        "| Prompt | 40 | 100% |",
    ]
    assert "Prompt, estimated" in traces.tokens_table(call(exact=False))
    assert traces.tokens_table(call(tokens={})) == ""


def test_lines_say_what_was_found() -> None:
    gate = Judged(False, 0.2, 0.4, "strict", {"coverage": 0.5})
    assert traces.gate_line(gate) == (
        "It held the question back: 20% likely that the passages answer it, 40% was asked for (strict)."
    )
    assert "cannot be told" in traces.gate_line(Judged(True, None, 0.4, "balanced"))
    assert traces.evidence_line(gate) == "coverage 0.5"
    assert traces.headline(trace(calls=(call(),))).endswith(
        "0 searches · 1 call of a model · 40 tokens read, 5 written"
    )
    assert traces.call_title(1, call()) == "Model 1: small · 1.00 s · 40 tokens in · 5 out"
    assert "held to a schema" in traces.call_facts(call(constrained=True, step="Plan"))


def test_durations_can_be_compared() -> None:
    assert [traces.took(seconds) for seconds in (0.0, 0.0004, 0.041, 0.9996, 2.309, 3600.0)] == [
        "0.0 ms",
        "0.4 ms",
        "41 ms",
        "1000 ms",
        "2.31 s",
        "3,600.00 s",
    ]
