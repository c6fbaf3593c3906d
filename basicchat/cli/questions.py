"""What ``search`` and ``ask`` share: a question on the command line, or a file of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from basicchat.cli.batch import BatchQuestion, read_batch
from basicchat.cli.exits import Exit, exit_for
from basicchat.cli.output import Output, error_document
from basicchat.core.errors import BasicChatError, StoreError
from basicchat.core.types import Json

Asked = Callable[[str], tuple[dict[str, Json], Exit]]
"""Puts one question, shows the result to a person, and gives its JSON document and exit code."""


def batch_questions(argument: str | None, batch: Path | None, *, name: str) -> list[BatchQuestion] | None:
    """The questions of the file, None where the argument is the question.

    Raises `click.UsageError` unless exactly one of the two is given, `InvalidInput` for a file that is not right.
    """
    if (argument is None) == (batch is None):
        raise click.UsageError(f"Give either {name} or --batch FILE.jsonl.")
    return read_batch(batch) if batch else None


def run_batch(questions: list[BatchQuestion], asked: Asked, output: Output) -> Exit:
    """Put every question; one line of JSON each. A question that fails is told on its line and the rest goes on.

    Gives the exit code of the first failure; else 0 when anything was found, 3 when nothing was.
    """
    codes: list[Exit] = []
    for question in questions:
        output.say(f"{question.id}: {question.text}", bold=True)
        try:
            document, code = asked(question.text)
        except StoreError:
            raise
        except BasicChatError as error:
            document, code = {"error": error_document(error)}, exit_for(error)
            output.note(f"{question.id}: {error} {error.hint}")
        codes.append(code)
        output.say()
        if output.as_json:
            output.document({"_id": question.id, **document})
    failures = [code for code in codes if code not in (Exit.DONE, Exit.NOTHING_FOUND)]
    return failures[0] if failures else min(codes)
