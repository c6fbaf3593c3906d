"""PubMedQA (Jin et al. 2019): research questions, and the abstract that answers each without its conclusion."""

from __future__ import annotations

from pathlib import Path

from basicchat.evaluate.cases import EvaluationSet, Question, Source
from basicchat.evaluate.lines import existing, records


def read(directory: Path) -> EvaluationSet:
    """Gold is the question's own abstract, the answer yes, no or maybe.

    The article's title is the question itself, so an abstract is taken in without one.
    """
    items = list(records(existing(directory, "pqal.jsonl")))
    return EvaluationSet(
        "pubmedqa",
        questions=tuple(
            Question(item["_id"], item["question"], gold=(item["_id"],), answers=((item["answer"],),)) for item in items
        ),
        sources=tuple(Source(item["_id"], "\n\n".join(item["contexts"])) for item in items),
    )
