"""How often sources that disagree are told, and how often a disagreement is seen where there is none.

Disagreement is made of RGB's English questions: each has three passages and the same three with the fact falsified. One
sentence of a true passage that holds the answer is the answer of the program; a falsified passage is the other source:
the falsified form of the same passage, or of the two others, which tell it in other words. False alarms are counted
over the true passages and the passages off the subject, and over the program's own answers to questions of SQuAD2 and
HotpotQA, which hold no falsified text. The rules were written while looking at RGB's English questions; nothing was
fitted on the answers to the other two sets.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from basicchat.core.types import Document, Passage
from basicchat.evaluate.lines import records
from basicchat.evaluate.readers import hops
from basicchat.evaluate.readers.spans import read_squad
from basicchat.reason.conflicts import conflicts
from basicchat.reason.sentences import sentences
from basicchat.reason.support import Grounds
from basicchat.reason.verify import check
from benchmarks.answered import answered
from benchmarks.table import evaluation_set, print_table

ASKED = 300
SAME, ANOTHER, NONE = "the same passage falsified", "another passage falsified", "passages that do not disagree"


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="ask again what was asked before")
    options = parser.parse_args()
    falsified()
    rows = []
    for evaluation in (read_squad(evaluation_set("squad2")).answerable(), hops.read(evaluation_set("hotpotqa100"))):
        found = answered(evaluation.limited(ASKED), mode="extractive", fresh=options.fresh)
        given = [each.answer for each in found if not each.answer.abstained]
        alarms = sum(bool(conflicts(each.text, each.sentences, each.passages)) for each in given)
        rows.append((evaluation.kind, len(given), alarms, f"{alarms / len(given):.1%}"))
    print_table("Disagreement seen in ordinary sources", ("set", "answers", "with a conflict", "share"), rows)


@dataclass
class Tally:
    """Pairs of passages of one kind, those that a conflict was told of, and the questions that they belong to."""

    pairs: int = 0
    told: int = 0
    asked: set[int] = field(default_factory=set)
    told_of: set[int] = field(default_factory=set)

    def add(self, question: int, *, told: bool) -> None:
        """Count a pair."""
        self.pairs += 1
        self.told += told
        self.asked.add(question)
        if told:
            self.told_of.add(question)


def falsified() -> None:
    """RGB: pairs and questions."""
    tallies = {kind: Tally() for kind in (SAME, ANOTHER, NONE)}
    for row in records(evaluation_set("rgb") / "en_fact.jsonl.gz"):
        for place, true in enumerate(row["positive"]):
            for kind, other in _others(row, place):
                told = _disagree(row, true, other)
                if told is not None:
                    tallies[kind].add(row["id"], told=told)
    table = [
        (kind, each.pairs, each.told, f"{each.told / each.pairs:.1%}", len(each.asked), len(each.told_of))
        for kind, each in tallies.items()
    ]
    header = ("other source", "pairs", "conflict told", "share", "questions", "with a conflict told")
    print_table("Disagreement told, RGB's English questions", header, table)


def _others(row: dict[str, Any], place: int) -> list[tuple[str, str]]:
    wrong, right = row["positive_wrong"], row["positive"]
    others = [(ANOTHER, text) for index, text in enumerate(wrong) if index != place]
    plain = [text for index, text in enumerate(right) if index != place] + row["negative"]
    own = [(SAME, wrong[place])] if wrong[place] != right[place] else []
    return [*own, *others, *((NONE, text) for text in plain)]


def _disagree(row: dict[str, Any], true: str, other: str) -> bool | None:
    """Whether a conflict is told; None where no sentence of the true passage holds the answer."""
    said = next((text for text in _pieces(true) if _holds(text, row["answer"])), None)
    if said is None:
        return None
    passages = [_passage(1, true), _passage(2, other)]
    text = f"{said} [1]"
    return bool(conflicts(text, check(text, Grounds(passages, question=row["query"])), passages))


def _pieces(text: str) -> list[str]:
    return [" ".join(text[each.start : each.end].split()) for each in sentences(text)]


def _holds(text: str, answer: object) -> bool:
    forms: Sequence[Any] = answer if isinstance(answer, list) else [answer]
    return any(_holds(text, form) if isinstance(form, list) else str(form).lower() in text.lower() for form in forms)


def _passage(number: int, text: str) -> Passage:
    name = f"source {number}"
    document = Document(name, "default", name, name, "text/plain", name, 1, 1, 0.0)
    return Passage(number, document, 1, 0, len(text), text, (name,), 1.0)


if __name__ == "__main__":
    main()
