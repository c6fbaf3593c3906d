"""Full-text search in a SQLite file of its own, by BM25 of FTS5."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path

from basicchat.adapters.lexical.terms import indexed_text, quoted, terms_of
from basicchat.core.errors import StoreError
from basicchat.core.types import Chunk, Scope

VERSION = 1
"""Of the tables below. An index of another version is emptied: it is a projection and the store fills it again."""

TOKENIZE = "porter unicode61 remove_diacritics 2"

DROP = """
DROP TABLE IF EXISTS frequencies; DROP TABLE IF EXISTS passages; DROP TABLE IF EXISTS entries;
"""
CREATE = f"""
CREATE TABLE entries (
    id INTEGER PRIMARY KEY, collection TEXT NOT NULL, document_id TEXT NOT NULL, chunk_id TEXT NOT NULL
);
CREATE UNIQUE INDEX entries_chunk ON entries (collection, chunk_id);
CREATE INDEX entries_document ON entries (collection, document_id);
CREATE VIRTUAL TABLE passages USING fts5 (text, heading, tokenize = '{TOKENIZE}');
CREATE VIRTUAL TABLE frequencies USING fts5vocab (passages, row);
PRAGMA user_version = {VERSION};
"""
PROBE = f"""
CREATE VIRTUAL TABLE temp.probe USING fts5 (term, tokenize = '{TOKENIZE}');
CREATE VIRTUAL TABLE temp.probe_terms USING fts5vocab (temp, probe, instance);
"""
"""Shows what the tokenizer makes of a word (its stem), which is how frequencies are kept."""

TEXT_WEIGHT = 1.0
HEADING_WEIGHT = 0.4  # a heading says what a passage is about, but every passage below it has it

SEARCH = f"""
SELECT entries.chunk_id, -bm25(passages, {TEXT_WEIGHT}, {HEADING_WEIGHT}) AS score
FROM passages JOIN entries ON entries.id = passages.rowid
WHERE passages MATCH :terms AND entries.collection = :collection
    AND (:documents IS NULL OR entries.document_id IN (SELECT value FROM json_each(:documents)))
    AND (:chunks IS NULL OR entries.chunk_id IN (SELECT value FROM json_each(:chunks)))
ORDER BY score DESC, entries.chunk_id LIMIT :top_k
"""  # noqa: S608 - the weights are constants of this file

FREQUENCIES = """
SELECT word.rowid, max(coalesce(known.doc, 0)) FROM probe AS word
LEFT JOIN probe_terms AS stem ON stem.doc = word.rowid
LEFT JOIN frequencies AS known ON known.term = stem.term GROUP BY word.rowid ORDER BY word.rowid
"""
FORGET = "SELECT id FROM entries WHERE collection = ? AND chunk_id IN (SELECT value FROM json_each(?))"

COMMON_SHARE = 0.2  # a word in more of the passages costs time and tells little (100k chunks: 206 ms with, 30 without)
COMMON_FROM = 4_000  # passages; below, every word is cheap
MOST_ROWS = 12_000
"""Passages that may be scored for a question: its rarest words that stand in so many together, at least `FEWEST`.
Scoring takes some 4 us each, whatever becomes of it, and at 100,000 passages a question's words stand in 40,000."""
FEWEST = 2  # words that are searched however common they are, unless a fifth of the passages hold them
MAX_TERMS = 48  # the rarest of a long question


class SqliteFtsIndex:
    """An FTS5 index in a file. Opens at its first use; threads may share it: many read while one writes."""

    def __init__(self, path: Path) -> None:
        self._path = Path(path)
        self._lock = threading.Lock()
        self._writer = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._ready = False
        self._closed = False

    def add(self, collection: str, chunks: Sequence[Chunk]) -> None:
        """Add or replace, keyed by chunk id. All of them or none."""
        unique = {chunk.id: chunk for chunk in chunks}
        with self._writing() as connection:
            self._forget(connection, FORGET, collection, json.dumps(list(unique)))
            first = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM entries").fetchone()[0]
            numbered = list(enumerate(unique.values(), start=first))
            connection.executemany(
                "INSERT INTO entries (id, collection, document_id, chunk_id) VALUES (?, ?, ?, ?)",
                ((number, collection, chunk.document_id, chunk.id) for number, chunk in numbered),
            )
            connection.executemany(
                "INSERT INTO passages (rowid, text, heading) VALUES (?, ?, ?)",
                (
                    (number, indexed_text(chunk.text), indexed_text("\n".join(chunk.heading)))
                    for number, chunk in numbered
                ),
            )

    def delete(self, collection: str, *document_ids: str) -> None:
        """Forget every chunk of these documents. No error if there is none."""
        find = "SELECT id FROM entries WHERE collection = ? AND document_id IN (SELECT value FROM json_each(?))"
        with self._writing() as connection:
            self._forget(connection, find, collection, json.dumps(document_ids))

    def discard(self, collection: str, chunk_ids: Sequence[str]) -> None:
        """Forget chunks by id. No error for unknown ones."""
        with self._writing() as connection:
            self._forget(connection, FORGET, collection, json.dumps(list(chunk_ids)))

    def clear(self, collection: str) -> None:
        """Forget the whole collection."""
        with self._writing() as connection:
            self._forget(connection, "SELECT id FROM entries WHERE collection = ?", collection)

    def ids(self, collection: str) -> set[str]:
        """Every chunk id held."""
        return set(self.owners(collection))

    def owners(self, collection: str) -> dict[str, str]:
        """The document of every chunk held, by chunk id."""
        with self._reading() as connection:
            rows = connection.execute("SELECT chunk_id, document_id FROM entries WHERE collection = ?", (collection,))
            return {str(row[0]): str(row[1]) for row in rows}

    def collections(self) -> list[str]:
        """Names of the collections that hold chunks, sorted."""
        with self._reading() as connection:
            rows = connection.execute("SELECT DISTINCT collection FROM entries ORDER BY collection")
            return [str(row[0]) for row in rows]

    def search(self, text: str, *, scope: Scope, top_k: int) -> list[tuple[str, float]]:
        """At most ``top_k`` (chunk id, score), best first, ties to the smaller id. Any text is safe.

        A passage is found when it holds any of the question's terms, see `terms_of`. Scores are BM25 and positive.
        In an index of some thousand passages, words that a fifth of them hold are left out while rarer ones remain, and
        of these the commoner ones where many passages would have to be scored.
        """
        terms = terms_of(text)
        if not terms or top_k <= 0:
            return []
        by_document = scope.document_ids and scope.chunk_ids is None
        with self._reading() as connection:
            telling = _telling(connection, terms)
            given = {
                "terms": " OR ".join(quoted(term) for term in telling),
                "collection": scope.collection,
                "documents": json.dumps(scope.document_ids) if by_document else None,
                "chunks": None if scope.chunk_ids is None else json.dumps(scope.chunk_ids),
                "top_k": top_k,
            }
            return [(str(row[0]), float(row[1])) for row in connection.execute(SEARCH, given)]

    def reset(self) -> None:
        """Throw the file away, also one that cannot be read. The store fills the index again."""
        with self._writer, self._lock:
            self._release()
            for end in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + end).unlink(missing_ok=True)

    def close(self) -> None:
        """Release the file. Further use raises `StoreError`."""
        with self._lock:
            self._closed = True
            self._release()

    def _release(self) -> None:
        self._ready = False
        while self._idle:
            self._idle.pop().close()

    def _forget(self, connection: sqlite3.Connection, find: str, *values: str) -> None:
        rows = connection.execute(find, values).fetchall()
        connection.executemany("DELETE FROM passages WHERE rowid = ?", rows)
        connection.executemany("DELETE FROM entries WHERE id = ?", rows)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._writer, self._reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A connection of the pool; errors of SQLite become `StoreError` and cost the connection."""
        try:
            connection = self._borrow()
        except (sqlite3.Error, OSError) as error:
            raise self._failure(error) from error
        try:
            yield connection
        except sqlite3.Error as error:
            connection.close()
            raise self._failure(error) from error
        except BaseException:
            connection.close()
            raise
        with self._lock:
            if self._closed:
                connection.close()
            else:
                self._idle.append(connection)

    def _borrow(self) -> sqlite3.Connection:
        with self._lock:
            if self._closed:
                raise StoreError("The full-text index is closed.")
            if self._idle:
                return self._idle.pop()
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._path, timeout=5.0, isolation_level=None, check_same_thread=False)
            try:
                self._set_up(connection)
            except BaseException:
                connection.close()
                raise
            return connection

    def _set_up(self, connection: sqlite3.Connection) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "temp_store=MEMORY", "cache_size=-32000"):
            connection.execute(f"PRAGMA {pragma}")
        if not self._ready:
            if connection.execute("PRAGMA user_version").fetchone()[0] != VERSION:
                connection.executescript(f"BEGIN IMMEDIATE;{DROP}{CREATE}COMMIT;")
            self._ready = True
        connection.executescript(PROBE)

    def _failure(self, error: Exception) -> StoreError:
        if "fts5" in str(error) and "no such module" in str(error):
            return StoreError(
                "This Python's SQLite has no full-text search (FTS5).",
                hint="Install Python from python.org, or with uv: uv python install",
            )
        return StoreError(f"The full-text index {self._path.name} cannot be used: {error}.")


def _telling(connection: sqlite3.Connection, terms: Sequence[str]) -> list[str]:
    """The terms that tell passages apart. Terms that no passage holds cost nothing and stay."""
    total = connection.execute("SELECT count(*) FROM entries").fetchone()[0]
    if total < COMMON_FROM and len(terms) <= MAX_TERMS:
        return list(terms)
    connection.execute("DELETE FROM probe")
    connection.executemany("INSERT INTO probe (rowid, term) VALUES (?, ?)", enumerate(terms))
    counts = dict(connection.execute(FREQUENCIES).fetchall())
    rarest = sorted(range(len(terms)), key=lambda place: (counts[place], place))[:MAX_TERMS]
    if total >= COMMON_FROM:
        within = accumulate(counts[place] for place in rarest)
        rarest = [
            place
            for number, (place, rows) in enumerate(zip(rarest, within, strict=True))
            if counts[place] <= COMMON_SHARE * total and (rows <= MOST_ROWS or number < FEWEST)
        ] or rarest[:1]
    return [terms[place] for place in sorted(rarest)]
