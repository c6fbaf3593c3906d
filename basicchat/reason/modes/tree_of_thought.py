"""Several drafts, the best one written again several times, the best of all: judged by the passages, not by a model."""

from __future__ import annotations

from collections.abc import Iterator

from basicchat.core.events import Event
from basicchat.core.types import Passage
from basicchat.reason.modes.drafting import Draft, draft, prompt_over, score, shown
from basicchat.reason.modes.stepping import Desk, declined, stepwise
from basicchat.reason.prompts import readings
from basicchat.reason.task import Task

NAME = "tree_of_thought"
TITLE = "Several drafts"

BREADTHS = (3, 2)  # drafts from nothing, then drafts from the best one
DRAFT_TOKENS = 200
WARMTH = 0.7  # temperature of all drafts but the first, so that they differ


def answer(task: Task) -> Iterator[Event]:
    """Search, draft, judge, draft again, answer with the best; see `stepwise` for when that fails."""
    return stepwise(task, _go, title=TITLE)


def _go(desk: Desk) -> Iterator[Event]:
    passages = desk.passages(desk.found.retrieval.hits)
    drafts: list[Draft] = []
    best = ""
    prompt = prompt_over(desk, passages)
    for level, breadth in enumerate(BREADTHS, start=1):
        if level > 1 and not best:
            break
        asked = prompt_over(desk, prompt.passages, brief=readings.improve(best)) if best else prompt
        for number in range(1, breadth + 1):
            made = yield from desk.steps.run(
                f"Draft {number}" if level == 1 else f"Better draft {number}",
                draft(
                    desk, asked, tokens=DRAFT_TOKENS, seed=number, warmth=0.0 if (level, number) == (1, 1) else WARMTH
                ),
                detail=lambda made: made.words,
            )
            drafts.append(made)
        best, merit = _best(desk, drafts, asked.passages)
        judged = "borne out by the passages" if asked.passages else "agreement with the other drafts"
        yield desk.steps.note(
            "Compare the drafts", detail=f"The best so far: {merit:.0%} {judged}." if best else "None."
        )
    if not best:
        yield from declined(desk, prompt, mode=NAME)
        return
    yield from shown(desk, prompt, best, mode=NAME)


def _best(desk: Desk, drafts: list[Draft], passages: tuple[Passage, ...]) -> tuple[str, float]:
    """The draft with the highest score, and that; of equals the earlier one. Most declining is declining."""
    texts = [each.text for each in drafts]
    if sum(not text for text in texts) * 2 > len(texts):
        return "", 0.0
    scored = [
        (score(text, [*texts[:place], *texts[place + 1 :]], passages, question=desk.question), -place)
        for place, text in enumerate(texts)
        if text
    ]
    merit, place = max(scored)
    return texts[-place], merit
