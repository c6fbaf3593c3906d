"""Reading evaluation sets in the layout of BEIR: ``corpus``, ``queries`` and ``qrels``."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from basicchat.core.errors import InvalidInput
from basicchat.evaluate.lines import existing, opened, records

NEEDED = "It needs corpus.jsonl, queries.jsonl and qrels/test.tsv."

Judgements = Mapping[str, Mapping[str, int]]
"""Relevance by query id and document id; 0 is judged and irrelevant."""


@dataclass(frozen=True)
class RetrievalSet:
    """A corpus, the texts of the judged queries by id, and the judgements."""

    corpus: Path
    queries: Mapping[str, str]
    judgements: Judgements


def read_retrieval_set(directory: Path, *, split: str = "test") -> RetrievalSet:
    """Read ``corpus.jsonl``, ``queries_<split>.jsonl`` or ``queries.jsonl``, and ``qrels/<split>.tsv``.

    Each may be gzipped (``.gz``). Queries that nobody judged are left out. Raises `InvalidInput` naming what is
    missing or cannot be read.
    """
    if not directory.is_dir():
        raise InvalidInput(f"{directory} is not a folder.", hint="Name a folder with corpus, queries and qrels.")
    judgements = _judgements(existing(directory, f"qrels/{split}.tsv", hint=NEEDED))
    queries = {}
    for record in records(existing(directory, f"queries_{split}.jsonl", "queries.jsonl", hint=NEEDED)):
        text = record.get("text") or record.get("question")
        if str(record.get("_id")) in judgements and text:
            queries[str(record["_id"])] = str(text)
    return RetrievalSet(existing(directory, "corpus.jsonl", hint=NEEDED), queries, judgements)


def _judgements(path: Path) -> dict[str, dict[str, int]]:
    judgements: dict[str, dict[str, int]] = {}
    with opened(path) as lines:
        for number, row in enumerate(csv.reader(lines, delimiter="\t"), start=1):
            if number == 1 and not row[-1].lstrip("-").isdigit():
                continue
            try:
                query, document, grade = row
                judgements.setdefault(query, {})[document] = int(grade)
            except ValueError as error:
                raise InvalidInput(f"{path}, line {number} is not query, document, grade.") from error
    return judgements
