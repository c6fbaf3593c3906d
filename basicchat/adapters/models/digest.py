"""Are these the bytes that were wanted?"""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from pathlib import Path

BLOCK = 4 * 2**20


def sha256_of(path: Path) -> str:
    """The sha256 of a file, in hex."""
    return _last(hashing(path))


def hashing(path: Path) -> Generator[int, None, str]:
    """Read a file once, yielding the bytes read so far; returns its sha256 in hex."""
    digest = hashlib.sha256()
    done = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
            done += len(block)
            yield done
    return digest.hexdigest()


def _last(steps: Generator[int, None, str]) -> str:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return str(end.value)
