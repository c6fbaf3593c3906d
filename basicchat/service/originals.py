"""Whether the kept files are those that the documents were read from."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from basicchat.core.protocols import Store
from basicchat.core.types import Document
from basicchat.ingest.files import UNLOCKED
from basicchat.ingest.identity import file_digest
from basicchat.service.doctor import REPAIR, Finding

NEW_SECONDS = 600.0
"""A file this young may belong to a document that is just being taken in."""


class Keeping(Protocol):
    """What keeps originals: see `basicchat.ingest.mend.Mender`."""

    def keep_again(self, documents: Sequence[Document]) -> None:
        """Copy originals anew from where they were taken in, where the same bytes are still there."""


@dataclass(frozen=True)
class KeptOriginals:
    """``files`` is the folder of the kept files."""

    store: Store
    files: Path
    care: Keeping
    name: str = "originals"

    def find(self, *, deep: bool) -> Finding:
        """How many are gone, how many belong to no document; with ``deep``, how many are not what was read."""
        kept, bad, spare = self._documents(), self._bad(deep), list(self._spare())
        told = []
        if bad:
            names = ", ".join(document.title for document in bad[:3]) + ("…" if len(bad) > 3 else "")
            told.append(f"{len(bad)} kept files are gone or damaged: {names}")
        if spare:
            told.append(f"{len(spare)} belong to no document")
        advice = f"{REPAIR} What it cannot find again, add again." if bad else REPAIR
        return Finding("; ".join(told), f"{len(kept)} kept files are there", advice)

    def mend(self, *, deep: bool) -> None:
        """Delete what belongs to no document; copy again what is gone or damaged, where it can still be had."""
        for path in self._spare():
            path.unlink(missing_ok=True)
        if bad := self._bad(deep):
            self.care.keep_again(bad)

    def _documents(self) -> list[Document]:
        with self.store.begin() as unit:
            return [document for document in unit.documents.find() if document.stored_as]

    def _bad(self, deep: bool) -> list[Document]:
        found = []
        for document in self._documents():
            path = self.files / str(document.stored_as)
            if not path.is_file() or (deep and UNLOCKED not in path.name and file_digest(path) != document.digest):
                found.append(document)
        return found

    def _spare(self) -> Iterator[Path]:
        """Files that no document names. What is waiting to be removed is the removal's business."""
        youngest = time.time() - NEW_SECONDS
        found = [path for path in self.files.rglob("*") if path.is_file()]
        with self.store.begin() as unit:
            named = {*unit.documents.stored(), *(removal.stored_as for removal in unit.documents.removals())}
        for path in found:
            if path.relative_to(self.files).as_posix() not in named and path.stat().st_mtime < youngest:
                yield path
