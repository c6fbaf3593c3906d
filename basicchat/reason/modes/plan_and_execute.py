"""Let the model plan searches and answers, carry the plan out, plan again once where it finds nothing."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

from basicchat.core.events import Event
from basicchat.core.types import Json
from basicchat.reason.modes.joining import Finding, filled, part_answered, searched, written
from basicchat.reason.modes.stepping import Desk, stepwise
from basicchat.reason.prompts import plan as prompt_of
from basicchat.reason.rewrite.together import joined
from basicchat.reason.structured import asked_for
from basicchat.reason.task import Task
from basicchat.retrieve.pipeline import Retrieval

NAME = "plan_and_execute"
TITLE = "Plan, then answer"

PLAN_TOKENS = 240
PLANS = 2  # the first, and another one where that found nothing


@dataclass(frozen=True)
class Planned:
    """A step of a plan: what to do, and with which words."""

    do: str
    text: str


def answer(task: Task) -> Iterator[Event]:
    """Search, plan, carry out, write; see `stepwise` for when that fails."""
    return stepwise(task, _go, title=TITLE)


def _go(desk: Desk) -> Iterator[Event]:
    findings: list[Finding] = []
    failed = ""
    for number in range(PLANS):
        title = "Plan" if number == 0 else "Plan again"
        plan = yield from desk.steps.run(title, _planned(desk, failed), detail=_told)
        found = yield from _carried_out(desk, plan)
        findings += found
        if any(each.text for each in found) or not any(step.do == "answer" for step in plan):
            break
        failed = _told(plan)
    yield from written(desk, findings, mode=NAME)


def _planned(desk: Desk, failed: str) -> Generator[Event, None, tuple[Planned, ...]]:
    return (
        yield from asked_for(
            desk.steps,
            desk.model,
            prompt_of.messages(desk.question, failed),
            schema=prompt_of.SCHEMA,
            read=read_plan,
            tokens=PLAN_TOKENS,
        )
    )


def read_plan(value: Json) -> tuple[Planned, ...]:
    """The steps of a plan, at most `prompts.plan.MOST`. Raises `ValueError` for one that cannot be carried out."""
    listed = value.get("steps") if isinstance(value, dict) else None
    if not isinstance(listed, list) or not listed:
        raise ValueError("it needs a list called 'steps' with at least one step")
    steps = []
    for number, each in enumerate(listed[: prompt_of.MOST], start=1):
        do, text = (each.get("do"), each.get("text")) if isinstance(each, dict) else (None, None)
        if do not in ("search", "answer") or not isinstance(text, str) or not text.strip():
            raise ValueError(f"step {number} needs 'do', which is search or answer, and a 'text'")
        steps.append(Planned(str(do), " ".join(text.split())))
    return tuple(steps)


def _carried_out(desk: Desk, plan: Sequence[Planned]) -> Generator[Event, None, list[Finding]]:
    """Carry a plan out. An answer draws on the searches since the answer before it, else on the first search."""
    findings: list[Finding] = []
    since: list[Retrieval] = []
    results: list[str] = []
    for step in plan:
        text = filled(step.text, results)
        if step.do == "search":
            retrieval = yield from desk.steps.run(f"Search “{text}”", _search(desk, text), detail=_names)
            since.append(retrieval)
            results.append(text)
            continue
        ground = joined(since) if since else desk.found.retrieval
        finding = yield from desk.steps.run(
            f"Answer “{text}”",
            part_answered(desk, text, ground),
            detail=lambda found: found.text or "The passages do not say.",
        )
        findings.append(finding)
        results.append(finding.text)
        since = []
    return [*findings, *(Finding("", "", each) for each in since)]


def _search(desk: Desk, text: str) -> Generator[Event, None, Retrieval]:
    yield from ()
    return searched(desk, text)


def _names(retrieval: Retrieval) -> str:
    names = dict.fromkeys(hit.document.title or hit.document.source for hit in retrieval.hits)
    return "; ".join(list(names)[:4]) or "Nothing was found."


def _told(plan: Sequence[Planned]) -> str:
    return "\n".join(f"{number}. {step.do}: {step.text}" for number, step in enumerate(plan, start=1))
