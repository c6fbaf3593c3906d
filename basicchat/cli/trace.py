"""``basicchat trace``: how an answer was made."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import cast

import click

from basicchat.cli import invocation
from basicchat.cli.client import open_client
from basicchat.cli.exits import Exit
from basicchat.cli.output import Output, counted, one_line
from basicchat.core.codec import to_json
from basicchat.core.place import where
from basicchat.core.trace import ModelCalled, SearchMade, Span, Trace, TracedAnswer, timeline, unpacked
from basicchat.core.types import Answer, Json

ID_LENGTH = 8
"""Characters of an answer's id that are shown; as few as name one alone will do."""
WIDTH = 100
"""Characters of a text of documents or models on a line."""


@click.command()
@click.argument("answer_id", required=False)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000), help="How many to list.")
@invocation.common_options
def trace(answer_id: str | None, limit: int) -> int:
    """Show how a kept answer was made: searches, prompts, calls, times. Without ANSWER_ID, list answers.

    With --json all of it is printed: every hit with its scores, every prompt as it was sent.
    """
    output = invocation.output()
    with open_client() as client:
        if answer_id is None:
            return _list(output, client.traces.answers(limit=limit))
        found = client.traces.get(answer_id)
    if output.as_json:
        output.document(trace_document(found))
    _show(output, found)
    return Exit.DONE


def trace_document(found: Trace) -> dict[str, Json]:
    """A trace as JSON."""
    return cast("dict[str, Json]", to_json(found))


def write(answer: Answer, file: Path) -> None:
    """Write how an answer was made to a file, as JSON; an empty object for one that was given again."""
    document = trace_document(unpacked(answer.trace)) if answer.trace else {}
    file.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _list(output: Output, found: list[TracedAnswer]) -> Exit:
    if output.as_json:
        output.document({"answers": to_json(found)})
    elif not found:
        output.note("There are no answers in kept conversations.")
    for each in found:
        made = datetime.fromtimestamp(each.made_at).astimezone()
        output.say(f"{each.id[:ID_LENGTH]}  {made:%Y-%m-%d %H:%M}  {each.mode:<10}  {one_line(each.question, WIDTH)}")
    return Exit.DONE


def _show(output: Output, found: Trace) -> None:
    output.say(one_line(found.question, WIDTH), bold=True)
    output.say(f"{found.mode}, {found.model or 'no model'}, {found.seconds:.2f} s")
    for gate in found.gates:
        likely = "cannot be told" if gate.probability is None else f"{gate.probability:.0%}"
        verdict = "answer" if gate.opened else "do not answer"
        output.say(f"Gate: {verdict}. How likely the passages hold it: {likely}; {gate.least:.0%} is asked for.")
    if found.support is not None:
        output.say(f"Check: {found.support.supported} of {counted(found.support.total, 'sentence')} borne out.")
    for number, made in enumerate(found.searches, start=1):
        _show_search(output, number, made)
    for number, call in enumerate(found.calls, start=1):
        _show_call(output, number, call)
    for number, ran in enumerate(found.tools, start=1):
        output.say(f"Tool {number}: {ran.name}, {ran.seconds:.2f} s", bold=True)
        output.say(f"   {one_line(json.dumps(to_json(ran.arguments), ensure_ascii=False), WIDTH)}")
        output.say(f"   {one_line(ran.result, WIDTH)}", dim=True)
    output.say("Times", bold=True)
    for span in timeline(found):
        output.say(f"{span.start:8.3f} s  {span.seconds:8.3f} s  {one_line(_label(span), WIDTH)}")


def _show_search(output: Output, number: int, made: SearchMade) -> None:
    output.say(f"Search {number}: {one_line(made.query, WIDTH)} ({made.seconds:.3f} s)", bold=True)
    for rank, hit in enumerate(made.hits, start=1):
        scores = ", ".join(f"{name} {score:.3f}" for name, score in hit.scores.items())
        output.say(
            f"{rank:>4}. {hit.score:.3f}  {one_line(hit.title, WIDTH)}, {where(hit.place, hit.page)}  ({scores})"
        )


def _show_call(output: Output, number: int, call: ModelCalled) -> None:
    read, wrote = call.usage.prompt_tokens, call.usage.completion_tokens
    output.say(f"Model {number}: {call.model}, {read} tokens in, {wrote} out, {call.seconds:.2f} s", bold=True)
    if call.tokens:
        about = "" if call.exact else "about "
        output.say("   " + ", ".join(f"{name} {about}{tokens}" for name, tokens in call.tokens.items()))
    output.say(f"   {one_line(call.error or call.reply, WIDTH)}", dim=True)


def _label(span: Span) -> str:
    return f"{span.kind} {span.number}" + (f": {span.name}" if span.name else "")
