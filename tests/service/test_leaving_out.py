"""The same question without a source: nothing of it is drawn on, and the answer says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from basicchat import bootstrap
from basicchat.core.errors import InvalidInput, NotFound
from basicchat.core.filters import Filter
from basicchat.core.trace import unpacked
from basicchat.service.assistant import Assistant
from basicchat.settings import load

QUESTION = "When does the ferry leave?"
TEXTS = {
    "summer.md": "The ferry to Oban leaves at seven in the morning in summer.",
    "winter.md": "The ferry to Oban leaves at nine in the morning in winter.",
    "bread.txt": "Rye bread needs twelve hours to rise.",
}


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    for name, text in TEXTS.items():
        (tmp_path / name).write_text(f"{text}\n", encoding="utf-8")
    with bootstrap.open_assistant(load(home=tmp_path / "home", profile="fake")) as opened:
        opened.ingest([tmp_path / name for name in TEXTS])
        yield opened


def id_of(assistant: Assistant, name: str) -> str:
    return next(each.id for each in assistant.library.documents() if each.source.endswith(name))


@pytest.mark.parametrize("by_name", [True, False])
def test_nothing_of_it_is_drawn_on(assistant: Assistant, by_name: bool) -> None:
    summer = id_of(assistant, "summer.md")
    answer = assistant.ask(QUESTION, mode="extractive", without=["summer.md" if by_name else summer])
    assert "nine" in answer.text
    assert "seven" not in answer.text
    assert summer not in {passage.document.id for passage in answer.passages}
    assert answer.warnings[0].startswith("This was answered without “")
    assert "summer" in answer.warnings[0]
    again = assistant.ask(QUESTION, mode="extractive")
    assert "seven" in again.text
    assert again.warnings == ()


def test_it_goes_together_with_a_filter(assistant: Assistant) -> None:
    paged = assistant.ask(QUESTION, mode="extractive", without=["summer.md"], only=Filter(pages=((1, 1),)))
    assert "nine" in paged.text
    assert {passage.document.source.rpartition("/")[2] for passage in paged.passages} <= {"winter.md", "bread.txt"}
    for only in (Filter(files=("summer.md",)), Filter(files=("summer.md",), pages=((1, 1),))):
        with pytest.raises(NotFound, match="Nothing is left"):
            assistant.stream(QUESTION, without=["summer.md"], only=only)


def test_a_slip_of_the_pen_is_told(assistant: Assistant) -> None:
    with pytest.raises(InvalidInput, match=r"is called sommer\.md"):
        assistant.stream(QUESTION, without=["sommer.md"])


def test_what_was_answered_from_it_is_not_repeated_to_the_model(assistant: Assistant) -> None:
    chat, summer = assistant.chats.create(), id_of(assistant, "summer.md")
    list(assistant.chats.send(chat.id, QUESTION, mode="direct", document_ids=[summer]))
    list(assistant.chats.send(chat.id, "When does the ferry leave in winter?", mode="direct", without=[summer]))
    answer = assistant.chats.turns(chat.id)[-1].answer
    assert answer is not None
    sent = [part.text for call in unpacked(answer.trace).calls for part in call.parts]
    assert any("nine" in text for text in sent)
    assert not any("seven" in text for text in sent)
