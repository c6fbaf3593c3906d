"""Proves that SQL, the indexes and the kept files agree, and mends what does not.

SQL is the truth. What an index holds that SQL does not is an orphan and goes; what SQL holds that an index does
not is indexed again from the kept vectors.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from basicchat.core.errors import BasicChatError
from basicchat.core.protocols import LexicalIndex, Store, VectorIndex
from basicchat.core.types import Check, Document

LEAST_FREE_BYTES = 1_000_000_000
"""Below this much free disk space, taking files in may fail half-way."""


class Reindexer(Protocol):
    """What rebuilds the projections: the ingestor."""

    def reindex(self, document_ids: Sequence[str] | None = None) -> int:
        """Rebuild the projections of these documents, or of all."""


Probe = Callable[[bool], Sequence[Check]]
"""More checks, given whether to repair."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """How one index differs from SQL within one collection."""

    missing: frozenset[str]
    orphans: frozenset[str]


class Doctor:
    """Looks everything over. ``probes`` are checks of parts that are not the library, such as model servers."""

    def __init__(
        self,
        *,
        home: Path,
        files: Path,
        store: Store,
        vectors: VectorIndex,
        lexical: LexicalIndex,
        reindexer: Reindexer,
        probes: Sequence[Probe] = (),
    ) -> None:
        self._home = home
        self._files = files
        self._store = store
        self._indexes: dict[str, VectorIndex | LexicalIndex] = {"meaning index": vectors, "word index": lexical}
        self._reindexer = reindexer
        self._probes = tuple(probes)

    def examine(self, *, repair: bool = False) -> list[Check]:
        """Every check; with ``repair``, what can be mended is mended first and the checks tell how it is after."""
        checks = [self._disk(), self._database()]
        checks += [self._index(name, repair=repair) for name in self._indexes]
        checks += [self._unfinished(repair=repair), self._originals()]
        for probe in self._probes:
            checks.extend(probe(repair))
        return checks

    def _disk(self) -> Check:
        free = shutil.disk_usage(self._home).free
        ok = free >= LEAST_FREE_BYTES
        repair = "" if ok else "Free some disk space."
        return Check("disk", ok, f"{free / 1e9:.1f} GB free in {self._home}", repair)

    def _database(self) -> Check:
        problems = self._store.check()
        if problems:
            return Check("database", False, "; ".join(problems), "Restore a backup of the home folder.")
        with self._store.begin() as unit:
            documents = unit.documents.count()
        return Check("database", True, f"{documents} documents, sound")

    def _index(self, name: str, *, repair: bool) -> Check:
        try:
            found = self._disagreements(name)
            if repair and found:
                self._mend(name, found)
                found = self._disagreements(name)
        except BasicChatError as error:
            return Check(name, False, str(error), error.hint)
        if not found:
            return Check(name, True, "agrees with the database")
        missing = sum(len(one.missing) for one in found.values())
        orphans = sum(len(one.orphans) for one in found.values())
        detail = f"{missing} passages missing, {orphans} left over"
        return Check(name, False, detail, "Run `basicchat doctor --repair`.")

    def _disagreements(self, name: str) -> dict[str, Disagreement]:
        index = self._indexes[name]
        found: dict[str, Disagreement] = {}
        with self._store.begin() as unit:
            truth = {collection: unit.documents.chunk_ids(collection) for collection in unit.documents.collections()}
        for collection in truth.keys() | {"default"}:
            wanted, held = truth.get(collection, set()), index.ids(collection)
            if wanted != held:
                found[collection] = Disagreement(frozenset(wanted - held), frozenset(held - wanted))
        return found

    def _mend(self, name: str, found: dict[str, Disagreement]) -> None:
        """Rebuild an index of a collection that holds orphans; else only index what is missing."""
        for collection, disagreement in found.items():
            if disagreement.orphans:
                self._indexes[name].clear(collection)
        affected = [document.id for document in self._documents(found) if document.collection in found]
        if affected:
            self._reindexer.reindex(affected)

    def _documents(self, found: dict[str, Disagreement]) -> list[Document]:
        with self._store.begin() as unit:
            return [document for collection in found for document in unit.documents.find(collection)]

    def _unfinished(self, *, repair: bool) -> Check:
        waiting = self._unindexed()
        if repair and waiting:
            self._reindexer.reindex([document.id for document in waiting])
            waiting = self._unindexed()
        if not waiting:
            return Check("unfinished documents", True, "none")
        return Check(
            "unfinished documents", False, f"{len(waiting)} were interrupted", "Run `basicchat doctor --repair`."
        )

    def _unindexed(self) -> list[Document]:
        with self._store.begin() as unit:
            return unit.documents.unindexed()

    def _originals(self) -> Check:
        with self._store.begin() as unit:
            kept = [document for document in unit.documents.find() if document.stored_as]
        lost = [document.title for document in kept if not (self._files / str(document.stored_as)).is_file()]
        if not lost:
            return Check("originals", True, f"{len(kept)} kept files are there")
        names = ", ".join(lost[:3]) + ("…" if len(lost) > 3 else "")
        return Check("originals", False, f"{len(lost)} kept files are gone: {names}", "Add these files again.")
