"""``basicchat search``."""

from __future__ import annotations

from pathlib import Path

import click

from basicchat.cli import invocation
from basicchat.cli.client import open_client
from basicchat.cli.documents import hits_document
from basicchat.cli.exits import Exit
from basicchat.cli.filters import filter_options
from basicchat.cli.output import Output, one_line
from basicchat.cli.questions import batch_questions, run_batch
from basicchat.core.filters import Filter
from basicchat.core.place import where
from basicchat.core.types import DEFAULT_COLLECTION, Hit, Json

SNIPPET = 300


@click.command()
@click.argument("query", required=False)
@click.option("--top-k", default=10, show_default=True, type=click.IntRange(1, 1000), help="How many passages.")
@click.option("--collection", default=DEFAULT_COLLECTION, show_default=True, help="Collection to search.")
@click.option(
    "--batch",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File of queries, .jsonl or .jsonl.gz.",
)
@filter_options
@invocation.common_options
def search(query: str | None, top_k: int, collection: str, batch: Path | None, only: Filter) -> int:
    """Find passages. Exits 3 when there are none."""
    output = invocation.output()
    questions = batch_questions(query, batch, name="QUERY")
    with open_client(finds=True) as client:

        def asked(text: str) -> tuple[dict[str, Json], Exit]:
            hits = client.search(text, collection=collection, only=only, top_k=top_k)
            _show(output, hits)
            return hits_document(hits), Exit.DONE if hits else Exit.NOTHING_FOUND

        if questions is not None:
            return run_batch(questions, asked, output)
        document, code = asked(query or "")
    if output.as_json:
        output.document(document)
    return code


def _show(output: Output, hits: list[Hit]) -> None:
    if not hits and not output.as_json:
        output.note("Nothing was found.")
    for rank, hit in enumerate(hits, start=1):
        place = where(hit.chunk.place, hit.chunk.page)
        output.say(f"{rank}. {hit.document.source}, {place}  ({hit.score:.3f})", bold=True)
        output.say(f"   {one_line(hit.chunk.text, SNIPPET)}")
