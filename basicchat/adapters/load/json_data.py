"""JSON: every value with the path that leads to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from basicchat.adapters.load.encoding import read_text
from basicchat.adapters.load.outline import Outline, stem_of
from basicchat.core.errors import UnreadableDocument
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import LoadedDocument

MEDIA_TYPE = "application/json"
MAX_CHARACTERS = 64 * 2**20
"""Characters of JSON that are taken apart; its tree takes about ten times as much."""

_LOOSE = "This is not strict JSON, or too much of it; it was read as plain text."
_Walk = tuple[str, object, int]


class JsonLoader:
    """Reads JSON: a line ``orders[2].price: 9.50`` for every value, a heading for what is at the top."""

    media_types = frozenset({MEDIA_TYPE})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document, a long one in parts. Raises `UnreadableDocument`.

        What is almost JSON, with comments perhaps, is read as plain text and says so.
        """
        text = read_text(path)
        outline, value = Outline(), _parsed(text)
        warnings = () if value is not None else (_LOOSE,)
        if value is None:
            outline.line(text)
        else:
            _write(outline, value)
        yield outline.document(MEDIA_TYPE, title=stem_of(path, name), warnings=warnings)


def _parsed(text: str) -> dict[str, object] | list[object] | None:
    """What the JSON holds, numbers as they are written. Raises `UnreadableDocument` for JSON nested beyond reason."""
    if len(text) > MAX_CHARACTERS:
        return None
    try:
        value = json.loads(text, parse_int=str, parse_float=str)
    except RecursionError as error:
        raise UnreadableDocument("The JSON is nested too deeply to be read.") from error
    except ValueError:
        return None
    return value if isinstance(value, dict | list) else [value]


def _write(outline: Outline, root: dict[str, object] | list[object]) -> None:
    """Walks without recursion: what was parsed may be as deep as the parser allows."""
    waiting: list[_Walk] = [("", root, 0)]
    while waiting:
        path, value, depth = waiting.pop()
        if not isinstance(value, dict | list) or not value:
            outline.line(f"{path}: {_told(value)}" if path else _told(value))
            continue
        if isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
            outline.line(f"{path}: {', '.join(map(_told, value))}" if path else "\n".join(map(_told, value)))
            continue
        if depth == 1 and isinstance(root, dict):
            outline.heading(1, path)
        else:
            outline.line("")
        waiting += reversed([(step, inner, depth + 1) for step, inner in _steps(path, value)])


def _steps(path: str, value: dict[str, object] | list[object]) -> Iterator[tuple[str, object]]:
    if isinstance(value, list):
        yield from ((f"{path}[{number}]", inner) for number, inner in enumerate(value))
    else:
        yield from ((f"{path}.{key}" if path else key, inner) for key, inner in value.items())


def _told(value: object) -> str:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return json.dumps(value)
