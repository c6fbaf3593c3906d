"""From a trace to what its page shows. Pure: no Streamlit here."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from basicchat.core.place import where
from basicchat.core.trace import PART_NAMES, Judged, ModelCalled, SearchMade, Span, Trace, timeline
from basicchat.ui import render

NARROWEST = 0.4
"""Per cent of the whole: a bar that took less is drawn this wide, so that it can be seen."""

CHILDREN = frozenset({"stage", "reading"})

NAMES = {
    "search": "Search",
    "prompt": "Make the prompt",
    "model": "Model",
    "reading": "until its first word",
    "tool": "Tool",
    "check": "Check the sentences",
    "step": "Step",
}
"""Words for kinds of spans. A waterfall shows these and numbers, never a word of a document or a model."""

STAGE_NAMES = {"dense": "by meaning", "lexical": "by words", "load": "read passages", "rerank": "reorder"}

SCORES = {"dense": "Meaning", "lexical": "Words", "fused": "Joined", "rerank": "Reranker"}
"""Columns of scores, in the order in which they come about; others follow under their own names."""

PARTS = {
    "system": "Instructions",
    "example": "Example",
    "history": "Said before",
    "documents": "Documents",
    "question": "Question",
    "user": "User",
    "assistant": "Assistant",
    "tool": "Tool",
}
"""Words for parts of a prompt."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of the waterfall: where it begins and how wide it is, in per cent of the whole, and its seconds."""

    name: str
    kind: str
    left: float
    width: float
    seconds: float
    child: bool


def bars(trace: Trace) -> list[Bar]:
    """The waterfall of a trace, in the order in which things began. No bar leaves the whole."""
    spans = timeline(trace)
    whole = max([trace.seconds, *(span.start + span.seconds for span in spans), 1e-9])
    found = []
    for span in spans:
        left = min(100 * max(span.start, 0.0) / whole, 100 - NARROWEST)
        width = min(max(100 * span.seconds / whole, NARROWEST), 100 - left)
        found.append(Bar(_name(span), span.kind, left, width, span.seconds, span.kind in CHILDREN))
    return found


def _name(span: Span) -> str:
    if span.kind == "stage":
        return STAGE_NAMES.get(span.name, "part")
    name = NAMES[span.kind]
    return f"{name} {span.number}" if span.kind in ("search", "model", "tool", "step") else name


def waterfall(rows: Sequence[Bar]) -> str:
    """The bars as HTML: our own words and numbers only."""
    lines = "".join(
        f'<li class="{html.escape(row.kind)}{" child" if row.child else ""}"><span>{html.escape(row.name)}</span>'
        f'<b><i style="margin-left:{row.left:.2f}%;width:{row.width:.2f}%"></i></b>'
        f"<em>{html.escape(took(row.seconds))}</em></li>"
        for row in rows
    )
    return f'<ol class="waterfall">{lines}</ol>'


def took(seconds: float) -> str:
    """A duration to compare with others: ``0.4 ms``, ``41 ms``, ``2.31 s``."""
    if seconds >= 1:
        return f"{seconds:,.2f} s"
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.001 else f"{seconds * 1000:.1f} ms"


def headline(trace: Trace) -> str:
    """The answer in figures: who wrote it, how long it took, what was read and written."""
    read = sum(call.usage.prompt_tokens or 0 for call in trace.calls)
    wrote = sum(call.usage.completion_tokens or 0 for call in trace.calls)
    searches, calls = len(trace.searches), len(trace.calls)
    facts = [
        render.MODES.get(trace.mode, trace.mode),
        trace.model or "no model",
        took(trace.seconds),
        f"{searches} {'search' if searches == 1 else 'searches'}",
        f"{calls} {'call' if calls == 1 else 'calls'} of a model",
    ]
    return " · ".join([*facts, *([f"{read:,} tokens read, {wrote:,} written"] if calls else [])])


def gate_line(gate: Judged) -> str:
    """What the gate found, in a sentence."""
    likely = "how likely cannot be told" if gate.probability is None else f"{gate.probability:.0%} likely"
    verdict = "It let the question pass" if gate.opened else "It held the question back"
    return f"{verdict}: {likely} that the passages answer it, {gate.least:.0%} was asked for ({gate.strictness})."


def evidence_line(gate: Judged) -> str:
    """What the gate went by."""
    return ", ".join(f"{name} {value:.3g}" for name, value in gate.evidence.items())


def hits_table(made: SearchMade) -> dict[str, list[object]]:
    """The hits of a search by column, best first: document, place, final score, every ranking's score, beginning."""
    others = sorted({name for hit in made.hits for name in hit.scores} - SCORES.keys())
    shown = [name for name in (*SCORES, *others) if any(name in hit.scores for hit in made.hits)]
    return {
        "Rank": [*range(1, len(made.hits) + 1)],
        "Document": [hit.title for hit in made.hits],
        "Place": [where(hit.place, hit.page) for hit in made.hits],
        "Final": [round(hit.score, 4) for hit in made.hits],
        **{SCORES.get(name, name): [_rounded(hit.scores.get(name)) for hit in made.hits] for name in shown},
        "Begins": [" ".join(hit.text.split()) for hit in made.hits],
    }


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, 4)


def call_title(number: int, call: ModelCalled) -> str:
    """One call in a line."""
    read, wrote = call.usage.prompt_tokens, call.usage.completion_tokens
    facts = [f"Model {number}: {call.model or 'unknown'}", took(call.seconds)]
    facts += [f"{read:,} tokens in"] if read is not None else []
    facts += [f"{wrote:,} out"] if wrote is not None else []
    return " · ".join([*facts, *(["failed"] if call.error else [])])


def tokens_table(call: ModelCalled) -> str:
    """How many tokens each part of a prompt takes, as a table in Markdown; empty where nobody counted."""
    if not call.tokens:
        return ""
    whole = sum(call.tokens.values())
    ordered = sorted(call.tokens, key=lambda name: PART_NAMES.index(name) if name in PART_NAMES else len(PART_NAMES))
    rows = [(PARTS.get(name, "Other"), call.tokens[name]) for name in ordered]
    rows.append(("Prompt" if call.exact else "Prompt, estimated", whole))
    lines = [f"| {name} | {tokens:,} | {tokens / whole if whole else 0:.0%} |" for name, tokens in rows]
    return "\n".join(["| Part | Tokens | Share |", "|:--|--:|--:|", *lines])


def call_facts(call: ModelCalled) -> str:
    """How the model was asked and what its server measured."""
    usage = call.usage
    facts = [f"temperature {call.temperature:g}"]
    facts += [f"at most {call.max_tokens:,} tokens"] if call.max_tokens is not None else []
    facts += ["held to a schema"] if call.constrained else []
    facts += [f"first word after {took(call.first)}"] if call.first is not None else []
    facts += [f"prompt read in {took(usage.prompt_seconds)}"] if usage.prompt_seconds else []
    if usage.completion_seconds and usage.completion_tokens:
        facts.append(f"{usage.completion_tokens / usage.completion_seconds:.1f} tokens a second")
    facts += [f"ended: {call.finish_reason}"] if call.finish_reason else []
    return " · ".join([*facts, *([f"for the step “{call.step}”"] if call.step else [])])
