"""Whether citations resolve and whether what they cite holds the answer; and how often a wrong number is mended.

First, real questions: SQuAD2's answerable ones, asked of a library of all its passages. A citation resolves when its
number is one of the prompt's, its page is there, the page holds its quotation word for word, and all of it comes back
from JSON as it was. Every question is answered by quotes, and some of them by the smallest everyday chat model.

Then, without a model, claims cited to wrong passages on purpose. A claim is made of an answerable SQuAD2 question and
its answer ("When did the crisis begin?", "October 1973" become "The crisis begin October 1973"), or is the answer
alone. It is cited to each of five passages of its article in turn: the one that holds the answer, and the four others
that share most words with the question. The articles are dealt into the halves of `benchmarks.abstention`.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from basicchat.core.types import Document, Passage
from basicchat.evaluate.readers.spans import read_squad
from basicchat.reason.support import Grounds
from basicchat.retrieve.terms import coverage
from benchmarks.answered import Answered, answered
from benchmarks.table import evaluation_set, print_table

QUOTED = 300
WRITTEN = 40
MODEL = "qwen2.5-coder-0.5b-instruct-q4_k_m"
OTHERS = 4
EVERY = 3  # of the answerable questions
HALVES = ("fitting", "reporting")
ASKING = re.compile(r"^(?:(?:in|on|at|to|for|by|from) )?(?:wh\w+|how (?:many|much|long|old)|how)\b\s*", re.IGNORECASE)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="ask again what was asked before")
    parser.add_argument("--written", type=int, default=WRITTEN, help="questions for the chat model")
    options = parser.parse_args()
    real_questions(written=options.written, fresh=options.fresh)
    mended()


def real_questions(*, written: int, fresh: bool) -> None:
    """Ask, and print how many citations resolve and hold the answer."""
    whole = read_squad(evaluation_set("squad2")).answerable()
    rows = [_counted("quotes", answered(whole.limited(QUOTED), mode="extractive", fresh=fresh))]
    if written:
        found = answered(whole.limited(written), mode="direct", model=MODEL, fresh=fresh)
        rows.append(_counted(MODEL, found))
    header = ("answers", "questions", "declined", "without a number", "citations", "resolve",
              "gold answer in a passage cited", "in a sentence quoted")  # fmt: skip
    print_table("Citations over real questions", header, rows)


def _counted(name: str, found: Sequence[Answered]) -> tuple[object, ...]:
    given = [each for each in found if not each.answer.abstained]
    citations = sum(len(each.answer.citations) for each in found)
    broken = sum(len(each.problems) for each in found)
    cited = [each for each in given if each.answer.citations]
    in_passage = sum(
        _holds(each, [each.answer.passages[c.number - 1].text for c in each.answer.citations]) for each in cited
    )
    in_quote = sum(_holds(each, [c.quote for c in each.answer.citations]) for each in cited)
    return (name, len(found), len(found) - len(given), len(given) - len(cited), citations,
            f"{citations - broken} ({(citations - broken) / max(citations, 1):.1%})",
            f"{in_passage} of {len(cited)} ({in_passage / max(len(cited), 1):.1%})",
            f"{in_quote} of {len(cited)} ({in_quote / max(len(cited), 1):.1%})")  # fmt: skip


def _holds(each: Answered, texts: Sequence[str]) -> bool:
    """Whether one of the texts holds a form of the gold answer, blanks and capitals apart."""
    forms = [_plain(form) for part in each.question.answers for form in part]
    return any(form in _plain(text) for text in texts for form in forms)


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


def mended() -> None:
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
