"""``basicchat jobs list|show|pause|resume|cancel|retry|dismiss``."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import click

from basicchat.cli import invocation
from basicchat.cli.client import Client, open_client
from basicchat.cli.exits import Exit
from basicchat.cli.naming import the_one
from basicchat.cli.output import Output, counted
from basicchat.core.codec import to_json
from basicchat.core.jobs import JobView, Problem
from basicchat.core.types import FileStatus, Job, JobItem, JobState, Json, Progress

LOOK_SECONDS = 0.3
"""Between two looks at a job that is waited for."""

ID_LENGTH = 8
"""Characters of a job's id that are shown; as few as name one job alone will do."""

GOING_ON = frozenset({JobState.QUEUED, JobState.RUNNING})
BAD = frozenset({FileStatus.FAILED, FileStatus.NEEDS_PASSWORD})


@click.group()
@invocation.common_options
def jobs() -> None:
    """See, stop and go on with work in the background."""


@jobs.command("list")
@click.option("--problems", is_flag=True, help="List the files that could not be taken in, whichever job tried.")
@invocation.common_options
def list_jobs(problems: bool) -> None:
    """List the jobs, newest first."""
    output = invocation.output()
    with open_client() as client:
        if problems:
            _show_problems(output, client.library.problems())
            return
        found = client.jobs.find()
    if output.as_json:
        output.document({"jobs": [job_document(job) for job in found]})
    elif not found:
        output.note("There are no jobs.")
    for job in found:
        output.say(_line(job), colour="red" if job.state is JobState.FAILED else None)


@jobs.command()
@click.argument("job_id")
@invocation.common_options
def show(job_id: str) -> None:
    """Show one job with every file of it."""
    output = invocation.output()
    with open_client() as client:
        view = client.library.job(_named(client, job_id).id)
    if output.as_json:
        output.document(view_document(view))
    _show_view(output, view)


@jobs.command()
@click.argument("job_ids", nargs=-1, required=True, metavar="JOB_ID...")
@invocation.common_options
def pause(job_ids: tuple[str, ...]) -> None:
    """Stop jobs for now; `basicchat jobs resume` goes on after the last finished file."""
    output = invocation.output()
    with open_client() as client:
        found = [_named(client, job_id) for job_id in job_ids]
        for job in found:
            client.jobs.pause(job.id)
        _tell(client, output, found)


@jobs.command()
@click.argument("job_ids", nargs=-1, required=True, metavar="JOB_ID...")
@invocation.common_options
def cancel(job_ids: tuple[str, ...]) -> None:
    """Stop jobs for good; what was taken in stays."""
    output = invocation.output()
    with open_client() as client:
        found = [_named(client, job_id) for job_id in job_ids]
        for job in found:
            client.jobs.cancel(job.id)
        _tell(client, output, found)


@jobs.command()
@click.argument("job_id")
@click.option("--no-wait", is_flag=True, help="Return at once; a running page goes on with it.")
@invocation.common_options
def resume(job_id: str, no_wait: bool) -> Exit:
    """Go on with a job that was paused, stopped or failed, after its last finished file."""
    output = invocation.output()
    with open_client(finds=True) as client:
        job = _named(client, job_id)
        client.jobs.resume(job.id)
        return _follow(client, output, job.id, wait=not no_wait)


@jobs.command()
@click.argument("job_id")
@click.option(
    "--file", "ordinals", type=int, multiple=True, help="Number of a file to try; default is all that failed."
)
@click.option("--password", is_flag=True, help="Ask for the password of locked files.")
@click.option("--no-wait", is_flag=True, help="Return at once; a running page does it.")
@invocation.common_options
def retry(job_id: str, ordinals: tuple[int, ...], password: bool, no_wait: bool) -> Exit:
    """Try the files of a job again that failed or are locked."""
    output = invocation.output()
    with open_client(finds=True) as client:
        job = _named(client, job_id)
        secret = click.prompt("Password", hide_input=True, err=True) if password else ""
        again = client.library.retry(job.id, ordinals or None, secret)
        return _follow(client, output, again.id, wait=not no_wait)


@jobs.command()
@click.argument("job_ids", nargs=-1, required=True, metavar="JOB_ID...")
@invocation.common_options
def dismiss(job_ids: tuple[str, ...]) -> None:
    """Forget jobs that have ended, and uploads of them that failed."""
    output = invocation.output()
    with open_client() as client:
        found = [_named(client, job_id) for job_id in job_ids]
        for job in found:
            client.library.dismiss(job.id)
            output.say(f"dismissed  {_short(job)}  {job.title}")
    if output.as_json:
        output.document({"dismissed": [job.id for job in found]})


def _named(client: Client, given: str) -> Job:
    """The job whose id begins so. Raises `NotFound`, or `InvalidInput` where several do."""
    return the_one(client.jobs.find(), given, one="job", several="jobs", listing="basicchat jobs list")


def _follow(client: Client, output: Output, job_id: str, *, wait: bool) -> Exit:
    """Show how far a job is until it rests, then what became of it."""
    job = client.jobs.get(job_id)
    while wait and job.state in GOING_ON:
        output.progress(job.title, Progress(job.stage or job.state.value, job.done, job.total, job.unit))
        time.sleep(LOOK_SECONDS)
        job = client.jobs.get(job_id)
    view = client.library.job(job_id)
    if output.as_json:
        output.document(view_document(view))
    _show_view(output, view)
    if job.state is JobState.FAILED:
        return Exit.FAULT
    ended = [item for item in view.items if item.status is not None]
    return Exit.USER_ERROR if ended and all(item.status in BAD for item in ended) else Exit.DONE


def _tell(client: Client, output: Output, found: list[Job]) -> None:
    """How the jobs stand now."""
    now = [client.jobs.get(job.id) for job in found]
    if output.as_json:
        output.document({"jobs": [job_document(job) for job in now]})
    for job in now:
        output.say(_line(job))
    if any(job.state in GOING_ON for job in now):
        output.note("It stops at its next step.")


def _show_problems(output: Output, problems: list[Problem]) -> None:
    if output.as_json:
        output.document(
            {
                "problems": [
                    {"job": problem.job_id, "collection": problem.collection, **item_document(problem.item)}
                    for problem in problems
                ]
            }
        )
    elif not problems:
        output.note("Every file could be taken in.")
    for problem in problems:
        item = problem.item
        output.say(f"{problem.job_id[:ID_LENGTH]}  file {item.ordinal}  {item.status or ''}  {item.name}", colour="red")
        output.say(f"    {item.error or ''}", dim=True)


def _show_view(output: Output, view: JobView) -> None:
    output.say(_line(view.job), bold=True)
    if view.items:
        speed = f", {view.pages_per_second:.1f} pages a second" if view.pages_per_second else ""
        left = f", about {view.seconds_left:.0f} s left" if view.seconds_left is not None else ""
        failed = f", {view.failed} failed" if view.failed else ""
        output.say(f"{view.files_done} of {counted(view.files_total, 'file')}{failed}{speed}{left}")
    for item in view.items:
        bad = item.status in BAD
        amount = f"{counted(item.pages, 'page')}, {counted(item.chunks, 'passage')}" if item.chunks else ""
        parts = (f"{item.ordinal:>4}", item.status or item.stage or "waiting", item.name, amount)
        output.say("  ".join(part for part in parts if part), colour="red" if bad else None)
        for remark in (*item.warnings, *([item.error] if item.error else [])):
            output.say(f"      {remark}", dim=True)


def _line(job: Job) -> str:
    created = datetime.fromtimestamp(job.created_at, tz=UTC).astimezone().strftime("%Y-%m-%d %H:%M")
    share = f"{100 * job.done // job.total} %" if job.total and job.state is not JobState.DONE else ""
    stage = job.stage if job.state is JobState.RUNNING else ""
    parts = (_short(job), created, job.state.value, share, job.title, stage, job.error or "")
    return "  ".join(part for part in parts if part)


def _short(job: Job) -> str:
    return job.id[:ID_LENGTH]


def job_document(job: Job) -> dict[str, Json]:
    """A job as ``--json`` writes it; times are in seconds since the epoch."""
    return {
        "id": job.id,
        "kind": job.kind,
        "title": job.title,
        "state": job.state.value,
        "stage": job.stage,
        "done": job.done,
        "total": job.total,
        "unit": job.unit,
        "error": job.error,
        "created_at": job.created_at,
        "updated_at": job.updated_at,
    }


def item_document(item: JobItem) -> dict[str, Json]:
    """A file of a job as ``--json`` writes it."""
    return {
        "file": item.ordinal,
        "name": item.name,
        "path": item.source,
        "status": item.status.value if item.status else None,
        "stage": item.stage,
        "document_id": item.document_id,
        "pages": item.pages,
        "chunks": item.chunks,
        "warnings": list(item.warnings),
        "error": item.error,
    }


def view_document(view: JobView) -> dict[str, Json]:
    """A job with its files as ``--json`` writes it."""
    return {
        **job_document(view.job),
        "files_done": view.files_done,
        "files_total": view.files_total,
        "failed": view.failed,
        "seconds_left": to_json(view.seconds_left),
        "files": [item_document(item) for item in view.items],
    }
