"""Reading the files of an evaluation set: JSON and JSON Lines, plain or gzipped."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from basicchat.core.errors import InvalidInput


def existing(directory: Path, *names: str, hint: str = "") -> Path:
    """The first of the files that is there, under its name or with ``.gz``. Raises `InvalidInput` naming them all."""
    for name in names:
        for path in (directory / name, directory / f"{name}.gz"):
            if path.is_file():
                return path
    wanted = " or ".join(f"{name}[.gz]" for name in names)
    raise InvalidInput(f"{directory} has no {wanted}.", hint=hint or "Look at the layout in docs/how-to/evaluate.md.")


def opened(path: Path) -> IO[str]:
    """The file as text in UTF-8, unpacked where its name ends with ``.gz``."""
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def records(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a file of JSON Lines; empty lines are skipped. Raises `InvalidInput` naming a bad line."""
    with opened(path) as lines:
        for number, line in enumerate(lines, start=1):
            try:
                record = json.loads(line) if line.strip() else {}
            except ValueError as error:
                raise InvalidInput(f"{path}, line {number} is not JSON: {error}") from error
            if not isinstance(record, dict):
                raise InvalidInput(f"{path}, line {number} is not a JSON object.")
            if record:
                yield record


def document(path: Path) -> Any:
    """The one JSON document of a file. Raises `InvalidInput` where it is none."""
    try:
        with opened(path) as file:
            return json.load(file)
    except (ValueError, OSError, EOFError, zlib.error) as error:
        raise InvalidInput(f"{path} is not a JSON document: {error}") from error
