"""What a conversation is about: the phrases of its questions, by how lately and how often they were spoken of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from basicchat.core.types import Message
from basicchat.retrieve.terms import stem, terms

LONGEST = 6  # words of a phrase; a longer run of content words is a list or a sentence

_WORD = re.compile(r"[^\W_]+(?:[.,'’/&-][^\W_]+)*[®™]?")  # noqa: RUF001
_QUOTED = re.compile(r"[\"“]([^\"“”]{2,60})[\"”]")
_BRIDGES = frozenset({"of", "and", "for", "de", "la", "the"})
_SENTENCE_END = re.compile(r"[.!?:;\n]$")
_GENERIC_WORDS = """
    about actually advantage available bad benefit best better big call called case change clarify common compare
    consider create currently describe detail difference different differ example explain fact feature first give good
    great happen help idea important include information involved issue kind known last long lot main make making many
    mean meant meaning mention method much need new next number old option part people person place point popular
    possible problem process provide purpose question really reason recommend regard relation result right said say
    several sort speaking start end step sure take talking thing think time true try type use using various want way
    wonder word work worth year today
"""
_GENERIC = frozenset(stem(word) for word in _GENERIC_WORDS.split())


@dataclass(frozen=True)
class Phrase:
    """Words of a text exactly as they stand there. ``name``: written like a name, quoted, or holding a digit."""

    text: str
    name: bool

    @property
    def stems(self) -> frozenset[str]:
        """Its content words."""
        return frozenset(terms(self.text))


@dataclass(frozen=True)
class Topic:
    """A phrase of the questions so far, and what it counts for; see `topics`."""

    phrase: Phrase
    weight: float


@dataclass(frozen=True)
class Turn:
    """A question and what was answered."""

    question: str
    answer: str = ""


def turns(history: Sequence[Message]) -> list[Turn]:
    """The turns of a conversation, oldest first. What was said before the first question is left out."""
    found: list[Turn] = []
    for message in history:
        if message.role == "user":
            found.append(Turn(message.content))
        elif message.role == "assistant" and found:
            found[-1] = Turn(found[-1].question, f"{found[-1].answer} {message.content}".strip())
    return found


def topics(said: Sequence[Turn], *, recency: float, answered: float, longer: float) -> list[Topic]:
    """The phrases of the questions of ``said`` (oldest first), those that count most first; ties go to the older.

    A phrase earns 1 from the last turn whose question holds all its words, ``recency`` from the turn before it,
    ``recency`` squared from the next, and ``answered`` times as much from each answer that holds them. A second and
    a third word add the share ``longer`` each. Numbers alone are no topic.
    """
    found: dict[frozenset[str], Phrase] = {}
    for turn in said:
        for phrase in phrases(turn.question):
            if not all(_is_number(each) for each in phrase.stems) and (phrase.name or phrase.stems not in found):
                found[phrase.stems] = phrase
    asked = [frozenset(terms(turn.question)) for turn in reversed(said)]
    told = [frozenset(terms(turn.answer)) for turn in reversed(said)]
    weighed = []
    for stems, phrase in found.items():
        lately = sum(recency**age for age, words in enumerate(asked) if stems <= words)
        lately += answered * sum(recency**age for age, words in enumerate(told) if stems <= words)
        weighed.append(Topic(phrase, lately * (1 + longer * min(2, len(stems) - 1))))
    return sorted(weighed, key=lambda topic: -topic.weight)


def phrases(text: str) -> Iterator[Phrase]:
    """Runs of content words of ``text``, cut from it as they stand, and the names and quotations among them."""
    for quotation in _QUOTED.finditer(text):
        if terms(quotation.group(1)):
            yield Phrase(quotation.group(1).strip(" ,.!?"), name=True)
    run: list[re.Match[str]] = []
    for word in _WORD.finditer(text):
        if run and text[run[-1].end() : word.start()].strip():
            yield from _cut(text, run)
            run = []
        bridges = bool(run) and word.group().lower() in _BRIDGES
        if bridges or terms(word.group()):
            run.append(word)
        else:
            yield from _cut(text, run)
            run = []
    yield from _cut(text, run)


def content(text: str) -> list[str]:
    """The content words of ``text`` that are about something: no "use", "kind" or "example"."""
    return [term for term in terms(text) if term not in _GENERIC]


def _cut(text: str, run: Sequence[re.Match[str]]) -> Iterator[Phrase]:
    """The phrase of a run without empty words at its ends, and the name within it by itself."""
    kept = list(run)
    while kept and _is_empty(text, kept[0]):
        kept.pop(0)
    while kept and _is_empty(text, kept[-1]):
        kept.pop()
    named = [word for word in kept if _is_name(text, word)]
    if named:
        yield Phrase(text[named[0].start() : named[-1].end()], name=True)
    if kept and len(kept) <= LONGEST and (not named or (named[0], named[-1]) != (kept[0], kept[-1])):
        yield Phrase(text[kept[0].start() : kept[-1].end()], name=False)


def _is_empty(text: str, word: re.Match[str]) -> bool:
    lower = word.group().lower()
    return lower in _BRIDGES or (stem(lower) in _GENERIC and not _is_name(text, word))


def _is_name(text: str, word: re.Match[str]) -> bool:
    """A capital at the beginning of a sentence says nothing; one later, or within a word, and a digit do."""
    said = word.group()
    if any(letter.isdigit() for letter in said) or any(letter.isupper() for letter in said[1:]):
        return True
    before = text[: word.start()].rstrip(" \"'“(")
    return said[0].isupper() and bool(before) and not _SENTENCE_END.search(before)


def _is_number(term: str) -> bool:
    return term.replace(".", "").replace(",", "").isdigit()
