"""Questions that a model writes."""

from __future__ import annotations

import json

import pytest

from basicchat.core.errors import BadReply, ProviderUnavailable
from basicchat.core.types import Chunk, Document, Passage
from basicchat.evaluate.written import acceptable, write_questions
from basicchat.testing.chat import ScriptedChatModel

TEXT = "The night ferry to Oban leaves at seven from the northern pier. Tickets cost 12 pounds for adults."
DOCUMENT = Document("d", "c", "ferry.txt", "Ferry", "text/plain", "x", 1, 1, 0.0)
GOOD = ("When does the night ferry to Oban leave?", "It leaves at seven from the northern pier.")


def chunk(number: int) -> Chunk:
    return Chunk(f"c{number}", "d", number, 1, 0, len(TEXT), TEXT)


def reply(question: str, answer: str) -> str:
    return json.dumps({"question": question, "answer": answer})


@pytest.mark.parametrize(
    ("question", "answer", "good"),
    [
        (*GOOD, True),
        ("What does a ticket cost for adults?", "12 pounds", True),
        ("What does the text say about the ferry?", "It leaves at seven.", False),
        ("When does the night ferry to Oban leave?", "It leaves at nine from Glasgow.", False),
        ("Do 15 adults pay for tickets?", "12 pounds", False),
        ("Who wrote the tragedy of Hamlet?", "It leaves at seven.", False),
        ("The night ferry to Oban leaves at seven", "seven", False),
        ("Ferry?", "at seven", False),
        ("When does the night ferry to Oban leave?", "", False),
    ],
)
def test_what_the_passage_bears_out(question: str, answer: str, good: bool) -> None:
    assert acceptable(question, answer, Passage(1, DOCUMENT, 1, 0, len(TEXT), TEXT, ("c",), 0.0)) is good


def test_bad_replies_and_repeated_questions_are_left_out() -> None:
    model = ScriptedChatModel(
        [
            reply(*GOOD),
            "no JSON at all",
            BadReply("odd", provider="fake", model="scripted"),
            reply("When will the night ferry to Oban leave?", GOOD[1]),
            reply("What does a ticket cost for adults?", "12 pounds"),
        ]
    )
    heard: list[tuple[int, int]] = []
    made = write_questions(
        ((chunk(number), DOCUMENT) for number in range(5)),
        model,
        9,
        collection="c",
        report=lambda done, total: heard.append((done, total)),
    )
    assert [(question.id, question.gold, question.group) for question in made] == [
        ("c0", ("c0",), "d"),
        ("c4", ("c4",), "d"),
    ]
    assert heard == [(0, 9), (1, 9), (1, 9), (1, 9), (1, 9)]
    assert model.calls[0].schema is not None


def test_no_more_than_wanted() -> None:
    model = ScriptedChatModel([reply(*GOOD)])
    made = write_questions([(chunk(1), DOCUMENT), (chunk(2), DOCUMENT)], model, 1, collection="c", report=print)
    assert len(made) == 1


def test_a_model_that_is_gone_is_told() -> None:
    model = ScriptedChatModel([ProviderUnavailable("gone", provider="fake", model="scripted")])
    with pytest.raises(ProviderUnavailable):
        write_questions([(chunk(1), DOCUMENT)], model, 1, collection="c", report=print)
