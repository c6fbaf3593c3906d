"""What became of each question, as one JSON object a line, and the measures that it counts for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from basicchat.core.errors import InvalidInput
from basicchat.core.types import Json
from basicchat.evaluate.answers import contains, exact_match, f1, wordings
from basicchat.evaluate.cases import Parts
from basicchat.evaluate.grade import CORRECT, grade
from basicchat.evaluate.lines import records
from basicchat.evaluate.ranking import all_gold, hit, ndcg, recall, reciprocal_rank

KEPT = 20
"""Names of a ranking that a row keeps."""


@dataclass(frozen=True)
class Row:
    """A question of a set and what the program made of it.

    ``ranking`` holds the first `KEPT` names found, best first. ``answer`` is None where only a search was made.
    ``confidence`` is between 0 and 1, None where nothing stated one.
    """

    id: str
    question: str
    gold: tuple[str, ...]
    answerable: bool
    answers: Parts
    ranking: tuple[str, ...]
    seconds: float
    answer: str | None = None
    refused: bool = False
    trap: str = ""
    confidence: float | None = None
    group: str = ""

    @property
    def ranks(self) -> tuple[int | None, ...]:
        """Where each gold name stands, from 1; None where it is not among the kept names."""
        places = {name: rank for rank, name in enumerate(self.ranking, start=1)}
        return tuple(places.get(name) for name in self.gold)

    @property
    def right(self) -> bool | None:
        """Whether the answer is right, by the grader; None where nothing was asked or nothing is known."""
        if self.answer is None or not self.answers or not self.answerable:
            return None
        return not self.refused and grade(self.question, self.answers, self.answer).label == CORRECT

    def as_json(self) -> dict[str, Json]:
        """The row as its line has it, with ranks and measures for whoever reads it."""
        return {**json.loads(json.dumps(asdict(self))), "ranks": list(self.ranks), "measures": dict(measures(self))}


def measures(row: Row) -> dict[str, float]:
    """Every measure that this question counts for, 0 to 1; the figure of a run is the mean of a measure over its rows.

    Rankings count where there is gold. Words and grade count for answerable questions with a gold answer, a refusal
    being an answer without words. ``answered`` and ``declined`` are the two halves of balanced accuracy. ``trapped``
    counts where there is a trap: the answer repeats it.
    """
    found = _of_ranking(row) if row.gold else {}
    if row.answer is None:
        return found
    found["answered" if row.answerable else "declined"] = float(row.refused != row.answerable)
    if row.trap:
        found["trapped"] = 0.0 if row.refused else contains(row.answer, ((row.trap,),))
    if row.answerable and row.answers:
        given, forms = "" if row.refused else row.answer, wordings(row.answers)
        found["exact"] = exact_match(given, forms)
        found["f1"] = f1(given, forms)
        found["contains"] = contains(given, row.answers)
        found["right"] = float(bool(row.right))
        found["wrong"] = float(not row.refused and not row.right)
    return found


def _of_ranking(row: Row) -> dict[str, float]:
    grades = dict.fromkeys(row.gold, 1)
    return {
        "hit@1": hit(row.ranking, grades, k=1),
        "hit@5": hit(row.ranking, grades, k=5),
        "hit@10": hit(row.ranking, grades, k=10),
        "hit@20": hit(row.ranking, grades, k=20),
        "recall@5": recall(row.ranking, grades, k=5),
        "recall@10": recall(row.ranking, grades, k=10),
        "all@5": all_gold(row.ranking, grades, k=5),
        "ndcg@10": ndcg(row.ranking, grades, k=10),
        "mrr@10": reciprocal_rank(row.ranking, grades, k=10),
    }


def write_rows(rows: Iterable[Row], path: Path) -> tuple[Row, ...]:
    """Write the rows as JSON Lines, each as soon as it is there, and give them back.

    The file is opened first: raises `InvalidInput` where it cannot be written before the first row is asked for.
    """
    try:
        file = path.open("w", encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error}") from error
    written = []
    with file:
        for row in rows:
            line = json.dumps(row.as_json(), ensure_ascii=False)
            file.write(line.encode("utf-8", "replace").decode() + "\n")  # a set can hold half a surrogate pair
            file.flush()
            written.append(row)
    return tuple(written)


def read_rows(path: Path) -> tuple[Row, ...]:
    """Rows that `write_rows` wrote. Raises `InvalidInput` for a file that holds none, or something else."""
    rows = []
    for number, record in enumerate(records(path), start=1):
        try:
            rows.append(_row(record))
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInput(
                f"{path}, line {number} is not a line of an evaluation.", hint="Write it with `basicchat eval run`."
            ) from error
    if not rows:
        raise InvalidInput(f"{path} holds no questions.", hint="Write it with `basicchat eval run`.")
    return tuple(rows)


def _row(record: Mapping[str, object]) -> Row:
    known = {field.name: record[field.name] for field in fields(Row) if field.name in record}
    if not isinstance(known["id"], str) or not isinstance(known["question"], str):
        raise ValueError("id and question are texts")
    known["seconds"] = float(str(known["seconds"]))
    for name in ("gold", "ranking"):
        known[name] = tuple(_texts(known[name]))
    parts = known["answers"]
    if not isinstance(parts, list):
        raise ValueError("answers is a list")
    known["answers"] = tuple(tuple(_texts(part)) for part in parts)
    return Row(**known)  # type: ignore[arg-type]  # the names are those of the fields


def _texts(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ValueError("not a list of texts")
    return value
