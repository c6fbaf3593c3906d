"""``basicchat eval retrieval DIR``."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from basicchat.cli import invocation
from basicchat.cli.essentials import fetch_essentials
from basicchat.core.types import FileStatus, Progress

TAKEN = frozenset({FileStatus.DONE, FileStatus.WARNINGS, FileStatus.UNCHANGED})


@click.group("eval")
@invocation.common_options
def evaluate() -> None:
    """Measure the program on judged data."""


@evaluate.command()
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--split", default="test", show_default=True, help="Which judgements: qrels/SPLIT.tsv.")
@invocation.common_options
def retrieval(directory: Path, split: str) -> None:
    """Measure how well documents are found, on a folder in the layout of BEIR.

    DIR holds corpus.jsonl, queries.jsonl and qrels/test.tsv, each also as .gz. They are taken into a scratch home
    that is deleted at the end; the library of this machine is not touched.
    """
    from basicchat import bootstrap
    from basicchat.core.errors import InvalidInput
    from basicchat.evaluate.retrieval import evaluate_retrieval

    output = invocation.output()
    settings = invocation.settings()
    with tempfile.TemporaryDirectory(prefix="basicchat-eval-", ignore_cleanup_errors=True) as scratch:
        models = settings.models.model_copy(update={"folder": settings.models_folder})
        scratched = settings.model_copy(update={"home": Path(scratch), "models": models})

        def prepare() -> None:
            fetch_essentials(scratched, output)

        with bootstrap.open_assistant(scratched, doing="evaluation", prepare=prepare) as assistant:

            def ingest(corpus: Path) -> int:
                for outcome in assistant.library.ingest([corpus], report=output.progress):
                    if outcome.status not in TAKEN:
                        raise InvalidInput(f"{corpus} cannot be taken in: {outcome.error}")
                return len(assistant.library.documents())

            found = evaluate_retrieval(
                directory,
                ingest=ingest,
                search=lambda text, top_k: assistant.search(text, top_k=top_k),
                split=split,
                report=lambda done, total: output.progress("Searching", Progress("", done, total, "queries")),
            )
    if output.as_json:
        output.document(found.as_json())
    output.say(found.table())
