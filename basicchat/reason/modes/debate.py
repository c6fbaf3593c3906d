"""Several readers of the same passages, each with a brief of its own; what most say, and what others say instead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from basicchat.core.events import Event
from basicchat.reason.alike import groups
from basicchat.reason.modes.drafting import Draft, draft, prompt_over, score, shown
from basicchat.reason.modes.stepping import Desk, declined, stepwise
from basicchat.reason.prompts import readings
from basicchat.reason.task import Task

NAME = "debate"
TITLE = "Several readings"

READING_TOKENS = 160


def answer(task: Task) -> Iterator[Event]:
    """Search, let each reader answer, compare; see `stepwise` for when that fails."""
    return stepwise(task, _go, title=TITLE)


def _go(desk: Desk) -> Iterator[Event]:
    passages = desk.passages(desk.found.retrieval.hits)
    wanted = min(max(desk.task.config.readings, readings.FEWEST), readings.MOST)
    longest = max((brief for _, brief in readings.BRIEFS[:wanted]), key=len)
    prompt = prompt_over(desk, passages, brief=longest)  # passages that fit with every brief
    drafts: list[Draft] = []
    for name, brief in readings.BRIEFS[:wanted]:
        asked = prompt_over(desk, prompt.passages, brief=brief)
        made = yield from desk.steps.run(
            name, draft(desk, asked, tokens=READING_TOKENS), detail=lambda made: made.words
        )
        drafts.append(made)
    texts = [each.text for each in drafts]
    ranked = groups([each.words for each in drafts], question=desk.question)
    agreeing = ranked[0]
    yield desk.steps.note("Compare the readings", detail=f"{len(agreeing)} of {len(texts)} readings agree.")
    if not texts[agreeing[0]]:
        yield from declined(desk, prompt, mode=NAME)
        return
    chosen = max(agreeing, key=lambda place: (score(texts[place], (), prompt.passages, question=desk.question), -place))
    yield from shown(desk, prompt, texts[chosen], mode=NAME, beside=dissent(texts, ranked[1:]))


def dissent(texts: Sequence[str], others: Sequence[Sequence[int]]) -> str:
    """What readers outside the largest group say, one line a group; those that found no answer are counted."""
    lines = []
    for group in others:
        said = texts[group[0]]
        who = readings.BRIEFS[group[0]][0] if len(group) == 1 else f"{len(group)} readers"
        lines.append(f"- {who}: {said}" if said else f"- {who}: the passages do not say.")
    return "Read otherwise:\n\n" + "\n".join(lines) if lines else ""
