"""``basicchat ask``."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from basicchat.cli import answering, invocation, trace
from basicchat.cli.client import open_client
from basicchat.cli.consent import show_with_consent
from basicchat.cli.documents import answer_document
from basicchat.cli.exits import Exit
from basicchat.cli.filters import filter_options
from basicchat.cli.output import Output
from basicchat.cli.questions import batch_questions, run_batch
from basicchat.core.errors import InvalidInput
from basicchat.core.filters import Filter
from basicchat.core.types import DEFAULT_COLLECTION, Json
from basicchat.reason.gate import Strictness

MODE_HELP = (
    "auto, direct, extractive (needs no model), chat, chain_of_thought, multi_step, plan_and_execute, tree_of_thought, "
    "debate, agent (with tools) or program (computes); those from chain_of_thought to agent take longer and have not "
    "been shown to answer better than direct."
)


@click.command()
@click.argument("question", required=False)
@click.option("--mode", default=None, help=MODE_HELP)
@click.option("--model", default=None, metavar="NAME", help="Chat model to use.")
@click.option("--collection", default=DEFAULT_COLLECTION, show_default=True, help="Collection to draw on.")
@click.option("--fresh", is_flag=True, help="Make the answer now, even where an earlier one could be given again.")
@click.option("--specialist", default=None, metavar="NAME", help="In whose manner to answer: legal, tutor, ...")
@click.option("--without", multiple=True, metavar="FILE", help="Leave this file out, to see what rests on it.")
@click.option("--verbose", is_flag=True, help="Tell every step of the answer on stderr.")
@click.option("--stream", "live", is_flag=True, help="Print every event as it happens, one JSON object a line.")
@click.option(
    "--trace",
    "trace_file",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Write how the answer was made to this file, as JSON.",
)
@answering.strictness
@click.option(
    "--batch",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File of questions, .jsonl or .jsonl.gz.",
)
@filter_options
@invocation.common_options
def ask(
    question: str | None,
    mode: str | None,
    model: str | None,
    collection: str,
    fresh: bool,
    specialist: str | None,
    without: tuple[str, ...],
    verbose: bool,
    live: bool,
    trace_file: Path | None,
    strictness: Strictness | None,
    batch: Path | None,
    only: Filter,
) -> int:
    """Answer a question from the documents, with citations. Exits 3 when the documents do not say."""
    output = Output(as_json=True) if live else invocation.output()
    if live and batch is not None:
        raise InvalidInput("Events are printed for one question, not for a batch.", hint="Leave out --batch.")
    questions = batch_questions(question, batch, name="QUESTION")
    if trace_file is not None and questions is not None:
        raise click.UsageError("--trace is for one question, not for --batch.")
    with open_client(finds=True) as client:

        def asked(text: str) -> tuple[dict[str, Json], Exit]:
            stream = partial(
                client.stream,
                text,
                mode=mode,
                model=model,
                collection=collection,
                only=only,
                fresh=fresh,
                specialist=specialist,
                strictness=strictness,
                without=without,
            )
            asking = partial(answering.printed, stream, output) if live else stream
            answer = show_with_consent(asking, output, verbose=verbose, asks=questions is None)
            if trace_file is not None:
                trace.write(answer, trace_file)
            return answer_document(answer), Exit.NOTHING_FOUND if answer.abstained else Exit.DONE

        if questions is not None:
            return run_batch(questions, asked, output)
        document, code = asked(question or "")
    if output.as_json and not live:
        output.document(document)
    return code
