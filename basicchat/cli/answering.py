"""Rendering an answer while it is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import click

from basicchat.cli.output import Output, one_line
from basicchat.core.codec import to_json
from basicchat.core.events import Event, Retrieved, Stepped, Thought, Token, ToolCalled, answer_of
from basicchat.core.grounding import described, disagreement
from basicchat.core.place import where
from basicchat.core.types import Answer, Earlier, Progress
from basicchat.reason.gate import STRICTNESSES

QUOTE = 160

strictness = click.option(
    "--strictness",
    type=click.Choice(STRICTNESSES),
    default=None,
    help="How sure it must be that the documents answer; default is the setting answer.strictness.",
)
"""The option of commands that answer."""


def show_stream(events: Iterable[Event], output: Output, *, verbose: bool = False) -> Answer:
    """Print the pieces as they come, then sources and warnings. Raises the error that a failed answer stands for.

    ``verbose`` tells every step on stderr when it ends.
    """
    answer = answer_of(_printing(events, output, verbose=verbose))
    output.say()
    if answer.earlier is not None and not output.as_json:
        output.note(_earlier_line(answer.earlier))
    for call in answer.calls:
        if call.outcome == "done" and call.arguments:
            output.say(one_line(call.line, QUOTE), dim=True)
    _show_sources(output, answer)
    if not output.as_json:
        for conflict in answer.conflicts:
            output.note(disagreement(conflict))
        for warning in answer.warnings:
            output.note(f"Warning: {warning}")
    return answer


def printed(stream: Callable[..., Iterator[Event]], output: Output, **options: Any) -> Iterator[Event]:
    """The events of a stream, each printed as ``{"event": its kind, "data": it}`` on a line before it is given on."""
    for event in stream(**options):
        output.document({"event": type(event).__name__, "data": to_json(event)})
        yield event


def _printing(events: Iterable[Event], output: Output, *, verbose: bool) -> Iterator[Event]:
    output.progress("Searching", Progress(""))
    for event in events:
        match event:
            case Retrieved(hits=hits):
                output.progress("Reading", Progress("", len(hits), 0, "passages"))
            case Thought(text=text):
                output.progress("Thinking", Progress(text))
            case Stepped(step=step):
                if verbose and step.status != "running":
                    output.note(f"{step.status}: {step.title} ({step.seconds:.1f} s, {step.tokens} tokens)")
                    if step.detail:
                        output.note(f"    {one_line(step.detail, QUOTE)}")
                else:
                    output.progress("Doing", Progress(step.title))
            case ToolCalled(name=name):
                output.progress("Using", Progress(name))
            case Token(text=text):
                output.piece(text)
        yield event


def _earlier_line(earlier: Earlier) -> str:
    made = datetime.fromtimestamp(earlier.made_at).astimezone()
    return f"From an earlier answer to “{earlier.question}”, {made:%Y-%m-%d %H:%M}. Ask afresh with --fresh."


def _show_sources(output: Output, answer: Answer) -> None:
    if not answer.citations:
        return
    output.say()
    output.say("Sources", bold=True)
    facts = {each.document_id: described(each) for each in answer.sources}
    for citation in answer.citations:
        output.say(f"[{citation.number}] {citation.source}, {where(citation.place, citation.page)}")
        if citation.document_id in facts:
            output.say(f"    {facts[citation.document_id]}", dim=True)
        output.say(f"    {one_line(citation.quote, QUOTE)}", dim=True)
