"""``basicchat library tag|untag|tags|move|chunks|edit|history|rollback``."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from basicchat.cli import invocation
from basicchat.cli.client import open_client
from basicchat.cli.documents import chunk_document, version_document
from basicchat.core.errors import InvalidInput

SHOWN = 100
"""Characters of a passage that a list shows."""


@click.command()
@click.argument("document_ids", nargs=-1, required=True, metavar="DOCUMENT_ID...")
@click.option("--tag", "tags", multiple=True, required=True, help="A tag to add; may be given several times.")
@invocation.common_options
def tag(document_ids: tuple[str, ...], tags: tuple[str, ...]) -> None:
    """Add tags to documents."""
    output = invocation.output()
    with open_client() as client:
        client.curation.tag(document_ids, tags)
    if output.as_json:
        output.document({"tagged": list(document_ids), "tags": list(tags)})
    output.say(f"tagged  {len(document_ids)} with {', '.join(tags)}")


@click.command()
@click.argument("document_ids", nargs=-1, required=True, metavar="DOCUMENT_ID...")
@click.option("--tag", "tags", multiple=True, required=True, help="A tag to take away; may be given several times.")
@invocation.common_options
def untag(document_ids: tuple[str, ...], tags: tuple[str, ...]) -> None:
    """Take tags from documents."""
    output = invocation.output()
    with open_client() as client:
        client.curation.untag(document_ids, tags)
    if output.as_json:
        output.document({"untagged": list(document_ids), "tags": list(tags)})
    output.say(f"untagged  {len(document_ids)}")


@click.command()
@invocation.common_options
def tags() -> None:
    """List the tags and how many documents have each."""
    output = invocation.output()
    with open_client() as client:
        found = client.curation.tags()
    if output.as_json:
        output.document({"tags": dict(found)})
    elif not found:
        output.note("No document has a tag. Add one with: basicchat library tag DOCUMENT_ID --tag NAME")
    for name, count in found.items():
        output.say(f"{count:>6}  {name}")


@click.command()
@click.argument("document_ids", nargs=-1, required=True, metavar="DOCUMENT_ID...")
@click.option("--to", "collection", required=True, help="The collection to move to.")
@invocation.common_options
def move(document_ids: tuple[str, ...], collection: str) -> None:
    """Move documents to another collection. They get new ids there; nothing is embedded again."""
    output = invocation.output()
    with open_client(finds=True) as client:
        moved = client.curation.move(document_ids, collection)
    if output.as_json:
        output.document({"moved": dict(zip(document_ids, moved, strict=True)), "collection": collection})
    for before, after in zip(document_ids, moved, strict=True):
        output.say(f"moved  {before}  is now {after} in {collection}")


@click.command()
@click.argument("document_id")
@click.option("--page", type=int, default=None, help="Only passages of this page.")
@invocation.common_options
def chunks(document_id: str, page: int | None) -> None:
    """List the passages of a document with their ids."""
    output = invocation.output()
    with open_client() as client:
        found = [chunk for chunk in client.library.chunks(document_id) if page in (None, chunk.page)]
    if output.as_json:
        output.document({"chunks": [chunk_document(chunk) for chunk in found]})
    for chunk in found:
        text = " ".join(chunk.text.split())
        shown = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
        mark = "*" if chunk.edited else " "
        output.say(f"{chunk.id} {mark} {chunk.place or f'page {chunk.page}'}  {shown}")


@click.command()
@click.argument("chunk_id")
@click.argument("text", required=False)
@invocation.common_options
def edit(chunk_id: str, text: str | None) -> None:
    """Correct the text of a passage. Without TEXT, it is read from standard input.

    The passage is found by the new text and quoted with it. The file stays as it is, and the old text is kept.
    """
    output = invocation.output()
    if text is None and sys.stdin.isatty():
        raise InvalidInput("There is no text.", hint="Give it as the second argument or through a pipe.")
    given = sys.stdin.read() if text is None else text
    with open_client(finds=True) as client:
        chunk = client.curation.edit_chunk(chunk_id, given)
    if output.as_json:
        output.document(chunk_document(chunk))
    output.say(f"corrected  {chunk.id}")
    output.note(f"Undo it with: basicchat library rollback {chunk.id} 0")


@click.command()
@click.argument("chunk_id")
@invocation.common_options
def history(chunk_id: str) -> None:
    """Show every text that a passage had; version 0 is what was read in the file."""
    output = invocation.output()
    with open_client() as client:
        versions = client.curation.history(chunk_id)
    if output.as_json:
        output.document({"versions": [version_document(version) for version in versions]})
    for version in versions:
        when = datetime.fromtimestamp(version.edited_at, tz=UTC).astimezone().isoformat(timespec="seconds")
        output.say(f"version {version.version}  {when}")
        output.say(version.text)
        output.say("")


@click.command()
@click.argument("chunk_id")
@click.argument("version", type=int)
@invocation.common_options
def rollback(chunk_id: str, version: int) -> None:
    """Give a passage a text that it had before."""
    output = invocation.output()
    with open_client(finds=True) as client:
        chunk = client.curation.rollback(chunk_id, version)
    if output.as_json:
        output.document(chunk_document(chunk))
    output.say(f"version {version} again  {chunk.id}")


COMMANDS = (tag, untag, tags, move, chunks, edit, history, rollback)
