"""A question that leans on the conversation, as one that can be searched with by itself. No model is asked.

The user's own words are kept and the topic that is missing is put behind them: "Any awards?" becomes "Any awards?
The Office". A wrong topic costs more than a missing one, so most rules here say when to leave a question alone.
``benchmarks/rewriting.py`` prints what each rule is worth.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from basicchat.core.types import Message
from basicchat.reason.rewrite.topics import Phrase, Turn, content, phrases, topics, turns
from basicchat.retrieve.terms import terms

PRONOUN = re.compile(
    r"\b(?:it|its|itself|they|them|their|theirs|themselves|he|him|his|she|her|hers|this|these|those|former|latter|ones?)"
    r"\b|\b(?:is|was|about|of|for|to|does|do|did|like|than|after|with|why|how|all)\s+that\b|\bthat(?=\s*[?.,!]|\s*$)",
    re.IGNORECASE,
)
_CONTINUES = re.compile(
    r"^\W*(?:and|but|or|then|also|what about|how about|why|which one|the same|same|any|anything|more|other|else|no,"
    r"|i meant?)\b|\b(?:else|instead|too|as well|back then|at that time|the same)\W*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Rules:
    """How to tell that a question leans, and what on. `stand_alone` says what each does.

    Chosen on half of the conversations of MTRAG (``benchmarks/rewriting.py``). ``turns`` are looked back at;
    ``recency``, ``answered`` and ``longer`` weigh topics, see `topics`.
    """

    continuations: bool = True
    pronouns: int = 1
    few: int = 1
    new_names: bool = True
    turns: int = 6
    recency: float = 0.7
    answered: float = 1.0
    longer: float = 0.3


RULES = Rules()


def stand_alone(question: str, history: Sequence[Message], *, rules: Rules = RULES) -> str:
    """``question``, with the topic behind it that it leans on; unchanged when it leans on nothing.

    It leans when it begins or ends like a continuation ("what about ...", "any ...", "... instead?"), when it has a
    pronoun with at most ``pronouns`` content words before it, or at most ``few`` content words at all. It stands when
    it brings a name that was not there before (``new_names``). What is added is the phrase of the last questions that
    counts most and shares no word with the question, letter by letter as it was written.
    """
    question = question.strip()
    before = turns(history)[-rules.turns :]
    if not before or not leans(question, before, rules=rules):
        return question
    ranked = topics(before, recency=rules.recency, answered=rules.answered, longer=rules.longer)
    own = frozenset(terms(question))
    missing = next((topic.phrase.text for topic in ranked if not topic.phrase.stems & own), "")
    return f"{question} {missing}".strip()


def leans(question: str, before: Sequence[Turn], *, rules: Rules = RULES) -> bool:
    """Whether ``question`` cannot be understood without the turns before it, as far as its form says."""
    if rules.new_names and _new_names(question, before):
        return False
    if rules.continuations and _CONTINUES.search(question):
        return True
    pronoun = PRONOUN.search(question)
    if pronoun and len(content(question[: pronoun.start()])) <= rules.pronouns:
        return True
    return len(content(question)) <= rules.few


def _new_names(question: str, before: Sequence[Turn]) -> list[Phrase]:
    known = {term for turn in before for term in terms(f"{turn.question} {turn.answer}")}
    return [phrase for phrase in phrases(question) if phrase.name and not phrase.stems <= known]
