"""What an answer claims: its sentences, each with its place and the citation numbers it carries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from basicchat.reason.cite import CITATION
from basicchat.reason.sentences import split, split_places
from basicchat.retrieve.terms import terms

LEAST_TERMS = 2  # fewer words between two numbers are read with the rest of their sentence

_BEHIND_END = re.compile(r"([.!?][\"'”’)]*)(\s*)((?:\[\d+\])(?:\s*\[\d+\])*)")  # noqa: RUF001
_TRAILING = re.compile(r"(?:\s*\[\d+\])+\s*$")
_FENCED = re.compile(r"^(`{3,}).*?(?:^\1`*\s*$|\Z)", re.MULTILINE | re.DOTALL)
_MARK = re.compile(r"^\s*(?:[-*•#>]+|\d{1,2}[.)])\s+")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True)
class Claim:
    """A sentence of an answer without its numbers, the passages it names, and where it stands with its numbers."""

    text: str
    numbers: tuple[int, ...]
    start: int
    end: int


def claims(text: str) -> list[Claim]:
    """The sentences of an answer in order. Numbers right behind a full stop belong to the sentence before it.

    Fenced code is left out.
    """
    found = []
    for offset, line in _lines(_FENCED.sub(_blank, text)):
        for place in split_places(_numbers_first(line)):
            sentence = line[place.start : place.end]
            if plain := without_numbers(_numbers_first(sentence)):
                numbers = tuple(int(number) for number in CITATION.findall(sentence))
                found.append(Claim(plain, numbers, offset + place.start, offset + place.end))
    return found


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines without the marks of lists and headings before them, with their places."""
    offset = 0
    for line in text.splitlines(keepends=True):
        mark = _MARK.match(line)
        begins = mark.end() if mark else 0
        yield offset + begins, line[begins:]
        offset += len(line)


def _numbers_first(line: str) -> str:
    """The line with numbers that stand behind a full stop put before it; as long as it was."""
    return _BEHIND_END.sub(r"\2\3\1", line)


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found.group())


def claim_before(text: str) -> str:
    """What a number right behind ``text`` stands for: the words since the number before it, in the same sentence.

    The whole sentence so far when those are few.
    """
    line = _TRAILING.sub("", text).rstrip().rsplit("\n", 1)[-1]
    sentence = (split(_numbers_first(_MARK.sub("", line))) or [""])[-1]
    since = CITATION.split(sentence)[-1]
    return without_numbers(since if len(set(terms(since))) >= LEAST_TERMS else sentence)


def trailing(text: str) -> list[int]:
    """The numbers that ``text`` ends with."""
    found = _TRAILING.search(text)
    return [int(number) for number in CITATION.findall(found.group())] if found else []


def without_numbers(text: str) -> str:
    """``text`` on one line without citation numbers, and without the blanks they leave before a full stop."""
    plain = _BLANKS.sub(" ", CITATION.sub("", text))
    return re.sub(r"\s+([.,;:!?])", r"\1", plain).strip()
