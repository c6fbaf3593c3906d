"""TAT-QA (Zhu et al. 2021): a table and paragraphs of an annual report, with questions over both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from basicchat.evaluate.cases import EvaluationSet, Parts, Question, Source
from basicchat.evaluate.lines import document, existing


def read(directory: Path) -> EvaluationSet:
    """Each context is a Markdown file: its paragraphs in order, then the table. Numbers carry their scale."""
    contexts = document(existing(directory, "tatqa.json"))
    return EvaluationSet(
        "tatqa",
        questions=tuple(
            Question(
                question["uid"],
                question["question"],
                gold=(context["table"]["uid"],),
                answers=answers(question["answer"], question["scale"]),
                group=context["table"]["uid"],
            )
            for context in contexts
            for question in context["questions"]
        ),
        sources=tuple(Source(context["table"]["uid"], _rendered(context)) for context in contexts),
        as_files=True,
    )


def answers(answer: object, scale: str) -> Parts:
    """The gold answer with its scale as the set's own rule has it: ``1.5 million``, ``-22.22 %``."""
    unit = {"": "", "percent": "%"}.get(scale, f" {scale}")
    values = answer if isinstance(answer, list) else [answer]
    return tuple((text if text.endswith(unit) else f"{text}{unit}",) for text in map(str, values))


def _rendered(context: Mapping[str, Any]) -> str:
    paragraphs = sorted(context["paragraphs"], key=lambda paragraph: paragraph["order"])
    return "\n\n".join([*(paragraph["text"] for paragraph in paragraphs), _table(context["table"]["table"])]) + "\n"


def _table(rows: Sequence[Sequence[str]]) -> str:
    width = max(map(len, rows))
    cells = [[" ".join(str(cell).split()).replace("|", "\\|") for cell in row] for row in rows]
    lines = [f"| {' | '.join([*row, *[''] * (width - len(row))])} |" for row in cells]
    return "\n".join([lines[0], f"|{' --- |' * width}", *lines[1:]])
