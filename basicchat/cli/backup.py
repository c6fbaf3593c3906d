"""``basicchat backup create|verify|restore``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from basicchat.cli import invocation
from basicchat.cli.client import open_client
from basicchat.cli.essentials import ABSENT
from basicchat.cli.exits import Exit
from basicchat.cli.output import Output, counted
from basicchat.core.types import Json
from basicchat.service.archive import Manifest

FILE = click.Path(path_type=Path)


@click.group()
@invocation.common_options
def backup() -> None:
    """Keep the library in one file, and put it back."""


@backup.command()
@click.argument("target", metavar="FILE|FOLDER", type=FILE)
@invocation.common_options
def create(target: Path) -> None:
    """Back up documents, conversations and settings; BasicChat may run meanwhile.

    In a FOLDER that is there, the file is named after the time. Model files and indexes are left out: they come back
    by themselves.
    """
    from basicchat import bootstrap

    output, settings = invocation.output(), invocation.settings()
    file, manifest = bootstrap.open_backups(settings).create(
        target, tell=lambda progress: output.progress("backup", progress)
    )
    if output.as_json:
        output.document({"file": str(file), **manifest_document(manifest)})
    output.say(f"{file}  {file.stat().st_size / 1e6:,.1f} MB")
    show(manifest, output)


@backup.command()
@click.argument("file", type=FILE)
@invocation.common_options
def verify(file: Path) -> None:
    """Read every byte of a backup and check it. Exits 2 when it cannot be trusted."""
    from basicchat import bootstrap

    output, settings = invocation.output(), invocation.settings()
    manifest = bootstrap.open_backups(settings).verify(file, tell=lambda progress: output.progress("backup", progress))
    if output.as_json:
        output.document({"file": str(file), **manifest_document(manifest)})
    output.say(f"{file} is whole.")
    show(manifest, output)


@backup.command()
@click.argument("file", type=FILE)
@click.option("--force", is_flag=True, help="Move a library that is there aside. Nothing of it is deleted.")
@invocation.common_options
def restore(file: Path, force: bool) -> int:
    """Put a backup into the home, or into another one with --home, and build its indexes.

    The backup is checked first; where it cannot be trusted, nothing is changed.
    """
    from basicchat import bootstrap

    output, settings = invocation.output(), invocation.settings()
    manifest, aside = bootstrap.restore_backup(
        settings, file, force=force, tell=lambda progress: output.progress("backup", progress)
    )
    code = _build_indexes(output)
    if output.as_json:
        output.document({"home": str(settings.home), "aside": str(aside or ""), **manifest_document(manifest)})
    output.say(f"restored  {settings.home}")
    show(manifest, output)
    if aside is not None:
        output.say(f"The library that was there is in {aside}.")
    return code


def _build_indexes(output: Output) -> int:
    try:
        with open_client(finds=True) as client:
            client.reindexing.complete(output.progress)
    except ABSENT as error:
        output.note(f"The documents are there, the indexes are not yet: {error}")
        output.note("Fetch what is missing, then run: basicchat doctor --repair")
        return Exit.FAULT
    return Exit.DONE


def show(manifest: Manifest, output: Output) -> None:
    """What a backup holds."""
    counts = manifest.counts
    made = datetime.fromtimestamp(manifest.created, tz=UTC).astimezone().isoformat(sep=" ", timespec="seconds")
    output.say(
        f"{counted(counts.get('documents', 0), 'document')}, {counted(counts.get('passages', 0), 'passage')}, "
        f"{counted(counts.get('conversations', 0), 'conversation')}, made {made} by BasicChat {manifest.version}"
    )
    for path in manifest.lost:
        output.say(f"an original was lost before: {path}", colour="red")


def manifest_document(manifest: Manifest) -> dict[str, Json]:
    """A manifest as ``--json`` writes it; ``created`` is in seconds since the epoch."""
    return {
        "version": manifest.version,
        "created": manifest.created,
        "counts": dict(manifest.counts),
        "lost": list(manifest.lost),
    }
