"""What can be known of a program without trusting it: its figures, where they stand, and the scale of its result."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from basicchat.core.types import Passage

_FENCE = re.compile(r"```[a-zA-Z]*\s*\n(.*?)(?:```|\Z)", re.DOTALL)
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_SCALE = re.compile(r"\bin\s+(?:[A-Za-z$€£.]+\s+){0,3}?(thousands|millions|billions)\b|\$\s?(000)s?\b", re.IGNORECASE)
_PERCENT = re.compile(
    r"\b(?:what|which|how many|as an?|the|in|by) (?:[a-z]+ ){0,2}?(?:per\s?cent(?:age)?s?\b|%)"
    r"|\bpercentage (?:change|increase|decrease|growth|share)\b|% (?:change|increase|decrease|growth)\b",
    re.IGNORECASE,
)
_WORDS = {"thousands": "thousand", "millions": "million", "billions": "billion", "000": "thousand"}

PLAIN = frozenset({0.0, 1.0, 2.0, 100.0})
"""Numbers that a program needs for its own sake: halves, percents, counters."""

STRETCH = 7.0  # an odd factor, so that a result does not seem stretched by chance


@dataclass(frozen=True)
class Origin:
    """Where the figures of a program stand: numbers of passages, each with the figures that it holds, and the rest.

    ``asked`` are figures of the question, ``missing`` those that stand nowhere.
    """

    passages: Mapping[int, tuple[float, ...]]
    asked: tuple[float, ...]
    missing: tuple[float, ...]


def program_in(reply: str) -> str:
    """The program of a reply, out of its fence. Raises `ValueError` with a sentence where it is no Python.

    A program that prints nothing prints the last name that it gives a value to.
    """
    found = _FENCE.search(reply)
    code = (found.group(1) if found else reply).strip()
    try:
        tree = ast.parse(code)
    except SyntaxError as error:
        raise ValueError(f"it is not Python: {error.msg} in line {error.lineno}") from error
    if not tree.body:
        raise ValueError("there is no program")
    last = tree.body[-1]
    if "print" not in code and isinstance(last, ast.Assign) and isinstance(last.targets[0], ast.Name):
        code += f"\nprint({last.targets[0].id})"
    return code


def figures(code: str) -> tuple[float, ...]:
    """The numbers written in a program, each once; those of `PLAIN` only where a name is given to them."""
    return tuple(dict.fromkeys(float(node.value) for node in _written_in(ast.parse(code))))


def origin(code: str, question: str, passages: Sequence[Passage]) -> Origin:
    """Where each figure stands. A figure of the question is not looked for in passages; else the first one counts."""
    in_question = numbers_in(question)
    held = [(passage.number, numbers_in(passage.text)) for passage in passages]
    places: dict[int, list[float]] = {}
    missing = []
    for figure in figures(code):
        if figure in in_question:
            continue
        number = next((number for number, numbers in held if figure in numbers), None)
        if number is not None:
            places.setdefault(number, []).append(figure)
        elif figure not in PLAIN:
            missing.append(figure)
    asked = tuple(figure for figure in figures(code) if figure in in_question)
    return Origin({number: tuple(each) for number, each in places.items()}, asked, tuple(missing))


def numbers_in(text: str) -> frozenset[float]:
    """The numbers of a text, without signs: "1,234.5" is 1234.5."""
    return frozenset(float(found.rstrip(",").replace(",", "")) for found in _NUMBER.findall(text))


def result_of(printed: str) -> float | None:
    """The number that a program printed last, None for anything else."""
    lines = printed.strip().splitlines()
    try:
        return float(lines[-1].replace(",", "").strip(" $€%")) if lines else None
    except ValueError:
        return None


def written(value: float) -> str:
    """A number for a reader: at most two decimals, four where it is below one."""
    text = f"{value:,.4f}" if abs(value) < 1 else f"{value:,.2f}"
    text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def asks_percent(question: str) -> bool:
    """Whether a question wants a percentage; one that only gives a percentage ("25% off") does not."""
    return _PERCENT.search(question) is not None


def scale_of(passages: Sequence[Passage]) -> str:
    """The scale that these passages say their figures have, such as "million"; empty for none or several."""
    said = {(first or second).lower() for each in passages for first, second in _SCALE.findall(each.text)}
    scales = {_WORDS[word] for word in said}
    return scales.pop() if len(scales) == 1 else ""


def stretched(code: str, which: Collection[float]) -> str:
    """The program with the figures ``which`` times `STRETCH`."""
    tree = ast.parse(code)
    for node in _written_in(tree):
        if node.value in which:
            node.value = float(node.value) * STRETCH
    return ast.unparse(tree)


def carries_scale(code: str, which: Collection[float], value: float, run: Callable[[str], str]) -> bool:
    """Whether the result grows as its figures do, as a sum or difference does and a ratio does not.

    ``run`` gives what a program prints; the program runs once more with larger figures, so nothing is guessed from
    its words.
    """
    if not which or not value:
        return False
    again = result_of(run(stretched(code, which)))
    return again is not None and abs(again - value * STRETCH) <= abs(value) * 1e-6 * STRETCH


class _Figure(ast.Constant):
    """A constant that is a number."""

    value: float


def _written_in(tree: ast.AST) -> list[_Figure]:
    """The constants that are figures."""
    named = {id(_bare(node.value)) for node in ast.walk(tree) if isinstance(node, ast.Assign)}
    return [
        cast("_Figure", node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
        and (id(node) in named or node.value not in PLAIN)
    ]


def _bare(node: ast.expr) -> ast.expr:
    """An expression without the sign before it."""
    return node.operand if isinstance(node, ast.UnaryOp) else node
