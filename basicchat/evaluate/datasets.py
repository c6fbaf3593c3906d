"""Reading evaluation sets in the layout of BEIR: ``corpus``, ``queries`` and ``qrels``."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from basicchat.core.errors import InvalidInput

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
    judgements = _judgements(_existing(directory, f"qrels/{split}.tsv"))
    queries = {}
    for record in _records(_existing(directory, f"queries_{split}.jsonl", "queries.jsonl")):
        text = record.get("text") or record.get("question")
        if str(record.get("_id")) in judgements and text:
            queries[str(record["_id"])] = str(text)
    return RetrievalSet(_existing(directory, "corpus.jsonl"), queries, judgements)


def _existing(directory: Path, *names: str) -> Path:
    for name in names:
        for path in (directory / name, directory / f"{name}.gz"):
            if path.is_file():
                return path
    wanted = " or ".join(f"{name}[.gz]" for name in names)
    raise InvalidInput(f"{directory} has no {wanted}.", hint="It needs corpus.jsonl, queries.jsonl and qrels/test.tsv.")


def _open(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def _records(path: Path) -> Iterator[dict[str, Any]]:
    with _open(path) as lines:
        for number, line in enumerate(lines, start=1):
            try:
                record = json.loads(line) if line.strip() else {}
            except ValueError as error:
                raise InvalidInput(f"{path}, line {number} is not JSON: {error}") from error
            if record:
                yield record


def _judgements(path: Path) -> dict[str, dict[str, int]]:
    judgements: dict[str, dict[str, int]] = {}
    with _open(path) as lines:
        for number, row in enumerate(csv.reader(lines, delimiter="\t"), start=1):
            if number == 1 and not row[-1].lstrip("-").isdigit():
                continue
            try:
                query, document, grade = row
                judgements.setdefault(query, {})[document] = int(grade)
            except ValueError as error:
                raise InvalidInput(f"{path}, line {number} is not query, document, grade.") from error
    return judgements
