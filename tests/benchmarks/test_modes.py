"""The table of modes: what counts as right, and that kept rows are used again."""

from __future__ import annotations

import dataclasses
import json
import time
from pathlib import Path

import pytest

from basicchat.core.types import Answer
from basicchat.evaluate.cases import EvaluationSet, Question
from basicchat.settings import Settings
from benchmarks import modes

PENS = Question("pens", "How many pens are in 3 boxes of 12?", answers=(("36",),))


def said(text: str, *, abstained: bool = False) -> Answer:
    return Answer(text, abstained=abstained, mode="direct", model=None)


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (said("There are 3 boxes, so 36.00 pens."), True),
        (said("36 pens, that is 3 dozens."), False),
        (said("Many."), False),
        (said("36", abstained=True), False),
    ],
)
def test_what_counts_as_right(answer: Answer, right: bool) -> None:
    assert modes.is_right("gsm8k", PENS, answer) is right


def test_what_nobody_can_answer_is_right_when_declined() -> None:
    nobody = Question("who", "Who?", answers=())
    assert modes.is_right("squad2", nobody, said("", abstained=True)) is not nobody.answerable


def test_rows_that_were_kept_are_not_asked_for_again(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    row = modes.Row("recipe", "gsm8k", "pens", "direct", True, False, False, 1.0, 5, "36")
    file.write_text(json.dumps(dataclasses.asdict(row)) + "\n", encoding="utf-8")
    settings = Settings(profile="fake", home=tmp_path / "home")
    later = time.monotonic() + 60
    evaluation = EvaluationSet("gsm8k", (PENS,))
    modes.ask_all(settings, "gsm8k", evaluation, ("direct", "program"), "recipe", file, later)
    assert [each.mode for each in modes.known(file)] == ["direct", "program"]
    modes.ask_all(settings, "gsm8k", evaluation, ("direct", "program"), "recipe", file, later)
    assert len(list(modes.known(file))) == 2


def test_modes_are_recorded_beside_direct_over_the_same_questions(tmp_path: Path) -> None:
    def row(question: str, mode: str, right: bool) -> modes.Row:
        return modes.Row("recipe", "gsm8k", question, mode, right, False, False, 2.0, 50, "")

    file = tmp_path / "worth.json"
    file.write_text("[]", encoding="utf-8")
    rows = [row("a", "direct", False), row("a", "program", True), row("b", "direct", True), row("c", "program", True)]
    for _ in range(2):
        modes.record(file, "small", rows)
    (known,) = json.loads(file.read_text(encoding="utf-8"))
    assert (known["mode"], known["asked"], known["right"], known["direct"]) == ("program", 1, 1, 0)
