"""``basicchat eval``: ``run``, ``compare``, ``report`` and ``retrieval``."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from basicchat.cli import invocation
from basicchat.cli.essentials import fetch_essentials
from basicchat.core.types import DEFAULT_COLLECTION, FileStatus, Json, Progress

if TYPE_CHECKING:
    from basicchat.cli.output import Output
    from basicchat.core.events import Event
    from basicchat.core.types import Hit
    from basicchat.evaluate import asking
    from basicchat.evaluate.cases import EvaluationSet, Question
    from basicchat.evaluate.rows import Row
    from basicchat.evaluate.summary import Certainty, Difference, Figure
    from basicchat.service.assistant import Assistant

TAKEN = frozenset({FileStatus.DONE, FileStatus.WARNINGS, FileStatus.UNCHANGED})
DEPTH = 50  # passages a question; they usually hold the twenty documents that a row keeps
WIDTH = 10  # of a column of figures

SET = click.Path(path_type=Path, exists=True, file_okay=False)
ROWS = click.Path(path_type=Path, exists=True, dir_okay=False)
WRITTEN = click.Path(path_type=Path, dir_okay=False)


@click.group("eval")
@invocation.common_options
def evaluate() -> None:
    """Measure the program on judged data."""


@evaluate.command()
@click.argument("kind", metavar="KIND")
@click.argument("directory", metavar="DIR", type=SET)
@click.option("--limit", type=click.IntRange(1), help="Ask so many questions, taken evenly from all.")
@click.option("--answerable", is_flag=True, help="Leave out questions that the documents do not answer.")
@click.option(
    "--mode",
    type=click.Choice(["search", "extractive", "direct"]),
    default="search",
    show_default=True,
    help="Search only, quote without a model, or let a model answer.",
)
@click.option("--model", default=None, metavar="NAME", help="Chat model for --mode direct.")
@click.option("--out", type=WRITTEN, help="Write one JSON object a question here.")
@invocation.common_options
def run(
    kind: str, directory: Path, limit: int | None, answerable: bool, mode: str, model: str | None, out: Path | None
) -> None:
    """Take a set in, ask its questions, print the measures.

    KIND says how DIR is laid out: beir, squad2, xquad:de (or xquad:de:en for German questions over English passages),
    hotpotqa, financebench, mtrag, mtrag:rewrites, rgb:en_fact:40 (percent of noise, or negative, or falsified), tatqa,
    pubmedqa, locomo. The documents go into a scratch home that is deleted at the end.
    """
    from basicchat.evaluate import asking
    from basicchat.evaluate.readers import read_set

    output = invocation.output()
    evaluation = read_set(kind, directory)
    if answerable:
        evaluation = evaluation.answerable()
    if limit is not None:
        evaluation = evaluation.limited(limit)
    with _scratch_assistant(output) as (assistant, folder):
        _take_in(assistant, evaluation, folder, output)
        ask = _way(assistant, mode, model)
        _warm(ask, evaluation)
        asked = asking.run(
            evaluation,
            ask,
            report=lambda done, total: output.progress("Asking", Progress("", done, total, "questions")),
        )
        rows = _kept(asked, out)
    _tell(rows, output, kind=kind, mode=mode)


@evaluate.command()
@click.argument("first", metavar="A", type=ROWS)
@click.argument("second", metavar="B", type=ROWS)
@click.option("--resamples", type=click.IntRange(100), default=2000, show_default=True, help="Of the bootstrap.")
@click.option("--seed", type=int, default=20, show_default=True, help="Of the bootstrap.")
@invocation.common_options
def compare(first: Path, second: Path, resamples: int, seed: int) -> None:
    """Compare two runs of one set: each measure, the difference of B from A, and its 95 % interval.

    An interval that does not hold 0 is marked with a star: the difference is larger than the choice of questions
    explains. The bootstrap draws questions in pairs.
    """
    from basicchat.evaluate.rows import read_rows
    from basicchat.evaluate.summary import compare as compared

    output = invocation.output()
    found = compared(read_rows(first), read_rows(second), resamples=resamples, seed=seed)
    if output.as_json:
        output.document({"measures": {each.name: each.as_json() for each in found}})
    output.say(_differences(found))


@evaluate.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=ROWS)
@click.option("--html", "page", required=True, type=WRITTEN, help="Where to write the page.")
@click.option("--worst", default=30, show_default=True, type=click.IntRange(0), help="How many questions to list.")
@invocation.common_options
def report(files: tuple[Path, ...], page: Path, worst: int) -> None:
    """Write one HTML page about runs: measures with intervals, plots, the questions that went worst.

    The page holds no script and loads nothing.
    """
    from basicchat.core.errors import InvalidInput
    from basicchat.evaluate.html import render
    from basicchat.evaluate.rows import read_rows

    output = invocation.output()
    names = [file.stem for file in files]
    if len(set(names)) < len(names):
        names = [str(file) for file in files]
    text = render([(name, read_rows(file)) for name, file in zip(names, files, strict=True)], worst=worst)
    try:
        page.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{page} cannot be written: {error}") from error
    if output.as_json:
        output.document({"html": str(page), "runs": list(names)})
    output.say(f"Written to {page}.")


@evaluate.command()
@click.argument("directory", metavar="DIR", type=SET)
@click.option("--split", default="test", show_default=True, help="Which judgements: qrels/SPLIT.tsv.")
@invocation.common_options
def retrieval(directory: Path, split: str) -> None:
    """Measure how well documents are found, on a folder in the layout of BEIR.

    DIR holds corpus.jsonl, queries.jsonl and qrels/test.tsv, each also as .gz. They are taken into a scratch home
    that is deleted at the end; the library of this machine is not touched.
    """
    from basicchat.evaluate.retrieval import evaluate_retrieval

    output = invocation.output()
    with _scratch_assistant(output) as (assistant, _):

        def ingest(corpus: Path) -> int:
            _ingest(assistant, corpus, DEFAULT_COLLECTION, output)
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


@contextmanager
def _scratch_assistant(output: Output) -> Iterator[tuple[Assistant, Path]]:
    """An assistant over a home that is deleted afterwards, with the model files of this machine, and a folder in it."""
    from basicchat import bootstrap

    settings = invocation.settings()
    with tempfile.TemporaryDirectory(prefix="basicchat-eval-", ignore_cleanup_errors=True) as scratch:
        models = settings.models.model_copy(update={"folder": settings.models_folder})
        scratched = settings.model_copy(update={"home": Path(scratch), "models": models})
        folder = Path(scratch) / "set"
        folder.mkdir()

        def prepare() -> None:
            fetch_essentials(scratched, output)

        with bootstrap.open_assistant(scratched, doing="evaluation", prepare=prepare) as assistant:
            yield assistant, folder


def _take_in(assistant: Assistant, evaluation: EvaluationSet, folder: Path, output: Output) -> None:
    from basicchat.evaluate.asking import lay_out

    for path, collection in lay_out(evaluation, folder):
        _ingest(assistant, path, collection, output)


def _ingest(assistant: Assistant, path: Path, collection: str, output: Output) -> None:
    """Take a file or folder in. Raises `InvalidInput` where any file of it cannot be."""
    from basicchat.core.errors import InvalidInput

    for outcome in assistant.library.ingest([path], collection=collection, report=output.progress):
        if outcome.status not in TAKEN:
            raise InvalidInput(f"{path} cannot be taken in: {outcome.error}")


def _way(assistant: Assistant, mode: str, model: str | None) -> asking.Ask:
    from basicchat.evaluate import asking

    def stream(question: Question) -> Iterator[Event]:
        return assistant.stream(
            question.text,
            mode="extractive" if mode == asking.SEARCH else mode,
            model=model,
            collection=question.collection,
            history=question.history,
            fresh=True,
        )

    def search(question: Question) -> list[Hit]:
        return assistant.search(question.text, collection=question.collection, top_k=DEPTH)

    return asking.searching(search, stream) if mode == asking.SEARCH else asking.answering(stream)


def _warm(ask: asking.Ask, evaluation: EvaluationSet) -> None:
    """Ask once beside the clock: the first question of all loads the models."""
    ask(evaluation.questions[0])


def _kept(rows: Iterator[Row], out: Path | None) -> tuple[Row, ...]:
    """Every row, written down one by one where a file is named, so that a run that is stopped leaves what it has."""
    from basicchat.evaluate.rows import write_rows

    return tuple(rows) if out is None else write_rows(rows, out)


def _tell(rows: Sequence[Row], output: Output, *, kind: str, mode: str) -> None:
    from basicchat.evaluate.summary import certainty, summarise, times

    figures, sure, spent = summarise(rows), certainty(rows), times(rows)
    if output.as_json:
        output.document(
            {
                "kind": kind,
                "mode": mode,
                "questions": len(rows),
                "measures": {figure.name: figure.as_json() for figure in figures},
                "confidence": None if sure is None else sure.as_json(),
                **spent,
            }
        )
    output.say(_figures(figures, sure, spent))


def _figures(figures: Sequence[Figure], sure: Certainty | None, spent: Mapping[str, Json]) -> str:
    lines = [f"{'measure':<24}{'value':>{WIDTH}}{'low':>{WIDTH}}{'high':>{WIDTH}}{'questions':>{WIDTH + 2}}"]
    for each in figures:
        numbers = "".join(f"{number:>{WIDTH}.3f}" for number in (each.value, each.low, each.high))
        lines.append(f"{each.name:<24}{numbers}{each.count:>{WIDTH + 2}}")
    if sure is not None:
        lines.append(f"{'calibration error':<24}{sure.calibration_error:>{WIDTH}.3f}   of {sure.of}")
        lines.append(f"{'risk-coverage area':<24}{sure.risk_coverage_area:>{WIDTH}.3f}   of {sure.of}")
    return "\n".join([*lines, *(f"{name:<24}{value:>{WIDTH}}" for name, value in spent.items())])


def _differences(found: Sequence[Difference]) -> str:
    heads = "".join(f"{head:>{WIDTH + 2}}" for head in ("A", "B", "B - A", "low", "high", "questions"))
    lines = [f"{'measure':<14}{heads}"]
    for each in found:
        numbers = (each.first, each.second, each.difference, each.low, each.high)
        written = "".join(f"{number:>{WIDTH + 2}.3f}" for number in numbers)
        lines.append(f"{each.name:<14}{written}{each.count:>{WIDTH + 2}}{' *' if each.clear else ''}")
    return "\n".join(lines)
