"""Let the model think in numbered steps that are shown, then answer from the passages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing

from basicchat.core.events import Event, Thought, Token
from basicchat.reason.modes.stepping import Desk, ended, stepwise
from basicchat.reason.prompts import chain_of_thought as prompt_of
from basicchat.reason.steps import Manner
from basicchat.reason.task import Task

NAME = "chain_of_thought"
TITLE = "Think first"

_ANSWER = re.compile(r"\W*(?:the\s+)?(?:final\s+)?answer\s*\**\s*:\s*\**\s*", re.IGNORECASE)
_MARK = re.compile(r"^\s*(?:\W*step\s*\d+\W*|\d{1,2}[.):]|[-*•])\s*", re.IGNORECASE)


def answer(task: Task) -> Iterator[Event]:
    """Search, think, answer; see `stepwise` for when that fails."""
    return stepwise(task, _think, title=TITLE)


class Workings:
    """Parts a reply into steps, one a line, and the answer behind "Answer:". However the reply is cut into pieces,
    the parts are the same. A reply without that word answers with its last line.
    """

    def __init__(self) -> None:
        self.steps: list[str] = []
        self._line = ""
        self._answering = False
        self._begun = False

    def feed(self, text: str) -> str:
        """The part of the answer that came with ``text``."""
        if self._answering:
            return self._said(text)
        self._line += text
        while not (found := _ANSWER.match(self._line)) and "\n" in self._line:
            line, _, self._line = self._line.partition("\n")
            if step := _MARK.sub("", line).strip():
                self.steps.append(step)
        if not found:
            return ""
        self._answering, held = True, self._line[found.end() :]
        self._line = ""
        return self._said(held)

    def _said(self, text: str) -> str:
        """The answer without the blanks and stars that close the word before it."""
        said = text if self._begun else text.lstrip(" \t\n*")
        self._begun = self._begun or bool(said)
        return said

    def close(self) -> str:
        """The answer of a reply that never said "Answer:"."""
        if self._answering:
            return ""
        return _MARK.sub("", self._line).strip() or (self.steps.pop() if self.steps else "")


def _think(desk: Desk) -> Iterator[Event]:
    prompt = desk.fitted(
        lambda passages: prompt_of.messages(desk.question, passages, desk.task.manner),
        desk.passages(desk.found.retrieval.hits),
    )
    reply, workings, told = desk.reply(prompt.passages), Workings(), 0
    manner = Manner(prompt.reply_tokens, temperature=desk.task.config.temperature)
    with closing(desk.steps.deltas(desk.model, prompt.messages, manner)) as deltas:
        for delta in deltas:
            if delta.thinking:
                yield Thought(delta.thinking)
            said = workings.feed(delta.text)
            for step in workings.steps[told:]:
                if not desk.steps.full:  # what a model thinks beyond the budget is not told
                    yield desk.steps.note(step)
            told = len(workings.steps)
            if piece := reply.feed(said):
                yield Token(piece)
            if delta.done:
                reply.usage = delta.usage or reply.usage
                reply.finish_reason = delta.finish_reason
    if piece := reply.feed(workings.close()) + reply.close():
        yield Token(piece)
    yield from ended(desk, prompt, reply, mode=NAME)
