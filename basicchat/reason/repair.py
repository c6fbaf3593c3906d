"""Repairing a whole answer: sentences that no passage supports are written anew from the passages, or taken out.

One further call of the model. What it writes is checked as the answer was, so a repair never adds a sentence without
support; whatever the model says, the worst that can happen is that doubted sentences are gone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from basicchat.core.errors import InvalidInput, QueryTooLong
from basicchat.core.grounding import unsupported, unsupported_remark
from basicchat.core.protocols import ChatModel
from basicchat.core.types import Answer, GenerationOptions, Message, Passage
from basicchat.reason.attribute import citations
from basicchat.reason.cite import CitationFilter
from basicchat.reason.conflicts import conflicts
from basicchat.reason.context import Room, room, safe_count
from basicchat.reason.prompts import repair as prompt
from basicchat.reason.sources import source_facts
from basicchat.reason.support import Grounds
from basicchat.reason.verify import Score, check, no_score

MOST = 20  # sentences given to the model; those beyond are taken out

_LINE = re.compile(r"^\W*([A-Z])\W*[:.)]\s*(.+)$", re.MULTILINE)
_EMPTY_ITEM = re.compile(r"^[ \t]*(?:[-*•]|\d{1,2}[.)])[ \t]*$\n?", re.MULTILINE)
_BLANKS = re.compile(r"(?<=\S)[ \t]{2,}")
_GAP = re.compile(r"\n{3,}")


def repaired(answer: Answer, question: str, model: ChatModel, *, max_tokens: int, score: Score = no_score) -> Answer:
    """The answer without unsupported sentences; each was rewritten with support, or is gone.

    Raises `InvalidInput` where there is nothing to repair or nothing would be left, and what the model raises.
    """
    doubted = [each for each in answer.sentences if each.verdict == "unsupported"]
    if not doubted:
        raise InvalidInput("Every sentence of this answer has support.", hint="There is nothing to repair.")
    grounds = Grounds(answer.passages, question=question)
    asked = unsupported(answer.text, answer.sentences)[:MOST]
    written = _written(model, question, asked, answer.passages, max_tokens)
    text, place = "", 0
    for index, sentence in enumerate(doubted):
        text += answer.text[place : sentence.start] + _supported(written.get(prompt.letter(index), ""), grounds, score)
        place = sentence.end
    text = _tidied(text + answer.text[place:])
    sentences = check(text, grounds, score=score)
    if not sentences:
        raise InvalidInput("No sentence of this answer has support.", hint="Ask again, or in other words.")
    cited = citations(text, answer.passages, question=question)
    told = unsupported_remark(unsupported(answer.text, answer.sentences))
    return replace(
        answer,
        text=text,
        citations=cited,
        sentences=sentences,
        conflicts=conflicts(text, sentences, answer.passages),
        sources=source_facts(text, sentences, cited, grounds),
        warnings=tuple(warning for warning in answer.warnings if warning != told),
    )


def _written(
    model: ChatModel, question: str, sentences: Sequence[str], passages: Sequence[Passage], max_tokens: int
) -> Mapping[str, str]:
    """What the model writes for each letter."""
    window = model.info().context_window
    space = room(window, max_tokens=max_tokens)
    messages = _messages(model, question, sentences, passages, space)
    options = GenerationOptions(window=window, max_tokens=space.reply)
    reply = "".join(delta.text for delta in model.stream(messages, options=options))
    return {found.group(1): found.group(2).strip() for found in _LINE.finditer(reply)}


def _messages(
    model: ChatModel, question: str, sentences: Sequence[str], passages: Sequence[Passage], space: Room
) -> tuple[Message, ...]:
    """The prompt, with as many passages as fit. Raises `QueryTooLong` where not one does."""
    for count in range(len(passages), 0, -1):
        turn = Message("user", prompt.user(question, sentences, passages[:count]))
        messages = (Message("system", prompt.SYSTEM), turn)
        if safe_count(model.count_tokens(messages)) <= space.prompt:
            return messages
    raise QueryTooLong("The sentences and a passage do not fit the window of this model.")


def _supported(line: str, grounds: Grounds, score: Score) -> str:
    """What the model wrote, if a passage supports all of it, else nothing."""
    numbers = CitationFilter(len(grounds.passages), settle=grounds.settle)
    text = numbers.feed(line) + numbers.close()
    found = check(text, grounds, score=score)
    return text if found and numbers.numbers and all(each.verdict == "supported" for each in found) else ""


def _tidied(text: str) -> str:
    """Without items and blanks that sentences left behind."""
    return _GAP.sub("\n\n", _BLANKS.sub(" ", _EMPTY_ITEM.sub("", text))).strip()
