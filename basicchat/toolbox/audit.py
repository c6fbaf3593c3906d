"""The record of what tools did: one JSON line a call, allowed or not."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

MOST_BYTES = 5_000_000
"""Length of the file; then it becomes the older one, and what was older is gone."""

MOST_ARGUMENTS = 1_000
"""Characters of the arguments that are kept."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A call. ``decision`` says how it was let pass or why not; ``outcome`` is ``done`` or the code of an error."""

    at: float
    tool: str
    version: str
    arguments: str
    decision: str
    outcome: str
    seconds: float
    output_bytes: int


class Audit:
    """Keeps entries in a file, or in memory where there is none. Threads and processes may share the file."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._memory: list[Entry] = []
        self._lock = threading.Lock()

    def record(self, entry: Entry) -> None:
        """Keep an entry."""
        with self._lock:
            if self._file is None:
                self._memory.append(entry)
                return
            self._file.parent.mkdir(parents=True, exist_ok=True)
            if self._file.exists() and self._file.stat().st_size > MOST_BYTES:
                os.replace(self._file, self._file.with_suffix(".old.jsonl"))
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")

    def entries(self) -> list[Entry]:
        """What is kept, oldest first; a torn last line is left out."""
        with self._lock:
            return list(self._memory) if self._file is None else list(self._read(self._file))

    def _read(self, file: Path) -> Iterator[Entry]:
        if not file.is_file():
            return
        for line in file.read_text(encoding="utf-8").splitlines():
            try:
                yield Entry(**json.loads(line))
            except (ValueError, TypeError):
                continue
