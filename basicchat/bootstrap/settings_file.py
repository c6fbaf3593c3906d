"""``settings.toml`` of the home: read, changed one setting at a time, written whole."""

from __future__ import annotations

import json
import os
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from basicchat.core.errors import InvalidInput

Scalar = str | int | float | bool | list[str]
Tree = dict[str, Any]


def read(path: Path) -> Tree:
    """The settings in the file; empty where there is none. Raises `InvalidInput` for a file that is not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} is not TOML: {error}", hint="Mend it in a text editor, or delete it.") from error


def change(path: Path, group: str, name: str, value: Scalar | None) -> None:
    """Set one setting, or take it out of the file with None. ``group`` is empty for the top level.

    Comments of the file are not kept. The file is replaced whole, so a crash leaves the old one.
    """
    change_all(path, group, {name: value})


def change_all(path: Path, group: str, values: Mapping[str, Scalar | None]) -> None:
    """Set several settings of one group as `change` does: all of them, or none where the file cannot be written."""
    tree = read(path)
    target = tree.setdefault(group, {}) if group else tree
    for name, value in values.items():
        if value is None:
            target.pop(name, None)
        else:
            target[name] = value
    _replace(path, toml({key: part for key, part in tree.items() if part != {}}))


def toml(tree: Mapping[str, Any]) -> str:
    """TOML of a tree of scalars, lists of scalars and groups; numbers, text and switches keep their kind."""
    plain = [f"{_key(name)} = {written(value)}" for name, value in tree.items() if not isinstance(value, Mapping)]
    lines = ["\n".join(plain)] if plain else []
    for name, value in tree.items():
        if isinstance(value, Mapping):
            lines.append("\n".join([f"[{_key(name)}]", *(f"{_key(one)} = {written(it)}" for one, it in value.items())]))
    return "\n\n".join(lines) + "\n"


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else written(name)


def written(value: Any) -> str:
    """A value as the file has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(written(item) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(name)} = {written(item)}" for name, item in value.items()) + " }"
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    Path(temporary).replace(path)
