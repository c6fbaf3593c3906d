"""Divide the question, answer each part from a search of its own, join the answers."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from basicchat.core.events import Event
from basicchat.core.types import Json
from basicchat.reason.modes import chat, direct
from basicchat.reason.modes.joining import Finding, filled, part_answered, searched, written
from basicchat.reason.modes.stepping import Desk, stepwise, told
from basicchat.reason.prompts import multi_step as prompt_of
from basicchat.reason.rewrite.parts import parts
from basicchat.reason.structured import asked_for, texts_of
from basicchat.reason.task import Task

NAME = "multi_step"
TITLE = "Step by step"

DIVIDE_TOKENS = 160


def answer(task: Task) -> Iterator[Event]:
    """Search, divide, answer the parts, join; see `stepwise` for when that fails."""
    return stepwise(task, _go, title=TITLE)


def _go(desk: Desk) -> Iterator[Event]:
    questions = parts(desk.question)
    if len(questions) > 1:
        yield desk.steps.note("Divide the question", detail="\n".join(questions))
    else:
        questions = yield from desk.steps.run("Divide the question", _divided(desk), detail="\n".join)
    if len(questions) < 2:
        yield desk.steps.note("Answer the parts", detail="It asks about one thing.", skipped=True)
        whole = direct.answer_from(desk.task, desk.found) if desk.found.retrieval.hits else chat.answer(desk.task)
        yield from told(whole, desk.counted)
        return
    findings: list[Finding] = []
    for question in questions:
        asked = filled(question, [each.text for each in findings])
        finding = yield from desk.steps.run(
            f"Answer “{asked}”", _part(desk, asked), detail=lambda found: found.text or "The passages do not say."
        )
        findings.append(finding)
    yield from written(desk, findings, mode=NAME)


def _divided(desk: Desk) -> Generator[Event, None, tuple[str, ...]]:
    def read(value: Json) -> tuple[str, ...]:
        return texts_of(value, "questions", most=prompt_of.MOST)

    return (
        yield from asked_for(
            desk.steps,
            desk.model,
            prompt_of.messages(desk.question),
            schema=prompt_of.SCHEMA,
            read=read,
            tokens=DIVIDE_TOKENS,
        )
    )


def _part(desk: Desk, question: str) -> Generator[Event, None, Finding]:
    return (yield from part_answered(desk, question, searched(desk, question)))
