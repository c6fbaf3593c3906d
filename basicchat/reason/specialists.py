"""Specialists: whose manner an answer has, where it looks and how it is made. Each is a TOML file.

The program's own files lie beside this module in ``specialist_files``; those of a folder of one's own are read as well,
and take the place of one with the same name.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from basicchat.core.errors import InvalidInput, NotFound

BUILT_IN = Path(__file__).with_name("specialist_files")
LONGEST_PROMPT = 1500  # characters: a small model follows a few lines, and every line takes room from passages

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_TEXTS = ("title", "description", "model", "mode")
_LISTS = ("lines", "tags")


@dataclass(frozen=True)
class Specialist:
    """Who answers. ``tags`` narrow where is looked to documents with all of them; empty ``model`` and ``mode`` are
    those that would answer anyway.
    """

    name: str
    title: str
    description: str
    lines: tuple[str, ...]
    tags: tuple[str, ...] = ()
    model: str = ""
    mode: str = ""

    @property
    def prompt(self) -> str:
        """What stands behind the instructions of a prompt."""
        return "\n".join(f"- {line}" for line in self.lines)


def load(*, own: Path | None = None) -> Mapping[str, Specialist]:
    """Every specialist by name, in order of the names.

    Raises `InvalidInput`, which names the file, for one that cannot be read.
    """
    files = [*sorted(BUILT_IN.glob("*.toml")), *(sorted(own.glob("*.toml")) if own else ())]
    found = {specialist.name: specialist for specialist in map(read, files)}
    return dict(sorted(found.items()))


def chosen(specialists: Mapping[str, Specialist], name: str) -> Specialist:
    """The specialist of a name. Raises `NotFound`."""
    if name not in specialists:
        raise NotFound(f"There is no specialist {name!r}.", hint=f"Choose one of: {', '.join(specialists)}.")
    return specialists[name]


def read(file: Path) -> Specialist:
    """One specialist, named like its file. Raises `InvalidInput`."""
    hint = "docs/how-to/specialists.md says what the file may hold."
    try:
        with file.open("rb") as opened:
            table = tomllib.load(opened)
        return _specialist(file.stem, table)
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{file} is no specialist: {error}.", hint=hint) from error


def _specialist(name: str, table: Mapping[str, object]) -> Specialist:
    if not _NAME.fullmatch(name):
        raise ValueError("its name must be of small letters, digits and hyphens")
    if unknown := sorted(table.keys() - {*_TEXTS, *_LISTS}):
        raise ValueError(f"{', '.join(unknown)} means nothing here")
    texts = {key: _text(table, key) for key in _TEXTS}
    lines, tags = (_texts(table, key) for key in _LISTS)
    if not lines:
        raise ValueError("it needs lines: what the model is told")
    if sum(map(len, lines)) > LONGEST_PROMPT:
        raise ValueError(f"its lines are longer than {LONGEST_PROMPT} characters together")
    title = texts.pop("title") or name.replace("-", " ").capitalize()
    return Specialist(name, title, lines=lines, tags=tags, **texts)


def _text(table: Mapping[str, object], key: str) -> str:
    value = table.get(key, "")
    if not isinstance(value, str):
        raise ValueError(f"{key} must be a text")
    return " ".join(value.split())


def _texts(table: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, Sequence) or isinstance(value, str) or not all(isinstance(each, str) for each in value):
        raise ValueError(f"{key} must be a list of texts")
    return tuple(" ".join(str(each).split()) for each in value)
