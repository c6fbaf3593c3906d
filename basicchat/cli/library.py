"""``basicchat library list|show|remove`` and what else can be done to documents."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import click

from basicchat.cli import invocation
from basicchat.cli.client import open_client
from basicchat.cli.curation import COMMANDS
from basicchat.cli.documents import library_document
from basicchat.cli.embedder import embedder
from basicchat.cli.folders import sync, watch
from basicchat.service.curation import State


@click.group()
@invocation.common_options
def library() -> None:
    """See and tidy the documents."""


library.add_command(embedder)
library.add_command(sync)
library.add_command(watch)


for command in COMMANDS:
    library.add_command(command)


@library.command("list")
@click.argument("words", nargs=-1)
@click.option("--collection", default=None, help="Only this collection.")
@click.option("--tag", default=None, help="Only documents with this tag.")
@click.option("--kind", default=None, help="Only this kind: the ending of a file's name, such as pdf.")
@click.option("--state", type=click.Choice(get_args(State)), default=None, help="Only documents that stand like this.")
@invocation.common_options
def list_documents(
    words: tuple[str, ...], collection: str | None, tag: str | None, kind: str | None, state: State | None
) -> None:
    """List the documents, newest first; with WORDS, those whose name, title or tags hold all of them."""
    output = invocation.output()
    with open_client() as client:
        entries = client.curation.entries(" ".join(words), collection=collection, tag=tag, kind=kind, state=state)
    if output.as_json:
        documents = {entry.document.id: entry.document for entry in entries}
        output.document({"documents": [library_document(document) for document in documents.values()]})
    elif not entries and (words or collection or tag or kind or state):
        output.note("No document is like this. See all with: basicchat library list")
    elif not entries:
        output.note("The library is empty. Add something with: basicchat ingest PATH")
    for entry in entries:
        document = entry.document
        tags = f"  [{', '.join(document.tags)}]" if document.tags else ""
        output.say(
            f"{document.id}  {document.page_count:>5} pages  {document.chunk_count:>6} passages  "
            f"{document.collection}  {entry.source}{tags}"
        )


@library.command()
@click.argument("document_id")
@invocation.common_options
def show(document_id: str) -> None:
    """Show one document."""
    output = invocation.output()
    with open_client() as client:
        document = client.library.document(document_id)
    facts = library_document(document)
    if output.as_json:
        output.document(facts)
    facts["added_at"] = datetime.fromtimestamp(document.added_at, tz=UTC).astimezone().isoformat(timespec="seconds")
    for name, value in facts.items():
        if value not in (None, []):
            shown = "; ".join(map(str, value)) if isinstance(value, list) else value
            output.say(f"{name:<12} {shown}")


@library.command()
@click.argument("document_ids", nargs=-1, required=True, metavar="DOCUMENT_ID...")
@invocation.common_options
def remove(document_ids: tuple[str, ...]) -> None:
    """Forget documents: their text, their index entries and the kept originals."""
    output = invocation.output()
    with open_client() as client:
        client.curation.remove(document_ids)
    for document_id in document_ids:
        output.say(f"removed  {document_id}")
    if output.as_json:
        output.document({"removed": list(document_ids)})
