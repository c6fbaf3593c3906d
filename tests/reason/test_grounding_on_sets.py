"""What the checks are good for on real data, without a model: floors under the figures that the benchmarks print."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from basicchat.core.types import Passage
from basicchat.evaluate.lines import records
from basicchat.reason.conflicts import conflicts
from basicchat.reason.support import Grounds
from basicchat.reason.verify import check

from .conftest import DOCUMENT, passage

pytestmark = pytest.mark.evals


def two(one: str, other: str) -> list[Passage]:
    return [passage(1, one), passage(2, other, document=replace(DOCUMENT, id="other"))]


def verdict(claim: str, text: str) -> str:
    found = check(f"{claim} [1]", Grounds([passage(1, text)], question=""))
    return found[0].verdict if found else "unsupported"


def test_most_claims_are_supported_by_their_abstract_and_next_to_none_by_another(evals: Path) -> None:
    abstracts = {row["_id"]: row["text"] for row in records(evals / "scifact" / "corpus.jsonl.gz")}
    rows = [row for row in records(evals / "scifact" / "claims_test.jsonl.gz") if row["label"] == "SUPPORT"][:60]
    own = [verdict(row["text"], abstracts[row["evidence"][0]["doc_id"]]) for row in rows]
    others = [
        verdict(row["text"], abstracts[rows[place - 1]["evidence"][0]["doc_id"]]) for place, row in enumerate(rows)
    ]
    assert own.count("supported") >= 0.5 * len(rows)
    assert others.count("supported") <= 0.05 * len(rows)


def test_a_falsified_passage_disagrees_and_a_true_one_does_not(evals: Path) -> None:
    told = alarms = pairs = 0
    for row in list(records(evals / "rgb" / "en_fact.jsonl.gz"))[:25]:
        for true, wrong in zip(row["positive"], row["positive_wrong"], strict=True):
            said = next((line for line in true.split(". ") if str(row["answer"]) in line), None)
            if said is None or true == wrong:
                continue
            text = f"{said} [1]"
            pairs += 1
            for other, counts in ((wrong, True), *((each, False) for each in row["negative"])):
                passages = two(true, other)
                found = bool(conflicts(text, check(text, Grounds(passages, question=row["query"])), passages))
                told, alarms = told + (found and counts), alarms + (found and not counts)
    assert told >= 0.6 * pairs
    assert alarms == 0
