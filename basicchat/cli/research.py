"""``basicchat research start|list|show|export|pause|resume|cancel|forget``."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from basicchat.cli import invocation
from basicchat.cli.client import Client, open_client
from basicchat.cli.exits import Exit
from basicchat.cli.naming import the_one
from basicchat.cli.output import Output, counted, one_line
from basicchat.core.codec import to_json
from basicchat.core.errors import InvalidInput
from basicchat.core.types import DEFAULT_COLLECTION, JobState, Json, Progress

if TYPE_CHECKING:
    from basicchat.core.research import Study

LOOK_SECONDS = 0.3
"""Between two looks at an inquiry that is waited for."""

ID_LENGTH = 8
WIDTH = 160
GOING_ON = frozenset({JobState.QUEUED, JobState.RUNNING})
ENDINGS = {".md": "markdown", ".html": "html", ".htm": "html", ".json": "json"}


@click.group()
@invocation.common_options
def research() -> None:
    """Look into a question for minutes, in the background: a plan, many searches, a cited report.

    Every finished step is kept. After any end of the program `basicchat research resume` goes on.
    """


@research.command()
@click.argument("question")
@click.option("--part", "parts", multiple=True, help="A question of your own for a section; with some no plan is made.")
@click.option("--collection", default=DEFAULT_COLLECTION, show_default=True, help="Where to look.")
@click.option("--model", default="", metavar="NAME", help="Chat model; default is the one in use.")
@click.option("--parts", "most_parts", default=5, show_default=True, type=click.IntRange(1, 12), help="Most sections.")
@click.option("--sources", default=3, show_default=True, type=click.IntRange(1, 8), help="Documents read for each.")
@click.option("--web", is_flag=True, help="Allow it to search the web with the questions of the plan, too.")
@click.option("--no-wait", is_flag=True, help="Return at once; a running page does it.")
@invocation.common_options
def start(
    question: str,
    parts: tuple[str, ...],
    collection: str,
    model: str,
    most_parts: int,
    sources: int,
    web: bool,
    no_wait: bool,
) -> Exit:
    """Begin, and print the report when it is there.

    Ctrl+C ends the command and loses nothing: `basicchat research resume` goes on.
    """
    output = invocation.output()
    with open_client(finds=True) as client:
        begun = client.research.submit(
            question,
            collection=collection,
            model=model,
            parts=parts,
            web=web,
            most_parts=most_parts,
            most_sources=sources,
        )
        return _follow(client, output, begun.id, wait=not no_wait)


@research.command("list")
@invocation.common_options
def list_studies() -> None:
    """List what was looked into, newest first."""
    output = invocation.output()
    with open_client() as client:
        found = client.research.all()
    if output.as_json:
        output.document({"research": [_document(study) for study in found]})
    elif not found:
        output.note("Nothing was looked into yet.")
    for study in found:
        output.say(_line(study), colour="red" if study.state is JobState.FAILED else None)


@research.command()
@click.argument("study_id", metavar="ID")
@invocation.common_options
def show(study_id: str) -> None:
    """Show the plan and every finished step, and the report once there is one."""
    output = invocation.output()
    with open_client() as client:
        _show(client, output, _named(client, study_id))


@research.command()
@click.argument("study_id", metavar="ID")
@click.option("--to", "file", type=click.Path(path_type=Path, dir_okay=False), help="A .md, .html or .json file.")
@invocation.common_options
def export(study_id: str, file: Path | None) -> None:
    """Write the report: to a file, whose ending says how, or as Markdown to the terminal."""
    output = invocation.output()
    if file is not None and file.suffix.lower() not in ENDINGS:
        raise InvalidInput(f"A report cannot be written as {file.name}.", hint=f"One of: {', '.join(ENDINGS)}.")
    with open_client() as client:
        found = _named(client, study_id)
        text = client.research.export(found.id, ENDINGS[file.suffix.lower()] if file else "markdown")
    if file is None:
        if output.as_json:
            output.document({"id": found.id, "markdown": text})
        output.say(text)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{file} cannot be written: {error}") from error
    if output.as_json:
        output.document({"id": found.id, "file": str(file)})
    output.say(f"Written to {file}.")


@research.command()
@click.argument("study_id", metavar="ID")
@invocation.common_options
def pause(study_id: str) -> None:
    """Stop for now, at the next word of the model at the latest."""
    with open_client() as client:
        client.research.pause(_named(client, study_id).id)
        _tell(client, study_id)


@research.command()
@click.argument("study_id", metavar="ID")
@invocation.common_options
def cancel(study_id: str) -> None:
    """Stop for good; finished steps are kept."""
    with open_client() as client:
        client.research.cancel(_named(client, study_id).id)
        _tell(client, study_id)


@research.command()
@click.argument("study_id", metavar="ID")
@click.option("--no-wait", is_flag=True, help="Return at once; a running page goes on with it.")
@invocation.common_options
def resume(study_id: str, no_wait: bool) -> Exit:
    """Go on after the last finished step: of what was paused, stopped, or cut off by the end of the program."""
    output = invocation.output()
    with open_client(finds=True) as client:
        found = _named(client, study_id)
        client.research.resume(found.id)
        return _follow(client, output, found.id, wait=not no_wait)


@research.command()
@click.argument("study_id", metavar="ID")
@invocation.common_options
def forget(study_id: str) -> None:
    """Forget what was looked into, with its report."""
    output = invocation.output()
    with open_client() as client:
        found = _named(client, study_id)
        client.research.forget(found.id)
    if output.as_json:
        output.document({"forgotten": found.id})
    output.say(f"forgotten  {_line(found)}")


def _named(client: Client, given: str) -> Study:
    """The inquiry whose id begins so. Raises `NotFound`, or `InvalidInput` where several do."""
    found = client.research.all()
    return the_one(found, given, one="research", several="inquiries", listing="basicchat research list")


def _follow(client: Client, output: Output, study_id: str, *, wait: bool) -> Exit:
    """Show how far it is until it rests, then what became of it."""
    study = client.research.study(study_id)
    while wait and study.state in GOING_ON:
        output.progress("Research", Progress(study.stage or study.state.value, study.done, study.total, "steps"))
        time.sleep(LOOK_SECONDS)
        study = client.research.study(study_id)
    _show(client, output, study)
    return Exit.FAULT if study.state is JobState.FAILED else Exit.DONE


def _show(client: Client, output: Output, study: Study) -> None:
    if output.as_json:
        output.document(_document(study) | {"report": to_json(study.report)})
        return
    output.say(_line(study), bold=True)
    for step in study.steps:
        output.say(f"{step.id:>4}  {step.title} ({step.seconds:.1f} s, {step.tokens} tokens)")
        output.say(f"      {one_line(step.detail, WIDTH)}", dim=True)
    if study.report is not None:
        output.say()
        output.say(client.research.export(study.id))


def _tell(client: Client, given: str) -> None:
    output = invocation.output()
    study = _named(client, given)
    if output.as_json:
        output.document(_document(study))
    output.say(_line(study))
    if study.state in GOING_ON:
        output.note("It stops in a moment.")


def _line(study: Study) -> str:
    begun = datetime.fromtimestamp(study.begun_at).astimezone()
    far = f"{study.done} of {study.total} steps" if study.total and study.report is None else ""
    cited = counted(len(study.report.citations), "citation") if study.report else ""
    parts = (
        *(study.id[:ID_LENGTH], f"{begun:%Y-%m-%d %H:%M}", study.state.value, far),
        *(one_line(study.inquiry.question, 80), cited, study.stage, study.error),
    )
    return "  ".join(part for part in parts if part)


def _document(study: Study) -> dict[str, Json]:
    """An inquiry as ``--json`` writes it; times are in seconds since the epoch."""
    return {
        "id": study.id,
        "question": study.inquiry.question,
        "collection": study.inquiry.collection,
        "state": study.state.value,
        "stage": study.stage,
        "done": study.done,
        "total": study.total,
        "plan": list(study.plan),
        "steps": to_json(study.steps),
        "error": study.error,
        "begun_at": study.begun_at,
    }
