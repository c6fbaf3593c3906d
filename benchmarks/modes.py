"""What each mode is worth: right answers, seconds and tokens, on problems, two-hop questions and single ones.

``python -m benchmarks.modes --model NAME --questions 8 --minutes 10`` asks every mode the same questions, spread evenly
over each set, and keeps every row in ``output/modes``, so that a run that was stopped goes on. Rows of other code or
prompts are not used. Nothing is fitted on these sets here.

GSM8K has no documents: its ``direct`` row is the chat mode, and the others think without passages. A question of
SQuAD2 that its passage does not answer is right when it is declined.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path

from basicchat import bootstrap
from basicchat.bootstrap import parts
from basicchat.core.errors import BasicChatError
from basicchat.core.events import answer_of
from basicchat.core.types import Answer
from basicchat.evaluate.asking import lay_out
from basicchat.evaluate.cases import EvaluationSet, Question
from basicchat.evaluate.grade import CORRECT, grade
from basicchat.evaluate.lines import document, existing, records
from basicchat.evaluate.readers import read_set
from basicchat.reason.worth import Worth
from basicchat.service.assistant import Assistant
from basicchat.settings import Settings
from benchmarks.table import REPOSITORY, evaluation_set, print_table, scratch_settings

MODES = (
    "direct",
    "chain_of_thought",
    "multi_step",
    "plan_and_execute",
    "tree_of_thought",
    "debate",
    "agent",
    "program",
)
SETS = {
    "gsm8k": "gsm8k",
    "hotpotqa100": "hotpotqa",
    "squad2": "squad2",
    "financebench": "financebench",
    "tat-qa": "tatqa",
}
WORTH = REPOSITORY / "basicchat" / "reason" / "worth.json"
KEPT = REPOSITORY / "output" / "modes"
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True)
class Row:
    """One answer. ``recipe`` names the code, prompts and settings that it was made with."""

    recipe: str
    set: str
    question: str
    mode: str
    right: bool
    refused: bool
    fell_back: bool
    seconds: float
    tokens: int
    text: str


def main() -> None:
    """Ask as much as the time allows, then print what is known."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", default=list(SETS), help=", ".join(SETS))
    parser.add_argument("--model", required=True)
    parser.add_argument("--modes", default=",".join(MODES), help="which ones, with commas")
    parser.add_argument("--questions", type=int, default=8, help="questions of each set")
    parser.add_argument("--minutes", type=float, default=10.0, help="stop after so long; the next run goes on")
    parser.add_argument("--record", action="store_true", help="write what is known to basicchat/reason/worth.json")
    given = parser.parse_args()
    modes = tuple(given.modes.split(","))
    if unknown := set(given.sets) - SETS.keys():
        sys.exit(f"There is no set {', '.join(unknown)}; choose from {', '.join(SETS)}.")
    file = KEPT / f"{given.model}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + given.minutes * 60
    wanted = {name: read(name).limited(given.questions) for name in given.sets}
    recipe = ""
    with scratch_settings() as scratch:
        for name, evaluation in wanted.items():
            settings = settings_for(scratch, name, given.model)
            recipe = hashlib.sha256(f"{parts.recipe(settings)} {given.model}".encode()).hexdigest()[:12]
            ask_all(settings, name, evaluation, modes, recipe, file, until)
    rows = [row for row in known(file) if row.recipe == recipe]
    report(given.model, wanted, rows, modes)
    if given.record:
        record(WORTH, given.model, rows)


def settings_for(scratch: Settings, name: str, model: str) -> Settings:
    """A home of the set, which stays, and one model; long budgets, so that a slow machine changes no answer."""
    return scratch.model_copy(
        update={
            "home": KEPT / f"home-{name}",
            "ollama": scratch.ollama.model_copy(update={"enabled": False}),
            "embedded": scratch.embedded.model_copy(update={"model": model}),
            "cache": scratch.cache.model_copy(update={"enabled": False}),
            "retrieve": scratch.retrieve.model_copy(update={"rerank_seconds": 60.0}),
            "answer": scratch.answer.model_copy(update={"deadline_seconds": 1200.0, "step_seconds": 900.0}),
        }
    )


def read(name: str) -> EvaluationSet:
    """The questions of a set; those of GSM8K have no sources."""
    folder = evaluation_set(name)
    if name == "tat-qa":
        return arithmetic(read_set(SETS[name], folder), folder)
    if name != "gsm8k":
        return read_set(SETS[name], folder)
    return EvaluationSet(
        "gsm8k",
        tuple(
            Question(record["_id"], record["question"], answers=((str(record["final"]),),))
            for record in records(existing(folder, "test_first300.jsonl"))
        ),
    )


def arithmetic(evaluation: EvaluationSet, folder: Path) -> EvaluationSet:
    """The questions of TAT-QA whose answer is computed."""
    computed = {
        question["uid"]
        for context in document(existing(folder, "tatqa.json"))
        for question in context["questions"]
        if question["answer_type"] == "arithmetic"
    }
    return replace(evaluation, questions=tuple(each for each in evaluation.questions if each.id in computed))


def ask_all(
    settings: Settings,
    name: str,
    evaluation: EvaluationSet,
    modes: Sequence[str],
    recipe: str,
    file: Path,
    until: float,
) -> None:
    """Ask question by question, each in every mode, until the time is over."""
    done = {(row.set, row.question, row.mode) for row in known(file) if row.recipe == recipe}
    left = [
        (question, mode)
        for question, mode in product(evaluation.questions, modes)
        if (name, question.id, mode) not in done
    ]
    if not left or time.monotonic() >= until:
        return
    with bootstrap.open_assistant(settings) as assistant:
        take_in(assistant, evaluation, settings.home)
        for question, mode in left:
            if time.monotonic() >= until:
                return
            row = asked(assistant, name, question, mode, recipe)
            with file.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")


def take_in(assistant: Assistant, evaluation: EvaluationSet, home: Path) -> None:
    """Take the sources in, unless they are there."""
    if not evaluation.sources or assistant.library.documents():
        return
    for path, collection in lay_out(evaluation, home):
        for outcome in assistant.ingest([path], collection=collection):
            if outcome.error:
                sys.exit(f"The sources could not be taken in: {outcome.error}")


def asked(assistant: Assistant, name: str, question: Question, mode: str, recipe: str) -> Row:
    """One answer, graded. What failed is wrong."""
    started = time.perf_counter()
    way = "chat" if (name, mode) == ("gsm8k", "direct") else mode
    try:
        answer = answer_of(assistant.stream(question.text, mode=way, fresh=True))
    except BasicChatError as error:
        answer = Answer(f"{type(error).__name__}: {error}", abstained=False, mode="failed", model=None)
    return Row(
        recipe=recipe,
        set=name,
        question=question.id,
        mode=mode,
        right=is_right(name, question, answer),
        refused=answer.abstained,
        fell_back=answer.mode != way,
        seconds=round(time.perf_counter() - started, 2),
        tokens=answer.usage.completion_tokens or 0,
        text=answer.text,
    )


def is_right(name: str, question: Question, answer: Answer) -> bool:
    """Problems by the last number, questions by the grader, unanswerable ones by declining."""
    if not question.answerable:
        return answer.abstained
    if answer.abstained:
        return False
    if name == "gsm8k":
        numbers = _NUMBER.findall(answer.text)
        return bool(numbers) and _plain(numbers[-1]) == _plain(question.answers[0][0])
    return grade(question.text, question.answers, answer.text).label == CORRECT


def _plain(number: str) -> float:
    return float(number.replace(",", ""))


def known(file: Path) -> Iterator[Row]:
    """Rows that were kept."""
    if file.exists():
        for line in file.read_text(encoding="utf-8").splitlines():
            yield Row(**json.loads(line))


def beside_direct(model: str, rows: Sequence[Row]) -> list[Worth]:
    """Each mode beside the written answer, over the questions of each set that both were asked."""
    found = []
    by_question = {(row.set, row.mode, row.question): row for row in rows}
    for name, mode in sorted({(row.set, row.mode) for row in rows if row.mode != "direct"}):
        pairs = [
            (row, by_question[name, "direct", row.question])
            for row in rows
            if (row.set, row.mode) == (name, mode) and (name, "direct", row.question) in by_question
        ]
        if pairs:
            found.append(
                Worth(
                    model,
                    name,
                    mode,
                    asked=len(pairs),
                    right=sum(row.right for row, _ in pairs),
                    direct=sum(written.right for _, written in pairs),
                    seconds=round(statistics.median(row.seconds for row, _ in pairs), 1),
                    tokens=round(statistics.fmean(row.tokens for row, _ in pairs)),
                )
            )
    return found


def record(file: Path, model: str, rows: Sequence[Row]) -> None:
    """Put what is known of a model into the table, in place of what it said of the same modes and sets."""
    new = beside_direct(model, rows)
    known = {(each.model, each.set, each.mode) for each in new}
    old = [Worth(**each) for each in json.loads(file.read_text(encoding="utf-8"))]
    kept = [each for each in old if (each.model, each.set, each.mode) not in known]
    table = sorted([*kept, *new], key=lambda each: (each.set, each.model, each.mode))
    lines = ",\n".join(f"  {json.dumps(asdict(each))}" for each in table)
    file.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def report(model: str, wanted: dict[str, EvaluationSet], rows: Sequence[Row], modes: Sequence[str]) -> None:
    """A table a set, over the questions that every mode was asked: the modes stay comparable."""
    for name, evaluation in wanted.items():
        ids = {question.id for question in evaluation.questions}
        asked_in = {mode: {row.question for row in rows if (row.set, row.mode) == (name, mode)} for mode in modes}
        whole = ids.intersection(*asked_in.values())
        lines = []
        for mode in modes:
            own = [row for row in rows if row.set == name and row.mode == mode and row.question in whole]
            if own:
                lines.append((
                    mode,
                    f"{sum(row.right for row in own)} of {len(own)}",
                    sum(row.refused for row in own),
                    sum(row.fell_back for row in own),
                    f"{statistics.median(row.seconds for row in own):.1f}",
                    f"{statistics.fmean(row.tokens for row in own):.0f}",
                ))  # fmt: skip
        header = ("mode", "right", "declined", "took another way", "seconds (median)", "tokens written (mean)")
        print_table(f"{name}, {model}", header, lines)


if __name__ == "__main__":
    main()
