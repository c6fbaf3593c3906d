"""Answers whose tools may need a word of the person at the terminal: asked there, refused with a hint elsewhere."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator

import click

from basicchat.cli.answering import show_stream
from basicchat.cli.output import Output, is_terminal
from basicchat.cli.tools import opened
from basicchat.core.events import Event
from basicchat.core.types import Answer, ToolCall, ToolUse

HINT = "Ask in a terminal, or on the page, to be asked whether it may."


def show_with_consent(
    stream: Callable[..., Iterator[Event]], output: Output, *, verbose: bool = False, asks: bool = True
) -> Answer:
    """Show an answer. Where calls of tools wait for consent, ask for it and show the answer that is made with them.

    ``stream`` takes ``allowed``, the calls that were consented to. Nobody is asked off a terminal, with ``--json``,
    or unless ``asks``: then the calls are named on stderr, and none is made. Raises what `show_stream` raises.
    """
    allowed: list[ToolCall] = []
    heard: list[ToolCall] = []
    while True:
        answer = show_stream(stream(allowed=tuple(allowed)) if allowed else stream(), output, verbose=verbose)
        waiting = [use for use in answer.calls if use.outcome == "asked" and _call(use) not in heard]
        if not asks or output.as_json or not is_terminal(sys.stdin):
            for use in waiting:
                output.note(f"{described(use)} {HINT}")
            return answer
        heard += [_call(use) for use in waiting]
        granted = [_call(use) for use in waiting if _granted(use, output)]
        if not granted:
            return answer
        allowed += granted
        output.say()


def described(use: ToolUse) -> str:
    """The call that waits and why, in a sentence; the arguments as they would be sent."""
    return f"The tool {use.name} did not run with {json.dumps(dict(use.arguments), ensure_ascii=False)}: {use.said}."


def _granted(use: ToolUse, output: Output) -> bool:
    """Put a call to the person; `always` and `never` are remembered."""
    output.note(described(use))
    choices = ["once", "no", "never"] if use.tainted else ["once", "always", "no", "never"]
    said = click.prompt("Allow it?", type=click.Choice(choices), default="no", err=True)
    if said in ("always", "never"):
        with opened() as box:
            box.set(use.name, "always" if said == "always" else "never")
    return said in ("once", "always")


def _call(use: ToolUse) -> ToolCall:
    return ToolCall(use.name, use.arguments)
