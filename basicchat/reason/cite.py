"""Citation numbers in a streamed reply: what does not resolve never reaches the reader.

What a citation looks like: ``[1]``, ``[1, 2]``, ``[1][2]``, ``[1-3]``, also ``[Passage 1]``. All of them come out in
one form, ``[1][2]``. A bracket is held back only while it may still become a citation.

Code is left alone: inside a fenced block and inside an inline code span ``numbers[0]`` is an index and stays. In prose
a bracketed number is a citation and nothing else, so ``[2019]`` goes when there is no passage 2019.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

Settle = Callable[[str, Sequence[int]], Sequence[int]]
"""From the text before a citation and the numbers in it to the numbers to show."""

CITATION = re.compile(r"\[(\d+)\]")
"""How a citation looks in the text of an answer."""

_WORDS = ("and", "docs", "document", "documents", "passage", "passages", "quote", "quotes", "source", "sources")
_NUMBER = r"\s*(?:docs?|documents?|passages?|quotes?|sources?)?\s*[#^]?\d+\s*"
_INSIDE = re.compile(rf"{_NUMBER}(?:(?:[,;&–-]|and){_NUMBER})*", re.IGNORECASE)  # noqa: RUF001 - models write en dashes
_MAY_BEGIN = re.compile(r"[\d\s,;&–#^a-z-]*", re.IGNORECASE)  # noqa: RUF001
_LETTERS = re.compile(r"[a-z]+", re.IGNORECASE)
_PIECE = re.compile(r"\d+|[–-]")  # noqa: RUF001
_LONGEST_INSIDE = 60
_LONGEST_SPAN = 160
_FENCE = 3
_REMEMBERED = 1000  # characters of what was passed on: more than a sentence
_NO_BLANK_BEFORE = frozenset(" \t\n.,;:!?)")


class CitationFilter:
    """Passes a reply on, piece by piece, without numbers that do not resolve.

    However the reply is cut into pieces, the joined output is the same. Numbers from 1 to ``passages`` resolve;
    ``numbers`` are those used so far, in order of first use, and ``removed`` counts the citations taken out.
    ``settle`` has the last word on which numbers are shown; those that do not resolve are dropped also from its.
    """

    def __init__(self, passages: int, *, settle: Settle | None = None) -> None:
        self.numbers: list[int] = []
        self.removed = 0
        self._passages = passages
        self._settle = settle
        self._out: list[str] = []
        self._passed = ""  # the end of what was passed on before `_out`
        self._held = ""  # blanks and brackets that may become a citation, or an inline code span
        self._ticks = 0  # in a code span: how many backticks opened it; 0 elsewhere
        self._fence = 0  # in a fenced block: how many backticks opened it; 0 elsewhere
        self._run = 0  # in a fenced block: backticks seen in a row
        self._closed_up = False  # a citation was just removed: the blank before it may go too

    def feed(self, text: str) -> str:
        """What may be shown now that ``text`` came in."""
        for letter in text:
            self._step(letter)
        return self._take()

    def close(self) -> str:
        """What was still held back when the reply ended."""
        if self._ticks:
            self._release_span()
        if not (self._closed_up and not self._held.strip()):
            self._out.append(self._held)
        self._held = ""
        return self._take()

    def _take(self) -> str:
        text = "".join(self._out)
        self._out.clear()
        self._passed = (self._passed + text)[-_REMEMBERED:]
        return text

    def _step(self, letter: str) -> None:
        if self._fence:
            self._fenced(letter)
        elif self._ticks:
            self._span(letter)
        elif letter == "`":
            self._out.append(self._held)
            self._held, self._ticks, self._closed_up = letter, 1, False
        else:
            self._prose(letter)

    def _fenced(self, letter: str) -> None:
        self._out.append(letter)
        self._run = self._run + 1 if letter == "`" else 0
        if self._run == self._fence:
            self._fence = 0

    def _span(self, letter: str) -> None:
        opening = self._held == "`" * self._ticks
        self._held += letter
        if opening and letter == "`":
            self._ticks += 1
        elif opening and self._ticks >= _FENCE:
            self._out.append(self._held)
            self._held, self._fence, self._ticks, self._run = "", self._ticks, 0, 0
        elif letter == "\n" or len(self._held) > _LONGEST_SPAN:
            self._release_span()
        elif self._held.endswith("`" * self._ticks):
            self._out.append(self._held)
            self._held, self._ticks = "", 0

    def _release_span(self) -> None:
        """A backtick that nothing closes is an ordinary character."""
        text, self._held, self._ticks = self._held, "", 0
        for letter in text:
            self._prose(letter)

    def _prose(self, letter: str) -> None:
        if self._closed_up and letter in _NO_BLANK_BEFORE and not self._held.strip():
            self._held = ""
        self._closed_up = False
        text = self._held + letter
        opened = text.rfind("[")
        inside = text[opened + 1 :]
        if letter == "]" and opened >= 0 and _INSIDE.fullmatch(inside, 0, len(inside) - 1):
            self._cite(text[:opened], inside)
        elif (opened >= 0 and _may_be_citation(inside)) or not text.strip(" \t"):
            self._held = text
        else:
            blank = letter if letter in " \t" else ""
            self._out.append(text.removesuffix(blank) if blank else text)
            self._held = blank

    def _cite(self, before: str, inside: str) -> None:
        numbers = self._settled(before, cited(inside, self._passages))
        if not numbers:
            self.removed += 1
            self._held, self._closed_up = before, True
            return
        self.numbers.extend(number for number in numbers if number not in self.numbers)
        self._out.append(before + "".join(f"[{number}]" for number in numbers))
        self._held = ""

    def _settled(self, before: str, numbers: Sequence[int]) -> list[int]:
        if self._settle is None or not numbers:
            return list(numbers)
        text = (self._passed + "".join(self._out))[-_REMEMBERED:] + before
        return [number for number in self._settle(text, numbers) if 1 <= number <= self._passages]


def _may_be_citation(inside: str) -> bool:
    if len(inside) > _LONGEST_INSIDE or not _MAY_BEGIN.fullmatch(inside):
        return False
    for found in _LETTERS.finditer(inside):
        word, unfinished = found.group().lower(), found.end() == len(inside)
        if not any(known == word or (unfinished and known.startswith(word)) for known in _WORDS):
            return False
    return True


def cited(inside: str, passages: int) -> list[int]:
    """The numbers from 1 to ``passages`` that the inside of a bracket names, ranges spelled out, each once."""
    numbers: dict[int, None] = {}
    before = 0
    dash = False
    for piece in _PIECE.findall(inside):
        if piece[0].isdigit():
            last = int(piece)
            first = max(before, 1) if dash else max(last, 1)
            numbers |= dict.fromkeys(range(first, min(last, passages) + 1))
            before = last
        dash = not piece[0].isdigit()
    return list(numbers)
