"""What a follow-up takes over from the turns before, and what it must not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from basicchat import bootstrap
from basicchat.core.events import answer_of
from basicchat.core.filters import Filter
from basicchat.core.types import Answer
from basicchat.service.assistant import Assistant
from basicchat.settings import load

QUESTION = "When does the ferry leave?"
TEXTS = {
    "summer.md": "The ferry to Oban leaves at seven in the morning in summer.",
    "winter.md": "The ferry to Oban leaves at nine in the morning in winter.",
}


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    for name, text in TEXTS.items():
        (tmp_path / name).write_text(f"{text}\n", encoding="utf-8")
    with bootstrap.open_assistant(load(home=tmp_path / "home", profile="fake")) as opened:
        opened.ingest([tmp_path / name for name in TEXTS])
        yield opened


def names(answer: Answer) -> set[str]:
    return {passage.document.source.rpartition("/")[2] for passage in answer.passages}


def ask(assistant: Assistant, chat: str, **options: object) -> Answer:
    return answer_of(assistant.chats.send(chat, QUESTION, mode="direct", **options))  # type: ignore[arg-type]


def test_sources_that_were_read_stay_and_keep_their_numbers(assistant: Assistant) -> None:
    chat = assistant.chats.create()
    first = ask(assistant, chat.id, only=Filter(files=("winter.md",)))
    second = ask(assistant, chat.id)
    assert names(first) == {"winter.md"}
    assert names(second) == {"winter.md", "summer.md"}
    assert second.passages[0] == first.passages[0]


def narrow(assistant: Assistant) -> dict[str, object]:
    return {"only": Filter(files=("winter.md",))}


def removed(assistant: Assistant) -> dict[str, object]:
    assistant.library.remove(next(each.id for each in assistant.library.documents() if "summer" in each.source))
    return {}


def corrected(assistant: Assistant) -> dict[str, object]:
    (passage,) = (hit for hit in assistant.search(QUESTION) if "seven" in hit.chunk.text)
    assistant.curation.edit_chunk(passage.chunk.id, "The ferry to Oban leaves at eight in the morning in summer.")
    return {}


@pytest.mark.parametrize("change", [narrow, removed, corrected])
def test_a_source_that_may_not_be_used_any_more_is_not_taken_over(
    assistant: Assistant, change: Callable[[Assistant], dict[str, object]]
) -> None:
    chat = assistant.chats.create()
    assert any("seven" in passage.text for passage in ask(assistant, chat.id).passages)
    answer = ask(assistant, chat.id, **change(assistant))
    assert answer.passages
    assert not any("seven" in passage.text for passage in answer.passages)
