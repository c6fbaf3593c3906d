"""A trace is packed whole, and its times lie where they were."""

from __future__ import annotations

import base64
import zlib

import pytest

from basicchat.core import trace as module
from basicchat.core.trace import (
    FoundPassage,
    Judged,
    ModelCalled,
    PromptPart,
    SearchMade,
    Span,
    Supported,
    ToolRan,
    Trace,
    packed,
    timeline,
    unpacked,
)
from basicchat.core.types import Usage

STAGES = {"filter": 0.01, "dense": 0.05, "lexical": 0.03, "search": 0.07, "load": 0.02, "rerank": 0.1, "total": 0.19}
HIT = FoundPassage("c1", "d1", "Report", 3, "Slide 3", "<b>bold</b> \ud800", 0.5, {"dense": 0.7, "rerank": -2.0})
CALL = ModelCalled(
    model="small",
    provider="embedded",
    start=0.3,
    seconds=1.0,
    first=0.4,
    parts=(PromptPart("system", "system", 0, "Answer."), PromptPart("question", "user", 1, "Why?")),
    tokens={"system": 3, "question": 4},
    exact=True,
    reply="Because [1].",
    usage=Usage(7, 4),
)
TRACE = Trace(
    question="Why?",
    mode="direct",
    model="small",
    abstained=False,
    seconds=1.5,
    searches=(SearchMade("Why?", 0.1, 0.19, STAGES, (HIT,)),),
    calls=(CALL,),
    tools=(ToolRan("calculator", {"expression": "1 + 1", "deep": [1, {"a": None}]}, "2", 1.31, 0.01),),
    spans=(Span("check", 1.35, 0.1),),
    gates=(Judged(True, 0.9, 0.4, "balanced", {"coverage": 1.0}),),
    support=Supported(1, 2, ("It rains.",)),
)


def test_a_trace_is_packed_whole() -> None:
    assert unpacked(packed(TRACE)) == TRACE


def test_times_lie_where_they_were() -> None:
    spans = [(span.kind, span.name, round(span.start, 3), span.seconds) for span in timeline(TRACE)]
    assert spans == [
        ("search", "", 0.1, 0.19),
        ("stage", "dense", 0.11, 0.05),
        ("stage", "lexical", 0.11, 0.03),
        ("stage", "load", 0.17, 0.02),
        ("stage", "rerank", 0.19, 0.1),
        ("model", "", 0.3, 1.0),
        ("reading", "", 0.3, 0.4),
        ("tool", "", 1.31, 0.01),
        ("check", "", 1.35, 0.1),
    ]


@pytest.mark.parametrize("text", ["", "!", "AAAA", packed(TRACE)[:40], base64.b64encode(zlib.compress(b"[]")).decode()])
def test_what_is_no_trace_is_refused(text: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        unpacked(text)


def test_a_text_that_unfolds_without_end_is_refused() -> None:
    bomb = base64.b64encode(zlib.compress(b" " * (module.UNPACKED_BYTES + 1) + b"{}")).decode()
    with pytest.raises(ValueError, match="Expecting value"):
        unpacked(bomb)
