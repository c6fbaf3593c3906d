"""``basicchat library list|show|remove``."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from basicchat.cli import invocation
from basicchat.cli.client import open_client
from basicchat.cli.documents import library_document
from basicchat.cli.embedder import embedder
from basicchat.cli.folders import sync, watch


@click.group()
@invocation.common_options
def library() -> None:
    """See and tidy the documents."""


library.add_command(embedder)
library.add_command(sync)
library.add_command(watch)


@library.command("list")
@click.option("--collection", default=None, help="Only this collection.")
@invocation.common_options
def list_documents(collection: str | None) -> None:
    """List the documents, newest first."""
    output = invocation.output()
    with open_client() as client:
        documents = client.library.documents(collection)
    if output.as_json:
        output.document({"documents": [library_document(document) for document in documents]})
    elif not documents:
        output.note("The library is empty. Add something with: basicchat ingest PATH")
    for document in documents:
        output.say(
            f"{document.id}  {document.page_count:>5} pages  {document.chunk_count:>6} passages  "
            f"{document.collection}  {document.source}"
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
        for document_id in document_ids:
            client.library.remove(document_id)
            output.say(f"removed  {document_id}")
    if output.as_json:
        output.document({"removed": list(document_ids)})
