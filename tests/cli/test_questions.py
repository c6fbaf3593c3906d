"""Batches: which exit code stands for many questions."""

from __future__ import annotations

import json

import pytest

from basicchat.cli.batch import BatchQuestion
from basicchat.cli.exits import Exit
from basicchat.cli.output import Output
from basicchat.cli.questions import run_batch
from basicchat.core.errors import BasicChatError, DeadlineExceeded, StoreLocked, UnknownMode
from basicchat.core.types import Json

RESULTS: dict[str, Exit | BasicChatError] = {
    "found": Exit.DONE,
    "nothing": Exit.NOTHING_FOUND,
    "late": DeadlineExceeded("Too late."),
    "wrong": UnknownMode("No such mode."),
    "locked": StoreLocked("Taken."),
}


def asked(text: str) -> tuple[dict[str, Json], Exit]:
    result = RESULTS[text]
    if isinstance(result, BasicChatError):
        raise result
    return {"text": text}, result


def ran(*texts: str) -> Exit:
    questions = [BatchQuestion(number, text) for number, text in enumerate(texts)]
    return run_batch(questions, asked, Output(as_json=True))


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        (["found", "nothing"], Exit.DONE),
        (["nothing", "nothing"], Exit.NOTHING_FOUND),
        (["found", "late", "wrong"], Exit.FAULT),
        (["wrong", "found"], Exit.USER_ERROR),
    ],
)
def test_one_code_for_many(texts: list[str], code: Exit, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(*texts) is code
    assert [json.loads(line)["_id"] for line in capsys.readouterr().out.splitlines()] == list(range(len(texts)))


def test_a_library_that_is_gone_ends_the_batch() -> None:
    with pytest.raises(StoreLocked):
        ran("found", "locked", "found")
