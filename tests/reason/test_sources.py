"""Facts about cited documents: what they are, of when, and which others say the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from basicchat.core.grounding import SourceFacts, described
from basicchat.core.types import Document, Json
from basicchat.reason.attribute import citations
from basicchat.reason.sources import facts_of, source_facts
from basicchat.reason.support import Grounds
from basicchat.reason.verify import check

from .conftest import DOCUMENT, passage


def another(name: str) -> Document:
    return replace(DOCUMENT, id=name, source=f"{name}.txt", title=name, media_type="text/plain")


def facts(text: str, texts: Mapping[str, str]) -> tuple[SourceFacts, ...]:
    passages = [passage(number, said, document=another(name)) for number, (name, said) in enumerate(texts.items(), 1)]
    grounds = Grounds(passages, question="How tall is the tower?")
    return source_facts(text, check(text, grounds), citations(text, passages, question=grounds.question), grounds)


def test_others_that_say_the_same_in_their_own_words_are_counted() -> None:
    (found,) = facts(
        "The Eiffel Tower is 330 metres tall [1].",
        {
            "a": "The Eiffel Tower is 330 metres tall.",
            "b": "At 330 metres, the Eiffel Tower is a tall building.",
            "copy": "The Eiffel Tower is 330 metres tall.",
            "other": "The Eiffel Tower is 324 metres tall.",
        },
    )
    assert (found.document_id, found.kind, found.agreeing) == ("a", "note", 1)


def test_nobody_agrees_with_a_sentence_that_nothing_supports() -> None:
    (found,) = facts("It is 999 metres tall [1].", {"a": "It is 330 metres tall.", "b": "It measures 330 metres."})
    assert found.agreeing == 0


@pytest.mark.parametrize(
    ("metadata", "dated", "by"),
    [
        ({"date": "Tue, 7 May 2024 10:11:12 +0200", "from": "a"}, "2024-05-07", "document"),
        ({"created": "2020-01-02T03:04:05Z", "modified": "2021-02-03"}, "2021-02-03", "modified"),
        ({"created": "2020-01-02"}, "2020-01-02", "created"),
        ({"date": "1998"}, "1998", "document"),
        ({"date": "1998-11"}, "1998-11", "document"),
        ({"date": "long ago"}, "", ""),
        ({"date": 7}, "", ""),
        ({}, "", ""),
    ],
)
def test_the_date_is_the_one_that_the_document_gives_itself(metadata: dict[str, Json], dated: str, by: str) -> None:
    found = facts_of(replace(DOCUMENT, metadata=metadata), pages={1})
    assert (found.dated, found.dated_by) == (dated, by)


def test_recognised_text_says_how_sure_its_worst_cited_page_was() -> None:
    document = replace(
        DOCUMENT,
        metadata={"recognised": {"1": 96.4, "2": 71.0, "3": 10.0}, "modified": "2021-02-03"},
        added_at=216_000.0,
    )
    found = facts_of(document, pages={1, 2})
    assert (found.kind, found.recognised) == ("scan", 71.0)
    assert facts_of(document, pages={9}).kind == "PDF"
    assert described(replace(found, agreeing=2)) == (
        "scan · modified 2021-02-03 · added 1970-01-03 · text recognised, 71 % sure · 2 other documents say the same"
    )
