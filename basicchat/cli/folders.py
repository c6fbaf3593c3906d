"""``basicchat library sync`` and ``basicchat library watch add|list|remove|pause|resume``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from basicchat.cli import invocation
from basicchat.cli.client import open_client
from basicchat.cli.exits import Exit
from basicchat.cli.output import Output, counted
from basicchat.core.codec import to_json
from basicchat.core.types import DEFAULT_COLLECTION, FileState, FileStatus, SyncReport, WatchedFolder

BAD = frozenset({FileStatus.FAILED, FileStatus.NEEDS_PASSWORD})


@click.command()
@click.argument("folders", nargs=-1, metavar="[PATH]...")
@click.option("--again", is_flag=True, help="Try files again that could not be read before.")
@invocation.common_options
def sync(folders: tuple[str, ...], again: bool) -> int:
    """Bring the library up to the watched folders, or to those named here.

    New and changed files are taken in, moved ones keep their place, deleted ones leave the library. Exits 2 when a
    folder could not be looked at.
    """
    output = invocation.output()
    with open_client(finds=True) as client:
        reports: list[SyncReport] = []
        for folder in folders or (None,):
            reports += client.folders.sync(folder, again=again, report=output.progress)
        failed = {report.path: _failed(client.folders.files(report.folder_id)) for report in reports if report.failed}
    if output.as_json:
        output.document({"folders": [to_json(report) for report in reports]})
    elif not reports:
        output.note("No folder is watched. Watch one with: basicchat library watch add PATH")
    for report in reports:
        _show_report(output, report, failed.get(report.path, []))
    return Exit.USER_ERROR if any(report.problem for report in reports) else Exit.DONE


@click.group()
@invocation.common_options
def watch() -> None:
    """Choose the folders that the library follows."""


@watch.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--collection", default=DEFAULT_COLLECTION, show_default=True, help="Collection to put the files in.")
@click.option("--ignore", multiple=True, metavar="PATTERN", help="Leave these out, as in .gitignore. May be repeated.")
@invocation.common_options
def add(path: Path, collection: str, ignore: tuple[str, ...]) -> None:
    """Follow a folder from now on. Adding it again changes what it leaves out."""
    output = invocation.output()
    with open_client() as client:
        folder = client.folders.add(path, collection=collection, ignore=ignore)
    if output.as_json:
        output.document({"folder": to_json(folder)})
    output.say(f"watched  {folder.path}")
    output.note("Take its files in with: basicchat library sync. While the page is open, that happens by itself.")


@watch.command("list")
@invocation.common_options
def list_folders() -> None:
    """List the watched folders."""
    output = invocation.output()
    with open_client() as client:
        folders = client.folders.all()
    if output.as_json:
        output.document({"folders": [to_json(folder) for folder in folders]})
    elif not folders:
        output.note("No folder is watched. Watch one with: basicchat library watch add PATH")
    for folder in folders:
        output.say(_line(folder))


@watch.command()
@click.argument("folder", metavar="PATH")
@click.option("--documents", is_flag=True, help="Remove what came from it from the library too.")
@invocation.common_options
def remove(folder: str, documents: bool) -> None:
    """Follow a folder no more. Its documents stay, unless told otherwise."""
    output = invocation.output()
    with open_client() as client:
        removed = client.folders.remove(folder, documents=documents)
    if output.as_json:
        output.document({"removed": removed})
    output.say(f"no longer watched  {folder}" + (f"  {counted(removed, 'document')} removed" if documents else ""))


@watch.command()
@click.argument("folder", metavar="PATH")
@invocation.common_options
def pause(folder: str) -> None:
    """Follow a folder only when it is named."""
    _set_paused(folder, paused=True)


@watch.command()
@click.argument("folder", metavar="PATH")
@invocation.common_options
def resume(folder: str) -> None:
    """Follow a paused folder again."""
    _set_paused(folder, paused=False)


def _set_paused(folder: str, *, paused: bool) -> None:
    output = invocation.output()
    with open_client() as client:
        found = client.folders.pause(folder, paused=paused)
    if output.as_json:
        output.document({"folder": to_json(found)})
    output.say(_line(found))


def _line(folder: WatchedFolder) -> str:
    when = "never synced"
    if folder.synced_at is not None:
        when = "synced " + datetime.fromtimestamp(folder.synced_at, tz=UTC).astimezone().isoformat(" ", "seconds")[:19]
    left_out = f"  without {', '.join(folder.ignore)}" if folder.ignore else ""
    return f"{'paused ' if folder.paused else 'watched'}  {folder.collection}  {folder.path}  {when}{left_out}"


def _show_report(output: Output, report: SyncReport, failed: list[tuple[str, str]]) -> None:
    amounts = {
        "taken in": report.taken,
        "moved": report.moved,
        "removed": report.removed,
        "failed": report.failed,
        "unchanged": report.unchanged,
    }
    told = ", ".join(f"{number} {word}" for word, number in amounts.items() if number) or "nothing to do"
    output.say(f"{report.path}  {told}")
    for path, error in failed:
        output.say(f"    {path}: {error}", dim=True)
    if report.problem:
        output.say(f"    {report.problem}", colour="red")


def _failed(files: list[FileState]) -> list[tuple[str, str]]:
    return [(file.path, file.error) for file in files if file.status in BAD and file.error]
