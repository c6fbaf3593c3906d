"""How often a wrong citation number is mended, and a right one left alone. No model is asked.

A claim is made of an answerable SQuAD2 question and its answer ("When did the crisis begin?", "October 1973" become
"The crisis begin October 1973"), or is the answer alone. It is cited to each of five passages of its article in turn:
the one that holds the answer, and the four others that share most words with the question. The articles are dealt
into the halves of `benchmarks.abstention`.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from basicchat.core.types import Document, Passage
from basicchat.reason.support import Grounds
from basicchat.retrieve.terms import coverage
from benchmarks.table import evaluation_set, print_table

OTHERS = 4
EVERY = 3  # of the answerable questions
HALVES = ("fitting", "reporting")
ASKING = re.compile(r"^(?:(?:in|on|at|to|for|by|from) )?(?:wh\w+|how (?:many|much|long|old)|how)\b\s*", re.IGNORECASE)


def main() -> None:
    """Cite every claim to every passage, print what became of the numbers."""
    folder = evaluation_set("squad2")
    with gzip.open(folder / "passages.jsonl.gz", "rt", encoding="utf-8") as lines:
        passages = {row["_id"]: row for row in map(json.loads, lines)}
    with gzip.open(folder / "questions.jsonl.gz", "rt", encoding="utf-8") as lines:
        questions = [row for row in map(json.loads, lines) if not row["is_impossible"]][::EVERY]
    titles = sorted({row["title"] for row in passages.values()})
    rows = []
    for number, half in enumerate(HALVES):
        own = [row for row in questions if passages[row["passage_id"]]["title"] in titles[number::2]]
        for kind in ("question and answer", "answer alone"):
            counted = Counter(outcome for row in own for outcome in _outcomes(row, passages, kind))
            right, wrong = counted["kept"] + counted["spoilt"], counted["mended"] + counted["left"] + counted["gone"]
            shares = (counted["kept"] / right, counted["mended"] / wrong, counted["gone"] / wrong)
            rows.append((half, kind, right, counted["kept"], wrong, counted["mended"], counted["gone"], *shares))
    header = ("articles", "claim", "right numbers", "kept", "wrong numbers", "mended", "dropped")
    print_table("Citation numbers", (*header, "kept", "mended", "dropped"), rows)


def _outcomes(row: Mapping[str, str], passages: Mapping[str, Mapping[str, str]], kind: str) -> Iterator[str]:
    """What becomes of the number of each of five passages: the right one's is the last."""
    question, answer = row["question"], row["answers"][0]["text"]  # type: ignore[index]
    holder = passages[row["passage_id"]]
    others = [
        other
        for other in passages.values()
        if other["title"] == holder["title"] and other is not holder and answer.lower() not in other["text"].lower()
    ]
    nearest = sorted(others, key=lambda other: -coverage(question, other["text"]))[:OTHERS]
    grounds = Grounds(_numbered([*nearest, holder]), question=question)
    claim = f"{ASKING.sub('', question.strip(' ?'))} {answer}" if kind == "question and answer" else answer
    right = len(nearest) + 1
    for number in range(1, right):
        settled = grounds.settle(claim, [number])
        yield "mended" if settled == [right] else "left" if settled else "gone"
    yield "kept" if grounds.settle(claim, [right]) == [right] else "spoilt"


def _numbered(rows: Sequence[Mapping[str, str]]) -> list[Passage]:
    return [
        Passage(
            number=number,
            document=Document(row["_id"], "default", row["_id"], row["title"], "text/plain", row["_id"], 1, 1, 0.0),
            page=1,
            start=0,
            end=len(row["text"]),
            text=row["text"],
            chunk_ids=(row["_id"],),
            score=1.0,
        )
        for number, row in enumerate(rows, start=1)
    ]


if __name__ == "__main__":
    main()
