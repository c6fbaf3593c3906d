"""Files of questions: one JSON object a line with ``_id`` and ``text`` or ``question``, plain or gzipped."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from basicchat.core.errors import InvalidInput
from basicchat.core.types import Json


@dataclass(frozen=True, slots=True)
class BatchQuestion:
    """One question of a file, with the identity its author gave it."""

    id: str | int
    text: str


def read_batch(path: Path) -> list[BatchQuestion]:
    """Every question of the file, in order. Blank lines are skipped.

    Raises `InvalidInput`, naming the line, for the first that is not such an object, and for a file without any.
    """
    try:
        with _open(path) as file:
            questions = list(_questions(path, file))
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read: {error}.") from error
    if not questions:
        raise InvalidInput(f"{path} holds no question.")
    return questions


def _open(path: Path) -> IO[str]:
    if path.name.lower().endswith(".gz"):
        return gzip.open(path, "rt", encoding="utf-8-sig")
    return path.open(encoding="utf-8-sig")


def _questions(path: Path, lines: IO[str]) -> Iterator[BatchQuestion]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield _question(json.loads(line))
        except ValueError as error:
            raise InvalidInput(
                f"{path}, line {number}: {error}.",
                hint='Every line is one JSON object such as {"_id": "1", "question": "Who signed it?"}.',
            ) from error


def _question(record: Json) -> BatchQuestion:
    if not isinstance(record, dict):
        raise ValueError("this is not a JSON object")
    identity = record.get("_id")
    if not isinstance(identity, str | int) or isinstance(identity, bool):
        raise ValueError("`_id` is missing or is neither a text nor a number")
    text = record.get("text", record.get("question"))
    if not isinstance(text, str) or not text.strip():
        raise ValueError("`text` or `question` is missing or empty")
    return BatchQuestion(identity, text)
