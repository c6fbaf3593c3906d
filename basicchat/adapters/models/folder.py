"""What lies in the folder of model files.

A model of the catalogue lies in ``<folder>/<name>/``. Files of one's own are welcome beside them, as
``<folder>/mine.gguf`` or ``<folder>/mine/any.gguf``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from basicchat.adapters.models.catalogue import Catalogue, CatalogueModel, ModelFile
from basicchat.adapters.models.digest import sha256_of
from basicchat.adapters.models.download import size_of
from basicchat.core.errors import DependencyMissing

FileState = Literal["ok", "missing", "wrong", "unknown"]


@dataclass(frozen=True, slots=True)
class FileCheck:
    """One file after a check. ``unknown`` is a file of one's own: nothing says what its digest should be."""

    path: str
    state: FileState
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A folder read with a catalogue in hand. Every call looks at the disk anew; nothing is ever written."""

    root: Path
    catalogue: Catalogue

    def holds(self, model: CatalogueModel) -> bool:
        """True if every file of the model is there with its right size. `verify` also reads them."""
        return all(size_of(self.root / model.name / file.path) == file.size for file in model.files)

    def installed(self) -> tuple[str, ...]:
        """Names of models that can be used now: those of the catalogue in its order, then one's own, sorted."""
        known = [name for name, model in self.catalogue.models.items() if self.holds(model)]
        return (*known, *sorted(self.own()))

    def own(self) -> dict[str, Path]:
        """GGUF files that the catalogue does not know, by the name to use them by."""
        loose = {path.stem: path for path in self.root.glob("*.gguf")}
        foldered = {path.parent.name: path for path in sorted(self.root.glob("[!.]*/*.gguf"), reverse=True)}
        found = {**foldered, **loose}
        return {name: path for name, path in found.items() if name not in self.catalogue.models}

    def path(self, name: str) -> Path:
        """The folder of a model of the catalogue, or the GGUF file of one's own.

        Raises `NotFound` for an unknown name and `DependencyMissing` for a model that is not installed.
        """
        own = self.own()
        if name in own:
            return own[name]
        if not self.holds(self.catalogue.get(name)):
            raise DependencyMissing(f"The model {name}", hint=f"Fetch it with: basicchat models pull {name}")
        return self.root / name

    def verify(self, name: str) -> list[FileCheck]:
        """Compare every file with the catalogue. Raises `NotFound` for a name that is neither known nor there."""
        own = self.own()
        if name in own:
            return [FileCheck(own[name].name, "unknown", sha256_of(own[name]))]
        return [_checked(self.root / name / file.path, file) for file in self.catalogue.get(name).files]


class ChatFiles(Mapping[str, Path]):
    """The GGUF file of every installed model that can chat, by name: a live view, in which new models appear."""

    def __init__(self, folder: ModelFolder) -> None:
        self._folder = folder

    def __getitem__(self, name: str) -> Path:
        return self._now()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    def _now(self) -> dict[str, Path]:
        known = {
            name: self._folder.root / name / file.path
            for name, model in self._folder.catalogue.models.items()
            for file in model.files
            if file.path.endswith(".gguf") and self._folder.holds(model)
        }
        return {**known, **self._folder.own()}


def _checked(path: Path, file: ModelFile) -> FileCheck:
    if not path.is_file():
        return FileCheck(file.path, "missing")
    found = sha256_of(path)
    return FileCheck(file.path, "ok" if found == file.sha256 else "wrong", found)
