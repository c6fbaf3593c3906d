"""Sets in the layout of BEIR (Thakur et al. 2021), such as SciFact: a corpus, queries, judgements."""

from __future__ import annotations

from pathlib import Path

from basicchat.evaluate.cases import EvaluationSet, Question, Source
from basicchat.evaluate.datasets import read_retrieval_set
from basicchat.evaluate.lines import records


def read(directory: Path, split: str = "test") -> EvaluationSet:
    """Gold are the documents judged above 0; queries without such a document are left out."""
    judged = read_retrieval_set(directory, split=split)
    return EvaluationSet(
        "beir",
        questions=tuple(
            Question(query, text, gold=gold)
            for query, text in judged.queries.items()
            if (gold := tuple(name for name, grade in judged.judgements[query].items() if grade > 0))
        ),
        sources=tuple(
            Source(str(record["_id"]), str(record["text"]), str(record.get("title") or ""))
            for record in records(judged.corpus)
        ),
    )
