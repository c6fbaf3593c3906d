"""HotpotQA (Yang et al. 2018): questions whose answer needs several paragraphs."""

from __future__ import annotations

from pathlib import Path

from basicchat.evaluate.cases import EvaluationSet, Question, Source
from basicchat.evaluate.lines import existing, records


def read(directory: Path) -> EvaluationSet:
    """Gold are the paragraphs that hold a supporting fact, found by their titles."""
    sources = tuple(
        Source(record["_id"], record["text"], record["title"])
        for record in records(existing(directory, "corpus.jsonl"))
    )
    ids = {source.title: source.id for source in sources}
    return EvaluationSet(
        "hotpotqa",
        questions=tuple(
            Question(
                record["_id"],
                record["question"],
                gold=tuple(dict.fromkeys(ids[title] for title, _ in record["supporting_facts"])),
                answers=((record["answer"],),),
            )
            for record in records(existing(directory, "questions.jsonl"))
        ),
        sources=sources,
    )
