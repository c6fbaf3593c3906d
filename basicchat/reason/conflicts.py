"""Sources that disagree: two sentences of different documents that say the same, but for one number, date or name.

Two sentences are laid side by side, word by word. They disagree where exactly one stretch differs, that stretch is a
value of the same kind in both, and enough of the words round it are the same. What only one of them mentions is no
disagreement, and neither is a value that is written in another way. Meant to be right rather than complete: two texts
that tell the same in other words are not compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import product

from basicchat.core.grounding import CheckedSentence, Conflict, Statement
from basicchat.core.quantities import agree, date_places, quantities
from basicchat.core.spans import on_page
from basicchat.core.types import Passage, Span
from basicchat.reason.claims import without_numbers
from basicchat.reason.figures import WRITTEN
from basicchat.reason.sentences import Sentence, sentences
from basicchat.retrieve.terms import stem, terms

SHARED = 3  # words that both sentences have besides the value
ALIKE = 0.5  # share of the shorter sentence's words, besides the value, that both have
SHARED_BEHIND, ALIKE_BEHIND = 5, 0.8  # the same where the value begins the sentence: it may be what that is about
NEAR = 1  # words with meaning that must be the same right before or behind the value
HEADING = 0.9  # share of words with a capital from which on a capital does not make a name
LONGEST = 4  # words with meaning that a value has at most
MOST = 3  # conflicts shown with one answer

_TOKEN = re.compile(
    r"\d[\d,.]*\d%?|\d%?|[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\d_]+(?:['’][^\W\d_]+)?"  # noqa: RUF001
)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_SCALES = frozenset({"thousand", "million", "millions", "billion", "billions", "trillion"})


@dataclass(frozen=True)
class _Token:
    """A word: its form for comparing, its place, and ``number``, ``name``, ``word``, ``first`` for one that begins
    the sentence with a capital, or ``""`` for one without meaning.
    """

    form: str
    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class _Side:
    """A sentence of a passage."""

    passage: Passage
    place: Sentence

    @property
    def text(self) -> str:
        return self.passage.text[self.place.start : self.place.end]

    @property
    def on_page(self) -> Span:
        return on_page(self.passage, self.place.start, self.place.end)


def conflicts(text: str, checked: Sequence[CheckedSentence], passages: Sequence[Passage]) -> tuple[Conflict, ...]:
    """Where a passage of another document says otherwise than the passage that a sentence of the answer rests on.

    Only values that the answer gives count.
    """
    sides = [_Side(passage, place) for passage in passages for place in sentences(passage.text)]
    words = [frozenset(terms(side.text)) for side in sides]
    found: dict[tuple[int, str], Conflict] = {}
    for index, sentence in enumerate(checked):
        said = frozenset(terms(without_numbers(text[sentence.start : sentence.end])))
        ours = _side_of(sentence, sides)
        if ours is None:
            continue
        shared = frozenset(terms(ours.text))
        for side, held in zip(sides, words, strict=True):
            key = (index, side.passage.document.id)
            other = side.passage.document.id != ours.passage.document.id
            if (
                other
                and key not in found
                and len(shared & held) >= SHARED
                and (told := _between(index, said, ours, side))
            ):
                found[key] = told
    return tuple(found.values())[:MOST]


def differing(one: str, other: str) -> tuple[slice, slice] | None:
    """Where two sentences about the same give different values; None where they do not, or are not about the same."""
    ours, theirs = list(_tokens(one)), list(_tokens(other))
    matcher = SequenceMatcher(None, [each.form for each in ours], [each.form for each in theirs], autojunk=False)
    blocks = [(ours[a:b], theirs[c:d]) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"]
    slots = [block for block in blocks if _is_slot(*block)]
    if len(slots) != 1 or any(_unsure(*block) for block in blocks if block not in slots):
        return None
    left, right = (_trimmed(side) for side in slots[0])
    equal = [ours[place] for start, _, size in matcher.get_matching_blocks() for place in range(start, start + size)]
    shared = [each for each in equal if each.kind]
    shorter = min(sum(bool(each.kind) for each in side) - sum(bool(each.kind) for each in slot)
                  for side, slot in ((ours, left), (theirs, right)))  # fmt: skip
    subject = "first" in {left[0].kind, right[0].kind}
    least, alike = (SHARED_BEHIND, ALIKE_BEHIND) if subject else (SHARED, ALIKE)
    if len(shared) < least or len(shared) < alike * shorter or not _framed(ours, left, set(map(id, equal))):
        return None
    values = one[left[0].start : left[-1].end], other[right[0].start : right[-1].end]
    if _same_worth(*values) or _letters(values[0]) == _letters(values[1]):
        return None
    return slice(left[0].start, left[-1].end), slice(right[0].start, right[-1].end)


def _between(index: int, said: frozenset[str], ours: _Side, theirs: _Side) -> Conflict | None:
    found = differing(ours.text, theirs.text)
    if found is None or not frozenset(terms(ours.text[found[0]])) <= said:
        return None
    value, other = ours.text[found[0]], theirs.text[found[1]]
    if other.lower() in ours.passage.text.lower() or value.lower() in theirs.passage.text.lower():
        return None
    return Conflict(index, (_statement(ours, value), _statement(theirs, other)))


def _statement(side: _Side, value: str) -> Statement:
    passage = side.passage
    start, end = side.on_page
    document = passage.document
    return Statement(
        passage.number, document.id, document.title or document.source, passage.page, start, end, side.text, value
    )


def _side_of(sentence: CheckedSentence, sides: Sequence[_Side]) -> _Side | None:
    """The sentence of a passage that one of the answer rests on."""
    if sentence.verdict == "unsupported":
        return None
    wanted = (sentence.passage, (sentence.page_start, sentence.page_end))
    return next((side for side in sides if (side.passage.number, side.on_page) == wanted), None)


def _tokens(text: str) -> Iterator[_Token]:
    words = list(_words(text))
    capital = sum(each.kind == "name" for each in words)
    heading = capital > HEADING * sum(each.kind in {"name", "word"} for each in words)
    for each in words:
        yield replace(each, kind="word") if heading and each.kind == "name" else each


def _words(text: str) -> Iterator[_Token]:
    days = {start: _Token(day.isoformat(), "number", start, end) for start, end, day in date_places(text)}
    behind = 0
    for place, found in enumerate(_TOKEN.finditer(text)):
        if found.start() in days:
            behind = days[found.start()].end
            yield days[found.start()]
        elif found.start() >= behind:
            word = found.group()
            yield _Token(_form(word), _kind(word, first=place == 0), found.start(), found.end())


def _form(word: str) -> str:
    low = word.lower()
    if low in WRITTEN:
        return str(WRITTEN[low])
    if _is_month(low):
        return low[:3]
    return stem(low)


def _is_month(word: str) -> bool:
    return any(word in (name, name[:3]) for name in _MONTHS) or word == "sept"


def _kind(word: str, *, first: bool) -> str:
    low = word.lower()
    if word[0].isdigit() or low in WRITTEN or low in _SCALES or (_is_month(low) and word[0].isupper()):
        return "number"
    if not terms(word):
        return ""
    if not word[0].isupper():
        return "word"
    return "first" if first else "name"


def _is_slot(ours: Sequence[_Token], theirs: Sequence[_Token]) -> bool:
    """Whether both stretches are one value of the same kind and nothing else that has a meaning."""
    kinds = {"name" if each.kind == "first" else each.kind for each in (*ours, *theirs)} - {""}
    told = [any(each.kind for each in side) for side in (ours, theirs)]
    short = all(sum(bool(each.kind) for each in side) <= LONGEST for side in (ours, theirs))
    return (
        short
        and all(told)
        and kinds in ({"number"}, {"name"})
        and not {x.form for x in ours} & {x.form for x in theirs}
    )


def _trimmed(tokens: Sequence[_Token]) -> list[_Token]:
    """A stretch from its first to its last word with a meaning."""
    telling = [place for place, each in enumerate(tokens) if each.kind]
    return list(tokens[telling[0] : telling[-1] + 1])


def _unsure(ours: Sequence[_Token], theirs: Sequence[_Token]) -> bool:
    """Whether another difference has values on a side: then the two may tell of different things."""
    return any(each.kind == "number" for each in (*ours, *theirs)) or (
        any(each.kind == "name" for each in ours) and any(each.kind == "name" for each in theirs)
    )


def _framed(tokens: Sequence[_Token], slot: Sequence[_Token], equal: set[int]) -> bool:
    """Whether words with a meaning right before or right behind the value are the same in both."""
    first = next(place for place, each in enumerate(tokens) if each is slot[0])
    before, behind = tokens[:first][::-1], tokens[first + len(slot) :]
    return any(_alike(side, equal) >= NEAR for side in (before, behind))


def _alike(side: Sequence[_Token], equal: set[int]) -> int:
    count = 0
    for each in side:
        if id(each) not in equal:
            break
        count += bool(each.kind)
    return count


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).lower()


def _same_worth(one: str, other: str) -> bool:
    ours, theirs = quantities(one), quantities(other)
    return any(agree(a, b, tolerance=0.0) or agree(b, a, tolerance=0.0) for a, b in product(ours, theirs))
