"""Fetching model files by digest, and taking them away again.

Everything that is not finished lies in ``<folder>/.partial/``; what lies in ``<folder>/<name>/`` was checked.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from basicchat.adapters.models.assemble import LOCK_SECONDS, drop_wheels, from_carrier, from_hub, waiting
from basicchat.adapters.models.catalogue import Carrier, Catalogue, CatalogueModel, Source
from basicchat.adapters.models.digest import hashing
from basicchat.adapters.models.download import size_of, writing
from basicchat.adapters.models.folder import ChatFiles, FileCheck, ModelFolder
from basicchat.core.errors import Conflict, DigestMismatch, FetchFailed, NotFound
from basicchat.core.protocols import Fetcher
from basicchat.core.types import Progress

PARTIAL = ".partial"
SPARE = 50_000_000
"""Bytes of disk that a fetch leaves free."""


class ModelFiles:
    """Model files in a folder, shared safely by threads and processes. Free to construct; touches nothing yet.

    ``registries`` are asked in order for carrier packages. ``free`` gives the free bytes of a disk.
    """

    def __init__(
        self,
        folder: Path,
        catalogue: Catalogue,
        fetcher: Fetcher,
        *,
        registries: Sequence[str] = ("https://pypi.org/simple",),
        hub: str = "https://huggingface.co",
        free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
    ) -> None:
        self.folder = folder
        self.catalogue = catalogue
        self._there = ModelFolder(folder, catalogue)
        self._fetcher = fetcher
        self._registries = tuple(registries)
        self._hub = hub
        self._free = free

    def entries(self) -> Sequence[CatalogueModel]:
        """Every model of the catalogue, in its order."""
        return tuple(self.catalogue.models.values())

    def defaults(self) -> frozenset[str]:
        """Names of the models that are fetched by themselves on some machine."""
        return self.catalogue.defaults()

    def installed(self) -> tuple[str, ...]:
        """Names of models that can be used now: those of the catalogue first, then one's own."""
        return self._there.installed()

    def path(self, name: str) -> Path:
        """The folder of a model of the catalogue, or the GGUF file of one's own.

        Raises `NotFound` for an unknown name and `DependencyMissing` for a model that is not installed.
        """
        return self._there.path(name)

    def chat_files(self) -> ChatFiles:
        """The GGUF file of every installed model that can chat, by name, as a live view."""
        return ChatFiles(self._there)

    def pull(self, name: str) -> Generator[Progress, None, None]:
        """Fetch a model, telling how far it is; nothing to do for one that is installed.

        Sources are tried in order. Every file is checked by size and sha256 before the folder moves into place at
        once. Raises `NotFound`, `FetchFailed` (what arrived is kept and continued next time) or `DigestMismatch`
        (what arrived is deleted).
        """
        model = self.catalogue.get(name)
        if self._there.holds(model):
            yield Progress("done", model.size, model.size, "bytes")
            return
        with writing(self.folder):
            (self._partial / "wheels").mkdir(parents=True, exist_ok=True)
            lock = FileLock(self._partial / f"{name}.lock", thread_local=False)
            yield from waiting(lock)
            try:
                if not self._there.holds(model):
                    self._check_room(model)
                    yield from self._from_first_that_works(model)
            finally:
                lock.release()
        yield Progress("done", model.size, model.size, "bytes")

    def verify(self, name: str) -> list[FileCheck]:
        """Compare every file with the catalogue. Raises `NotFound` for a name that is neither known nor there."""
        return self._there.verify(name)

    def remove(self, name: str) -> None:
        """Delete a model's files, and what a broken fetch left of it.

        Raises `NotFound`, or `Conflict` while it is in use. A GGUF file of one's own is not this program's
        to delete: `Conflict` too.
        """
        if name in self._there.own():
            raise Conflict(f"{name} is a file of your own.", hint=f"Delete it yourself: {self._there.own()[name]}")
        self.catalogue.get(name)
        left = [path for path in (self.folder / name, self._partial / name) if path.exists()]
        if not left:
            raise NotFound(f"{name} is not installed.", hint="`basicchat models list` shows what is.")
        self._partial.mkdir(exist_ok=True)
        with _in_use(name), FileLock(self._partial / f"{name}.lock", timeout=LOCK_SECONDS):
            for path in left:
                aside = self._partial / f"{name}.removed"
                shutil.rmtree(aside, ignore_errors=True)
                path.replace(aside)
                shutil.rmtree(aside)

    @property
    def _partial(self) -> Path:
        return self.folder / PARTIAL

    def _check_room(self, model: CatalogueModel) -> None:
        wheel = max((_wheel_size(source) for source in model.sources), default=0)
        staged = sum(size_of(path) for path in (self._partial / model.name).rglob("*"))
        needed = max(model.size - staged, 0) + wheel + SPARE
        free = self._free(self.folder)
        if free < needed:
            raise FetchFailed(
                f"{model.name} needs {needed / 1e9:.2f} GB of disk in {self.folder}, and {free / 1e9:.2f} GB are free.",
                hint="Free some space, or set BASICCHAT_MODELS__FOLDER to a folder on a larger disk.",
            )

    def _from_first_that_works(self, model: CatalogueModel) -> Iterator[Progress]:
        failures: list[FetchFailed | DigestMismatch] = []
        for number, source in enumerate(model.sources):
            staging = self._partial / model.name / str(number)
            try:
                yield from self._stage(model, source, staging)
                yield from _check(model, staging)
            except (FetchFailed, DigestMismatch) as error:
                failures.append(error)
                if isinstance(error, DigestMismatch) and isinstance(source, Carrier):
                    drop_wheels(source, self._partial / "wheels")
                continue
            self._move_in(model, staging)
            return
        raise _combined(model, failures)

    def _stage(self, model: CatalogueModel, source: Source, staging: Path) -> Iterator[Progress]:
        staging.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(source, Carrier):
            yield from from_carrier(
                model,
                source,
                registries=self._registries,
                fetcher=self._fetcher,
                staging=staging,
                wheels=self._partial / "wheels",
                keep_wheels=self._shared(model, source),
            )
        else:
            yield from from_hub(model, source, hub=self._hub, fetcher=self._fetcher, staging=staging)

    def _shared(self, model: CatalogueModel, source: Carrier) -> bool:
        """True while another default model that is still missing comes out of the same wheel."""
        others = [self.catalogue.models[name] for name in self.defaults() if name != model.name]
        return any(
            isinstance(other_source, Carrier)
            and (other_source.package, other_source.version) == (source.package, source.version)
            and not self._there.holds(other)
            for other in others
            for other_source in other.sources
        )

    def _move_in(self, model: CatalogueModel, staging: Path) -> None:
        target = self.folder / model.name
        if target.exists():  # an incomplete folder: mend it file by file, and leave what else lies there
            for file in model.files:
                (target / file.path).parent.mkdir(parents=True, exist_ok=True)
                (staging / file.path).replace(target / file.path)
        else:
            staging.replace(target)
        shutil.rmtree(self._partial / model.name, ignore_errors=True)


def _check(model: CatalogueModel, staging: Path) -> Iterator[Progress]:
    """Compare the staged files with the catalogue; delete them all when one is wrong."""
    before = 0
    for file in model.files:
        steps = hashing(staging / file.path)
        while True:
            try:
                yield Progress("checking", before + next(steps), model.size, "bytes")
            except StopIteration as end:
                found = str(end.value)
                break
        if found != file.sha256:
            shutil.rmtree(staging, ignore_errors=True)
            staging.with_name(staging.name + ".json").unlink(missing_ok=True)
            raise DigestMismatch(f"{file.path} of {model.name} is not the file that was wanted; it was deleted.")
        before += file.size


def _combined(model: CatalogueModel, failures: Sequence[FetchFailed | DigestMismatch]) -> FetchFailed | DigestMismatch:
    """One error for all sources: the only one as it is, otherwise each in a sentence; a wrong digest outweighs."""
    if len(failures) == 1:
        return failures[0]
    said = " ".join(f"{str(failure).rstrip('.')}." for failure in failures)
    wrong = next((failure for failure in failures if isinstance(failure, DigestMismatch)), None)
    if wrong is not None:
        return DigestMismatch(said)
    return FetchFailed(said or f"Nothing carries {model.name}.", hint=failures[-1].hint if failures else "")


def _wheel_size(source: Source) -> int:
    return source.download // source.parts if isinstance(source, Carrier) else 0


@contextmanager
def _in_use(name: str) -> Iterator[None]:
    """Windows does not let go of a file that a program has open; a fetch holds the lock."""
    try:
        yield
    except (PermissionError, Timeout) as error:
        raise Conflict(f"{name} is in use.", hint="Stop BasicChat or what fetches it, and try again.") from error
