"""One file over an unreliable line: it continues where it stopped, in this run or in a later one."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from basicchat.core.errors import BasicChatError, FetchFailed, StoreError
from basicchat.core.protocols import Fetcher

MAX_CUTS = 50
"""Broken connections that are mended by asking on in one run, each of which must have brought something."""


STEP = 2**20
"""Bytes between two words about how far it is."""


def download(fetcher: Fetcher, url: str, target: Path, *, most: int) -> Iterator[int]:
    """Append to ``target`` until it is whole, yielding its size in bytes as it grows.

    A connection that breaks after bringing something is taken up again at once; one that brings nothing raises
    `FetchFailed`, and ``target`` stays for the next run. More than ``most`` bytes are refused.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    for cut in range(MAX_CUTS):
        before = size_of(target)
        try:
            yield from _take_up(fetcher, url, target, offset=before, most=most)
        except FetchFailed:
            if size_of(target) <= before or cut + 1 == MAX_CUTS:
                raise
        else:
            return


def size_of(path: Path) -> int:
    """Bytes of a file, 0 where there is none."""
    return path.stat().st_size if path.is_file() else 0


def _take_up(fetcher: Fetcher, url: str, target: Path, *, offset: int, most: int) -> Iterator[int]:
    size = told = offset
    with fetcher.stream(url, offset=offset) as (total, blocks), writing(target.parent), target.open("ab") as file:
        if total is not None and total > most:
            raise FetchFailed(f"{_name(url)} is {total:,} bytes long, more than the {most:,} that were expected.")
        for block in blocks:
            size += len(block)
            if size > most:
                raise FetchFailed(f"{_name(url)} sends more than the {most:,} bytes that were expected.")
            file.write(block)
            if size - told >= STEP:
                told = size
                yield size
    yield size
    if total is not None and size < total:
        raise FetchFailed(f"{_name(url)} ended after {size:,} of {total:,} bytes.")


def _name(url: str) -> str:
    """The last word of an address: the rest may hold a secret."""
    return urlsplit(url).path.rsplit("/", 1)[-1]


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Say in plain words why nothing could be written: a full disk (`FetchFailed`) or no permission (`StoreError`)."""
    try:
        yield
    except BasicChatError:
        raise
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise FetchFailed("The disk is full.", hint="Free some space and run the same command again.") from error
        raise StoreError(
            f"{folder} cannot be written to: {error.strerror or error}.", hint="Check who may write to that folder."
        ) from error
