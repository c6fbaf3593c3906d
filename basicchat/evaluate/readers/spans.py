"""SQuAD 2.0 (Rajpurkar et al. 2018) and XQuAD (Artetxe et al. 2020): passages, and questions answered by a span."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from basicchat.core.errors import InvalidInput
from basicchat.evaluate.cases import EvaluationSet, Question, Source
from basicchat.evaluate.lines import existing, records


def read_squad(directory: Path) -> EvaluationSet:
    """Gold is the passage that a question was written for, also of those that it does not answer."""
    sources = _passages(directory)
    return EvaluationSet("squad2", questions=_questions(directory, sources), sources=tuple(sources.values()))


def read_xquad(directory: Path, asked: str = "en", passages: str = "") -> EvaluationSet:
    """Questions in one language over passages in the same, or in another. Languages are folders: ``en``, ``de``, ..."""
    for language in (asked, passages or asked):
        if not (directory / language).is_dir():
            found = sorted(path.name for path in directory.iterdir() if path.is_dir())
            raise InvalidInput(f"{directory} has no folder {language}.", hint=f"Languages here: {', '.join(found)}.")
    sources = _passages(directory / (passages or asked))
    return EvaluationSet("xquad", questions=_questions(directory / asked, sources), sources=tuple(sources.values()))


def _passages(directory: Path) -> Mapping[str, Source]:
    return {
        record["_id"]: Source(record["_id"], record["text"], record["title"])
        for record in records(existing(directory, "passages.jsonl"))
    }


def _questions(directory: Path, sources: Mapping[str, Source]) -> tuple[Question, ...]:
    return tuple(
        Question(
            record["_id"],
            record["question"],
            gold=(record["passage_id"],),
            answers=(forms,) if (forms := tuple(answer["text"] for answer in record["answers"])) else (),
            answerable=not record.get("is_impossible", False),
            group=sources[record["passage_id"]].title,
        )
        for record in records(existing(directory, "questions.jsonl"))
    )
