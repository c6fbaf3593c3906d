"""Nearest neighbours in a ChromaDB folder."""

from __future__ import annotations

import hashlib
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from basicchat.adapters.vectors.rows import Row, Rows, nearest
from basicchat.core.errors import StoreError
from basicchat.core.protocols import Vector
from basicchat.core.types import Chunk, Scope

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

HNSW = {"space": "cosine", "max_neighbors": 32, "ef_construction": 200, "ef_search": 200}
"""Recall of the best 10 among 100,000: 1.000 with these, 0.998 with the defaults, which build twice as fast."""

BATCH = 5_000  # rows; Chroma takes at most 5,461 at once
DOCUMENTS = 500  # forgotten at once; one by one costs 20 ms each
SPARE = 16  # rows asked for beyond what is wanted, so that equal scores are cut by id and not by chance
FIRST_LOOK = 4  # times the wanted number: enough for a filter that a third of the chunks fit
FURTHEST_LOOK = 2_000
REPAIR = "Run `basicchat doctor --repair`: it builds the index again from the library."

Scored = tuple[str, float]
"""A chunk id and its cosine similarity."""


class ChromaIndex:
    """A Chroma folder, opened at its first use. It holds vectors, chunk ids and document ids, no text.

    Threads may share it, processes may not: a second one reads wrong neighbours and loses rows without an error
    (measured with ChromaDB 1.5.9), so whoever makes this object holds the library's lock.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = Path(folder)
        self._lock = threading.Lock()
        self._client: Client | None = None
        self._collections: dict[str, Collection] = {}
        self._rows = Rows()
        self._closed = False

    def add(self, collection: str, chunks: Sequence[Chunk], vectors: Sequence[Vector]) -> None:
        """Add or replace, keyed by chunk id. Raises `StoreError` for vectors of another length than those held."""
        if not chunks:
            return
        matrix = np.asarray(vectors, dtype=np.float32)
        if matrix.ndim != 2 or len(matrix) != len(chunks):
            raise StoreError(f"{len(chunks)} passages came with vectors of the shape {matrix.shape}.")
        last = {chunk.id: place for place, chunk in enumerate(chunks)}  # Chroma refuses the same id twice in a batch
        places = list(last.values())
        with self._translated():
            held = self._collection(collection) or self._made(collection)
            for start in range(0, len(places), BATCH):
                batch = places[start : start + BATCH]
                held.upsert(
                    ids=[chunks[place].id for place in batch],
                    embeddings=matrix[batch],
                    metadatas=[{"document_id": chunks[place].document_id} for place in batch],
                )
        self._rows.forget(collection, [chunk.id for chunk in chunks])

    def delete(self, collection: str, *document_ids: str) -> None:
        """Forget every chunk of these documents. No error if there is none."""
        with self._translated():
            if held := self._collection(collection):
                for start in range(0, len(document_ids), DOCUMENTS):
                    held.delete(where=_where(Scope(collection, document_ids[start : start + DOCUMENTS])))
        self._rows.forget(collection)

    def discard(self, collection: str, chunk_ids: Sequence[str]) -> None:
        """Forget chunks by id. No error for unknown ones."""
        with self._translated():
            if chunk_ids and (held := self._collection(collection)):
                for start in range(0, len(chunk_ids), BATCH):
                    held.delete(ids=list(chunk_ids[start : start + BATCH]))
        self._rows.forget(collection, chunk_ids)

    def search(self, vector: Vector, *, scope: Scope, top_k: int) -> list[tuple[str, float]]:
        """At most ``top_k`` (chunk id, cosine similarity), best first, ties to the smaller id.

        The neighbours are approximate, but exact among the chunks that a scope names one by one. Raises `StoreError`
        for a vector of another length than those held, and where the index gives far less than it holds.
        """
        if top_k <= 0:
            return []
        with self._translated():
            held = self._collection(scope.collection)
            if held is None:
                return []
            if scope.chunk_ids is not None:
                rows = self._rows.of(scope.collection, scope.chunk_ids, partial(_fetched, held))
                return nearest(vector, rows)[:top_k]
            if scope.document_ids:
                scored = _among(held, vector, scope.document_ids, top_k=top_k + SPARE)
            else:
                scored, _ = _query(held, vector, top_k=top_k + SPARE)
                _refuse_losses(held, found=len(scored), wanted=top_k)
        return sorted(scored, key=lambda pair: (-pair[1], pair[0]))[:top_k]

    def ids(self, collection: str) -> set[str]:
        """Every chunk id held."""
        with self._translated():
            held = self._collection(collection)
            return set(held.get(include=[])["ids"]) if held else set()

    def owners(self, collection: str) -> dict[str, str]:
        """The document of every chunk held, by chunk id."""
        with self._translated():
            held = self._collection(collection)
            if held is None:
                return {}
            reply = held.get(include=["metadatas"])
        facts = zip(reply["ids"], reply["metadatas"] or [], strict=True)
        return {chunk_id: str((fact or {}).get("document_id", "")) for chunk_id, fact in facts}

    def collections(self) -> list[str]:
        """Names of the collections that may hold chunks, sorted."""
        with self._translated():
            made = self._open().list_collections()
        return sorted(str((each.metadata or {}).get("name", each.name)) for each in made)

    def clear(self, collection: str) -> None:
        """Forget the whole collection, and with it the length of its vectors."""
        from chromadb.errors import NotFoundError

        with self._translated():
            client = self._open()
            with self._lock:
                self._collections.pop(collection, None)
            try:
                client.delete_collection(_name(collection))
            except NotFoundError:
                return
            finally:
                self._rows.forget(collection)

    def reset(self) -> None:
        """Throw the whole folder away, also one that cannot be read. The library fills the index again."""
        self._release()
        self._rows.clear()
        shutil.rmtree(self._folder, ignore_errors=True)

    def close(self) -> None:
        """Release the folder. Further use raises `StoreError`."""
        self._closed = True
        self._release()

    def _release(self) -> None:
        with self._lock:
            client, self._client = self._client, None
            self._collections = {}
        if client is not None:
            client.close()

    def _open(self) -> Client:
        with self._lock:
            if self._closed:
                raise StoreError("The vector index is closed.")
            if self._client is None:
                self._client = _connect(self._folder)
            return self._client

    def _collection(self, name: str) -> Collection | None:
        """Chroma's collection of this name, or None."""
        from chromadb.errors import NotFoundError

        client = self._open()
        with self._lock:
            if name not in self._collections:
                try:
                    self._collections[name] = client.get_collection(_name(name), embedding_function=None)
                except NotFoundError:
                    return None
            return self._collections[name]

    def _made(self, name: str) -> Collection:
        """A new collection, or the one that another thread has just made."""
        configuration: Any = {"hnsw": HNSW}
        return self._open().get_or_create_collection(
            _name(name), configuration=configuration, metadata={"name": name}, embedding_function=None
        )

    @contextmanager
    def _translated(self) -> Iterator[None]:
        from chromadb.errors import ChromaError

        try:
            yield
        except (ChromaError, ValueError, OSError) as error:
            if "dimension" in str(error):
                raise StoreError(
                    f"The vector index was made by another embedder: {error}.",
                    hint="Run `basicchat doctor --repair`: it embeds the library again with this embedder.",
                ) from error
            raise StoreError(f"The vector index {self._folder.name} cannot be used: {error}.", hint=REPAIR) from error


def _connect(folder: Path) -> Client:
    """A client of the folder. After a failure nothing of it stays behind, so that a repaired folder can be opened."""
    import chromadb
    from chromadb.api.shared_system_client import SharedSystemClient
    from chromadb.config import Settings
    from chromadb.errors import ChromaError

    settings = Settings(anonymized_telemetry=False)
    try:
        return cast("Client", chromadb.PersistentClient(str(folder), settings=settings))
    except (ChromaError, ValueError, OSError):
        # Chroma 1.5.9 keeps a system that failed to start under the folder's name and gives it out again.
        SharedSystemClient._identifier_to_system.pop(str(folder), None)
        raise


def _name(collection: str) -> str:
    """A name that Chroma takes (3 to 512 letters, digits and dashes) for any name of ours."""
    return f"chunks-{hashlib.sha256(collection.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"


def _fetched(held: Collection, chunk_ids: Sequence[str]) -> dict[str, Row]:
    """The vectors of those chunks that there are, by id. It takes some 40 us each."""
    found: dict[str, Row] = {}
    for start in range(0, len(chunk_ids), BATCH):
        reply = held.get(ids=list(chunk_ids[start : start + BATCH]), include=["embeddings"])
        found.update(zip(reply["ids"], np.asarray(reply["embeddings"], dtype=np.float32), strict=True))
    return found


def _query(
    held: Collection, vector: Vector, *, top_k: int, where: Any = None, owners: bool = False
) -> tuple[list[Scored], list[str]]:
    """Neighbours as Chroma orders them, and the document of each where ``owners`` are asked for."""
    reply = held.query(
        query_embeddings=np.asarray([vector], dtype=np.float32),
        n_results=top_k,
        where=where,
        include=["distances", "metadatas"] if owners else ["distances"],
    )
    ids, distances = reply["ids"][0], (reply["distances"] or [[]])[0]
    facts = (reply["metadatas"] or [[]])[0] if owners else []
    scored = [(chunk_id, 1.0 - float(distance)) for chunk_id, distance in zip(ids, distances, strict=True)]
    return scored, [str((fact or {}).get("document_id", "")) for fact in facts]


def _among(held: Collection, vector: Vector, document_ids: Sequence[str], *, top_k: int) -> list[Scored]:
    """Neighbours among the chunks of some documents.

    They are looked for among the nearest of all, further and further, as long as that is likely to be quicker than
    Chroma's own filter, which at 100,000 chunks makes a search many times slower.
    """
    chosen, every = set(document_ids), held.count()
    depth = FIRST_LOOK * top_k
    while depth <= FURTHEST_LOOK:
        scored, owners = _query(held, vector, top_k=depth, owners=True)
        kept = [pair for pair, owner in zip(scored, owners, strict=True) if owner in chosen]
        if len(kept) >= top_k or depth >= every:
            return kept
        depth = max(2 * depth, round(1.5 * top_k * depth / max(len(kept), 1)))
    return _query(held, vector, top_k=top_k, where=_where(Scope(document_ids=tuple(document_ids))))[0]


def _where(scope: Scope) -> Any:
    """Chroma's filter for the scope's documents, None for all of the collection."""
    return {"document_id": {"$in": list(scope.document_ids)}} if scope.document_ids else None


def _refuse_losses(held: Collection, *, found: int, wanted: int) -> None:
    """Raise where fewer than half of the rows that must be there were found: Chroma itself does not say
    when its graph files are gone, it answers with what is left.
    """
    if found < wanted and found * 2 < min(wanted, held.count()):
        raise StoreError("The vector index has lost rows.", hint=REPAIR)
