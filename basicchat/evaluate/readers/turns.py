"""MTRAG (Katsis et al. 2025): questions in the middle of a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from basicchat.core.errors import InvalidInput
from basicchat.core.types import Message
from basicchat.evaluate.cases import EvaluationSet, Question, Source
from basicchat.evaluate.lines import document, existing, records

UNANSWERABLE = "UNANSWERABLE"
TALK = "CONVERSATIONAL"
"""Turns such as "thank you", which ask for nothing."""


def read(directory: Path, part: str = "rated") -> EvaluationSet:
    """``rated``: turns that people rated, with both sides before them; ``rewrites``: turns with a human's rewrite.

    Both lie over the passages that the rated turns carry. A turn with a rewrite has gold passages where it is among
    the rated ones, and only the user's side before it.
    """
    rated = document(existing(directory, "human_eval_subset.json"))
    sources = tuple(Source(text["document_id"], text["text"], text.get("title", "")) for text in rated["documents"])
    questions = {task["task_id"]: _rated(task) for task in rated["tasks"] if TALK not in task["Answerability"]}
    if part == "rewrites":
        return EvaluationSet("mtrag", questions=_rewritten(directory, questions), sources=sources)
    if part != "rated":
        raise InvalidInput(f"MTRAG has no part {part}.", hint="Parts are rated and rewrites.")
    return EvaluationSet("mtrag", questions=tuple(questions.values()), sources=sources)


def _rated(task: Mapping[str, Any]) -> Question:
    *before, last = task["input"]
    return Question(
        task["task_id"],
        last["text"].strip(),
        gold=tuple(dict.fromkeys(context["document_id"] for context in task["contexts"])),
        answers=((task["targets"][0]["text"],),),
        answerable=UNANSWERABLE not in task["Answerability"],
        group=task["task_id"].partition("<::>")[0],
        history=tuple(Message("user" if turn["speaker"] == "user" else "assistant", turn["text"]) for turn in before),
    )


def _rewritten(directory: Path, rated: Mapping[str, Question]) -> tuple[Question, ...]:
    files = sorted(directory.glob("rewrite_*.jsonl*"))
    if not files:
        raise InvalidInput(f"{directory} has no rewrite_*.jsonl[.gz].")
    return tuple(
        Question(
            record["_id"],
            record["last_turn"],
            gold=rated[record["_id"]].gold if record["_id"] in rated else (),
            group=record["_id"].partition("<::>")[0],
            history=tuple(Message("user", turn) for turn in record["history"][:-1]),
            standalone=record["human_rewrite"],
        )
        for file in files
        for record in records(file)
    )
