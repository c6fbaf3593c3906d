"""``basicchat library embedder``."""

from __future__ import annotations

import time

import click

from basicchat.cli import invocation
from basicchat.cli.client import EmbedderClient, open_client
from basicchat.cli.exits import Exit
from basicchat.cli.output import Output
from basicchat.core.errors import InvalidInput
from basicchat.core.generations import GOING_ON, EmbedderStatus
from basicchat.core.types import Job, JobState, Json, Progress

LOOK_SECONDS = 0.2
"""Between two looks at how far a switch is."""


@click.command()
@click.argument("name", required=False)
@click.option("--back", is_flag=True, help="Go back to the embedder before this one.")
@click.option("--rebuild", is_flag=True, help="Build the index of this embedder anew, from kept vectors.")
@click.option("--drop-old", is_flag=True, help="Throw away what the embedder before this one left.")
@click.option("--no-wait", is_flag=True, help="Leave a running page to do it; a later start goes on with it.")
@invocation.common_options
def embedder(name: str | None, back: bool, rebuild: bool, drop_old: bool, no_wait: bool) -> int:
    """Show which embedder finds passages, or switch to another one.

    NAME is a model that `basicchat models list` shows, ollama:MODEL, or sentence-transformers:FOLDER. Questions are
    answered from the old index until the new one is whole; what was stopped goes on later.
    """
    output = invocation.output()
    if sum((name is not None, back, rebuild, drop_old)) > 1:
        raise InvalidInput("A name, --back, --rebuild and --drop-old exclude each other.", hint="Give only one.")
    with open_client() as client:
        embedders = client.reindexing
        if drop_old:
            output.note(f"{embedders.drop_old()} and its vectors are gone.")
        job = embedders.back() if back else embedders.rebuild() if rebuild else embedders.switch(name) if name else None
        code = Exit.DONE if job is None or no_wait else _watch(embedders, job, output)
        show(embedders.status(), output)
    return code


def _watch(embedders: EmbedderClient, job: Job, output: Output) -> Exit:
    """Show how far a job is until it ends."""
    status = embedders.status()
    while status.job is not None and status.job.id == job.id and status.job.state in GOING_ON:
        now = status.job
        if now.state is JobState.PAUSED:
            output.note(f"It is paused. Go on with: basicchat jobs resume {now.id}")
            return Exit.DONE
        output.progress(now.title, Progress(now.stage or "waiting", now.done, now.total, now.unit))
        time.sleep(LOOK_SECONDS)
        status = embedders.status()
    ended = status.job
    if ended is None or ended.id != job.id or ended.state is JobState.DONE:
        return Exit.DONE
    output.note(f"The switch was not finished: {ended.error or ended.state.value}")
    return Exit.FAULT


def show(status: EmbedderStatus, output: Output) -> None:
    """Which embedder serves, which one is to come, which one was."""
    if output.as_json:
        output.document(status_document(status))
    output.say(f"used      {status.active}")
    if status.trouble:
        output.say(f"          {status.trouble}", colour="red")
    if status.building:
        amount = f"  {status.done} of {status.total} passages" if status.total else ""
        output.say(f"to come   {status.building}{amount}")
    if status.previous:
        output.say(f"before    {status.previous}  (basicchat library embedder --back)")


def status_document(status: EmbedderStatus) -> dict[str, Json]:
    """The status as ``--json`` writes it."""
    return {
        "active": status.active,
        "building": status.building or None,
        "previous": status.previous or None,
        "done": status.done,
        "total": status.total,
        "job": status.job.id if status.job else None,
        "state": status.job.state.value if status.job else None,
        "trouble": status.trouble or None,
    }
