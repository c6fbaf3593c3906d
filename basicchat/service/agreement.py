"""Whether the store and what is made from it agree: indexes, tables, kept vectors, what was begun and not finished."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from basicchat.core.errors import StoreError
from basicchat.core.protocols import Store, TableIndex
from basicchat.ingest.mend import VectorSurvey
from basicchat.service.doctor import Finding, Matter

LEAST_UNUSED_BYTES = 1_000_000
"""Fewer bytes of vectors that no passage has are not worth a word."""


class Index(Protocol):
    """What the doctor asks of an index, by meaning or by words."""

    def owners(self, collection: str) -> dict[str, str]:
        """The document of every chunk held, by chunk id."""

    def collections(self) -> list[str]:
        """Names of the collections that may hold chunks."""

    def reset(self) -> None:
        """Throw everything away, also what cannot be read."""


class Mending(Protocol):
    """What puts things right: see `basicchat.ingest.mend.Mender`."""

    def sweep(self) -> int:
        """Finish removals; how many are left."""

    def complete(self, document_ids: Sequence[str]) -> None:
        """Put whole documents into every index."""

    def restore(self, missing: Mapping[str, Sequence[str]]) -> None:
        """Put single passages back: ids of chunks by the id of their document."""

    def discard(self, collection: str, chunk_ids: Sequence[str]) -> None:
        """Take passages that the store does not hold out of every index."""

    def recut(self, document_ids: Sequence[str]) -> None:
        """Cut documents into passages again, from the pages that the store holds."""

    def mend_tables(self, missing: Sequence[str], orphans: Sequence[str]) -> None:
        """Put tables back, and take those out that no document has."""

    def survey(self) -> VectorSurvey:
        """What is kept of the embedder that serves."""

    def forget_unused(self) -> None:
        """Forget kept vectors that no passage has."""

    def probe(self, collection: str) -> None:
        """Search by meaning once. Raises `StoreError` where the index has lost what it says it holds."""


@dataclass(frozen=True)
class Removals:
    """Whether everything that was removed has left the indexes and the kept files."""

    store: Store
    care: Mending
    name: str = "removals"

    def find(self, *, deep: bool) -> Finding:
        """How many are not finished."""
        with self.store.begin() as unit:
            waiting = len(unit.documents.removals())
        return Finding(f"{waiting} not finished" if waiting else "", "all finished")

    def mend(self, *, deep: bool) -> None:
        """Finish them."""
        self.care.sweep()


@dataclass(frozen=True)
class Passages:
    """Whether every document has as many passages as it had when it was cut."""

    store: Store
    care: Mending
    name: str = "passages"

    def find(self, *, deep: bool) -> Finding:
        """How many documents have lost some."""
        odd, total = self._odd()
        return Finding(f"{len(odd)} documents have lost passages" if odd else "", f"{total} in the database")

    def mend(self, *, deep: bool) -> None:
        """Cut those again whose pages are there."""
        odd, _ = self._odd()
        if odd:
            self.care.recut(odd)

    def _odd(self) -> tuple[list[str], int]:
        with self.store.begin() as unit:
            held: Counter[str] = Counter()
            for collection in unit.documents.collections():
                held.update(unit.documents.chunk_owners(collection).values())
            documents = unit.documents.find()
        return [each.id for each in documents if held[each.id] != each.chunk_count], held.total()


@dataclass(frozen=True)
class Unfinished:
    """Whether every document was put into the indexes whole."""

    store: Store
    care: Mending
    name: str = "unfinished documents"

    def find(self, *, deep: bool) -> Finding:
        """How many were interrupted."""
        waiting = len(self._waiting())
        return Finding(f"{waiting} were interrupted" if waiting else "", "none")

    def mend(self, *, deep: bool) -> None:
        """Finish them."""
        if waiting := self._waiting():
            self.care.complete(waiting)

    def _waiting(self) -> list[str]:
        with self.store.begin() as unit:
            return [document.id for document in unit.documents.unindexed()]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """How one index differs from SQL within one collection.

    ``missing`` are passages that it does not hold, or holds as another document's, ``orphans`` those that SQL does not.
    """

    missing: Mapping[str, str]
    orphans: tuple[str, ...]


@dataclass(frozen=True)
class IndexAgreement:
    """Whether an index holds exactly the passages of the store, each for its document."""

    name: str
    index: Index
    store: Store
    care: Mending
    probes: bool = False

    def find(self, *, deep: bool) -> Finding:
        """How many passages are missing and left over. Raises `StoreError` for an index that cannot be used."""
        found = self._disagreements()
        missing = sum(len(one.missing) for one in found.values())
        orphans = sum(len(one.orphans) for one in found.values())
        if found:
            return Finding(f"{missing} passages missing, {orphans} left over")
        self._probe()
        return Finding(well="agrees with the database")

    def mend(self, *, deep: bool) -> None:
        """Take out orphans by id and put back what is missing. Only an index that cannot be used is made afresh."""
        try:
            found = self._disagreements()
            self._probe()
        except StoreError:
            self.index.reset()
            found = self._disagreements()
        missing: dict[str, list[str]] = defaultdict(list)
        for collection, one in found.items():
            if one.orphans:
                self.care.discard(collection, one.orphans)
            for chunk, document in one.missing.items():
                missing[document].append(chunk)
        if missing:
            self.care.restore(missing)

    def _probe(self) -> None:
        if self.probes:
            for collection in self.index.collections():
                self.care.probe(collection)

    def _disagreements(self) -> dict[str, Disagreement]:
        """By collection. The index is read first: what is there then and not in SQL later is no newcomer."""
        held = {collection: self.index.owners(collection) for collection in self.index.collections()}
        with self.store.begin() as unit:
            unfinished = {document.id for document in unit.documents.unindexed()}
            truth = {each: unit.documents.chunk_owners(each) for each in {*unit.documents.collections(), *held}}
        found = {}
        for collection, wanted in truth.items():
            there = held.get(collection, {})
            missing = {
                chunk: document
                for chunk, document in wanted.items()
                if there.get(chunk) != document and document not in unfinished
            }
            orphans = tuple(sorted(there.keys() - wanted.keys()))
            if missing or orphans:
                found[collection] = Disagreement(missing, orphans)
        return found


@dataclass(frozen=True)
class TableAgreement:
    """Whether the tables that can be asked are those of the store."""

    tables: TableIndex
    store: Store
    care: Mending
    name: str = "tables"

    def find(self, *, deep: bool) -> Finding:
        """How many documents' tables are missing and left over."""
        missing, orphans = self._differences()
        wrong = f"of {len(missing)} documents missing, of {len(orphans)} left over" if missing or orphans else ""
        return Finding(wrong, "agree with the database")

    def mend(self, *, deep: bool) -> None:
        """Put back and take out; a damaged file is begun anew."""
        try:
            missing, orphans = self._differences()
        except StoreError:
            self.tables.clear()
            missing, orphans = self._differences()
        if missing or orphans:
            self.care.mend_tables(missing, orphans)

    def _differences(self) -> tuple[list[str], list[str]]:
        held = self.tables.documents()
        with self.store.begin() as unit:
            wanted = unit.documents.with_tables()
        return sorted(wanted - held), sorted(held - wanted)


@dataclass(frozen=True)
class KeptVectors:
    """Whether the vector of every passage is kept in SQL, so that an index can be made without embedding."""

    care: Mending
    name: str = "kept vectors"

    def find(self, *, deep: bool) -> Finding:
        """Of how many documents vectors are missing; how many bytes are kept for nothing."""
        survey = self.care.survey()
        missing, count, size = len(survey.incomplete), len(survey.unused), survey.unused_bytes
        spare = f"; {count:,} of no use ({size / 1e6:.0f} MB) go with --repair" if size >= LEAST_UNUSED_BYTES else ""
        return Finding(f"missing for {missing} documents" if missing else "", f"complete{spare}")

    def mend(self, *, deep: bool) -> None:
        """Embed what is missing, forget what is of no use."""
        if missing := self.care.survey().incomplete:
            self.care.complete(missing)
        self.care.forget_unused()


def agreements(
    *, store: Store, vectors: Index, lexical: Index, tables: TableIndex | None, care: Mending
) -> list[Matter]:
    """What is to be looked into, in the order in which it is to be mended."""
    matters: list[Matter] = [
        Removals(store, care),
        Passages(store, care),
        Unfinished(store, care),
        IndexAgreement("meaning index", vectors, store, care, probes=True),
        IndexAgreement("word index", lexical, store, care),
        KeptVectors(care),
    ]
    return matters if tables is None else [*matters, TableAgreement(tables, store, care)]
