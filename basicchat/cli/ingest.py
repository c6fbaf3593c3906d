"""``basicchat ingest``."""

from __future__ import annotations

from pathlib import Path

import click

from basicchat.cli import invocation
from basicchat.cli.client import open_client
from basicchat.cli.documents import file_document
from basicchat.cli.exits import Exit
from basicchat.cli.output import Output, counted
from basicchat.core.types import DEFAULT_COLLECTION, FileOutcome, FileStatus

BAD = frozenset({FileStatus.FAILED, FileStatus.NEEDS_PASSWORD})


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option("--collection", default=DEFAULT_COLLECTION, show_default=True, help="Collection to put them in.")
@invocation.common_options
def ingest(paths: tuple[Path, ...], collection: str) -> int:
    """Take files into the library: files, folders with all that is in them, .jsonl and .jsonl.gz.

    A file that cannot be read does not stop the others. Exits 2 when no file could be taken in, 3 when there was none.
    """
    output = invocation.output()
    outcomes: list[FileOutcome] = []
    with open_client(finds=True) as client:
        for outcome in client.library.ingest(paths, collection=collection, report=output.progress):
            outcomes.append(outcome)
            show_outcome(output, outcome)
    if output.as_json:
        output.document({"files": [file_document(outcome) for outcome in outcomes]})
    elif not outcomes:
        output.note("There was no file to take in.")
    return exit_code(outcomes)


def show_outcome(output: Output, outcome: FileOutcome) -> None:
    """One line about one file, and a line for everything its reader should know."""
    amount = f"{counted(outcome.pages, 'page')}, {counted(outcome.chunks, 'passage')}" if outcome.chunks else ""
    parts = (outcome.status.value, outcome.path, amount)
    output.say("  ".join(part for part in parts if part), colour="red" if outcome.status in BAD else None)
    for remark in (*outcome.warnings, *([outcome.error] if outcome.error else [])):
        output.say(f"    {remark}", dim=True)


def exit_code(outcomes: list[FileOutcome]) -> Exit:
    """0 when at least one file is in the library now, 2 when none could be taken in, 3 when there was none."""
    if not outcomes:
        return Exit.NOTHING_FOUND
    return Exit.USER_ERROR if all(outcome.status in BAD for outcome in outcomes) else Exit.DONE
