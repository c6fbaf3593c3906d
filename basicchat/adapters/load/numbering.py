"""The numbers that Word draws before paragraphs and does not write into them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

MAX_DEPTH = 9
"""Levels of a list in Word."""

_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"))
_ROMAN_SMALL = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


def value_of(element: Element | None, name: str, default: str = "") -> str:
    """The ``val`` of a child, as in ``<numFmt val="bullet"/>``."""
    child = None if element is None else element.find(name)
    return default if child is None else child.get("val", default)


def whole(text: str | None, default: int = 0) -> int:
    """A whole number of an attribute, ``default`` for what is none."""
    try:
        return int(text or "")
    except ValueError:
        return default


@dataclass
class Level:
    """How one level of a list is numbered; ``pattern`` as in ``%1.%2``."""

    form: str = "decimal"
    pattern: str = ""
    start: int = 1


@dataclass
class Numbering:
    """Counts the paragraphs of every list of a document, in reading order."""

    lists: dict[str, dict[int, Level]] = field(default_factory=dict)
    abstract: dict[str, str] = field(default_factory=dict)
    restarts: dict[str, dict[int, int]] = field(default_factory=dict)
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _seen: set[tuple[str, int]] = field(default_factory=set)

    @classmethod
    def read(cls, root: Element | None, styled: Mapping[str, str]) -> Numbering:
        """The lists of ``word/numbering.xml``; ``styled`` maps list styles to the list that defines them."""
        found = cls()
        if root is None:
            return found
        levels, links = {}, {}
        for element in root.iter("abstractNum"):
            name = element.get("abstractNumId", "")
            levels[name] = {whole(level.get("ilvl")): _level(level) for level in element.iter("lvl")}
            links[name] = value_of(element, "numStyleLink")
        numbers = {element.get("numId", ""): element for element in root.iter("num")}
        names = {number: value_of(element, "abstractNumId") for number, element in numbers.items()}
        for number, element in numbers.items():
            name = names[number]
            name = names.get(styled.get(links.get(name, ""), ""), name) if links.get(name) else name
            found.abstract[number] = name
            found.lists[number] = dict(levels.get(name, {}))
            for override in element.iter("lvlOverride"):
                found._override(number, override)
        return found

    def _override(self, number: str, element: Element) -> None:
        at = whole(element.get("ilvl"))
        if (level := element.find("lvl")) is not None:
            self.lists[number][at] = _level(level)
        if element.find("startOverride") is not None:
            self.restarts.setdefault(number, {})[at] = whole(value_of(element, "startOverride"), 1)

    def next(self, number: str, depth: int) -> str | None:
        """What stands before the next paragraph of a list: ``2.1``, empty for a bullet; None for no list at all."""
        levels = self.lists.get(number)
        if levels is None:
            return None
        depth = min(depth, MAX_DEPTH - 1)
        counts = self._counts.setdefault(self.abstract[number], {})
        start = levels.get(depth, Level()).start
        restart = self.restarts.get(number, {}).get(depth)
        if restart is not None and (number, depth) not in self._seen:
            self._seen.add((number, depth))
            counts[depth] = restart
        else:
            counts[depth] = counts.get(depth, start - 1) + 1
        for deeper in [each for each in counts if each > depth]:
            del counts[deeper]
        return self._drawn(levels, counts, depth)

    def _drawn(self, levels: Mapping[int, Level], counts: Mapping[int, int], depth: int) -> str:
        level = levels.get(depth, Level())
        if level.form in {"bullet", "none"}:
            return ""
        text = level.pattern or f"%{depth + 1}."
        for at in range(MAX_DEPTH):
            each = levels.get(at, Level())
            form = each.form if each.form not in {"bullet", "none"} else "decimal"
            text = text.replace(f"%{at + 1}", _FORMS.get(form, str)(counts.get(at, each.start)))
        return text.strip()


def _level(element: Element) -> Level:
    pattern = value_of(element, "lvlText")
    return Level(value_of(element, "numFmt", "decimal"), pattern, whole(value_of(element, "start"), 1))


def letters(number: int) -> str:
    """a, b, ... z, aa, bb, as Word counts."""
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 % 20 + 1) if number > 0 else ""


def roman(number: int) -> str:
    """A number in small Roman figures."""
    text, left = "", min(number, 9999)
    for value, sign in (*_ROMAN, *_ROMAN_SMALL):
        while left >= value:
            text, left = text + sign, left - value
    return text


_FORMS: dict[str, Callable[[int], str]] = {
    "lowerLetter": letters,
    "upperLetter": lambda number: letters(number).upper(),
    "lowerRoman": roman,
    "upperRoman": lambda number: roman(number).upper(),
    "decimalZero": lambda number: f"{number:02d}",
}
