"""LoCoMo (Maharana et al. 2024): conversations over months, and questions about what was said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from basicchat.core.errors import InvalidInput
from basicchat.evaluate.cases import EvaluationSet, Question, Source
from basicchat.evaluate.lines import document

ADVERSARIAL = 5
"""The category of questions about what nobody said."""


def read(directory: Path) -> EvaluationSet:
    """Every turn is a text with speaker and date, every conversation a collection. Gold are the evidence turns."""
    files = sorted(directory.glob("conv-*.json*"))
    if not files:
        raise InvalidInput(f"{directory} has no conv-*.json[.gz].")
    sources: list[Source] = []
    questions: list[Question] = []
    for file in files:
        name = file.name.partition(".")[0]
        talk = document(file)
        sources += _turns(name, talk)
        questions += _questions(name, talk)
    return EvaluationSet("locomo", questions=tuple(questions), sources=tuple(sources))


def _turns(name: str, talk: Mapping[str, Any]) -> Iterator[Source]:
    for session in talk["sessions"]:
        for turn in session["turns"]:
            picture = f"\n\n({turn['blip_caption']})" if turn.get("blip_caption") else ""
            title = f"{turn['speaker']}, {session['date_time']}"
            yield Source(f"{name}/{turn['dia_id']}", turn["text"] + picture, title, name)


def _questions(name: str, talk: Mapping[str, Any]) -> Iterator[Question]:
    for number, asked in enumerate(talk["qa"]):
        turns = [turn for evidence in asked["evidence"] for turn in evidence.replace(";", " ").split()]
        yield Question(
            f"{name}/{number}",
            asked["question"],
            gold=tuple(dict.fromkeys(f"{name}/{turn}" for turn in turns)),
            answers=((str(asked["answer"]),),) if "answer" in asked else (),
            answerable=asked["category"] != ADVERSARIAL,
            group=name,
            trap=asked.get("adversarial_answer", ""),
            collection=name,
        )
