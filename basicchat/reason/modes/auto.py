"""Choose a way by what there is: documents and a model, one of them, or neither."""

from __future__ import annotations

from collections.abc import Iterator

from basicchat.core.events import Event, Finished, Thought, Token
from basicchat.core.types import Answer
from basicchat.reason import route
from basicchat.reason.followup import is_small_talk
from basicchat.reason.modes import chat, direct, extractive, multi_step
from basicchat.reason.task import Task

NAME = "auto"

SUGGESTED = 0.5  # probability from which another mode is named; it is not taken, as it did not do better when measured

NOTHING_YET = (
    "There are no documents to look in and no chat model to talk to yet. Add documents in Library, or with "
    "`basicchat ingest`; a chat model comes with `basicchat models pull`, or from a running Ollama."
)
SMALL_TALK = "Ask me something about your documents; without a chat model I answer by quoting them."


def answer(task: Task) -> Iterator[Event]:
    """With documents, answer from them, written by the model or else quoted; without, talk with the model.

    Questions that seem to take several steps are answered directly too: see `SUGGESTED`. Small talk ("Hi!") goes to
    the model even where there are documents. With neither documents nor a model the answer says what to do next.
    """
    documents = task.retriever.document_count(task.request.scope)
    small_talk = is_small_talk(task.request.question)
    if documents and not small_talk:
        return _direct(task) if task.model else extractive.answer(task)
    if task.model:
        return chat.answer(task)
    return _say(task, SMALL_TALK if documents else NOTHING_YET)


def _direct(task: Task) -> Iterator[Event]:
    """A written answer. Where the question seems to take several steps, it is said that there is a mode for that."""
    question = task.request.question
    if route.several(question) >= SUGGESTED:
        yield Thought(f"The mode “{multi_step.TITLE}” may do better here, because {route.reason(question)}.")
    yield from direct.answer(task)


def _say(task: Task, text: str) -> Iterator[Event]:
    yield Token(text)
    yield Finished(Answer(text, abstained=True, mode=NAME, model=None, timings={"total": task.elapsed}))
