"""Answers that may be given again: kept with all they depend on, found by a question that asks the same."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import astuple, dataclass, field
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from basicchat.core.codec import from_json, to_json
from basicchat.core.protocols import Cache, Vector
from basicchat.core.tags import collection_tag
from basicchat.core.types import Answer
from basicchat.reason.sameness import normalised, same_question
from basicchat.service.doctor import Finding

SIMILARITY = 0.94
"""Cosine of two questions below which words are not even compared. Calibrated on the fitting half of
``benchmarks/cache.py`` with the default embedder: it keeps 99.9 % of the paraphrases whose words agree."""

ALL = "answers"
"""The tag of everything that is kept here."""

SETS = 8
"""Sets of questions held in memory: conversations over different documents or models side by side."""

T = TypeVar("T")

Embed = Callable[[str], Vector]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All that an answer depends on, but for its question. Whoever differs in one part shares no answer.

    ``stamp`` is that of the collection, ``embedder`` names the generation that serves, ``model`` the chat model, empty
    for none, and ``weights`` what is behind that name. ``settings`` says how passages are found and answers made, with
    the version of prompts and program.
    """

    user: str
    collection: str
    document_ids: tuple[str, ...]
    stamp: str
    embedder: str
    model: str
    weights: str
    mode: str
    settings: str
    chunk_ids: tuple[str, ...] | None = None

    @property
    def digest(self) -> str:
        """The same for equal circumstances, and for no others."""
        return hashlib.sha256(json.dumps(astuple(self)).encode()).hexdigest()

    def key(self, question: str) -> str:
        """Where the answer to a question is kept."""
        return hashlib.sha256(f"{self.digest}\n{normalised(question)}".encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept answer. ``supported`` of ``checked`` sentences were borne out, where they were checked."""

    question: str
    made_at: float
    answer: Answer
    supported: int | None = None
    checked: int | None = None


@dataclass(frozen=True, slots=True)
class _Question:
    """A question as it is kept: the key of its answer, its vector as little-endian float32 in base 64."""

    text: str
    key: str
    vector: str


@dataclass
class _Questions:
    """The questions of one set of circumstances: a row of ``matrix`` for each."""

    texts: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    matrix: NDArray[np.float32] | None = None

    def add(self, text: str, key: str, vector: Vector) -> None:
        row = np.asarray(vector, np.float32).reshape(1, -1)
        if self.matrix is not None and self.matrix.shape[1] != row.shape[1]:
            return
        self.matrix = row if self.matrix is None else np.vstack([self.matrix, row])
        self.texts.append(text)
        self.keys.append(key)

    def near(self, question: str, vector: Vector) -> list[str]:
        """Keys of those that ask the same, nearest first."""
        if self.matrix is None or self.matrix.shape[1] != len(vector):
            return []
        cosines = self.matrix @ np.asarray(vector, np.float32)
        near = [int(row) for row in np.argsort(-cosines, kind="stable") if cosines[row] >= SIMILARITY]
        return [self.keys[row] for row in near if same_question(question, self.texts[row])]


class EarlierAnswers:
    """Keeps answers in a cache. Questions and their vectors are read into memory when first compared."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._lock = threading.Lock()
        self._sets: OrderedDict[str, _Questions] = OrderedDict()
        self._stamps: dict[str, str] = {}

    def same(self, circumstances: Circumstances, question: str) -> Kept | None:
        """The answer kept for this very question, capitals and marks apart."""
        return self._read(circumstances.key(question))

    def near(self, circumstances: Circumstances, question: str, embed: Embed) -> Kept | None:
        """The answer kept for a question that asks the same in other words. Embeds only where there is one to compare.

        A hit has the same meaning by its words (`same_question`), and its vector is near, to be sure.
        """
        for key in self._near(circumstances, question, embed):
            if kept := self._read(key):
                return kept
        return None

    def keep(self, circumstances: Circumstances, kept: Kept, vector: Vector) -> None:
        """Keep an answer in place of the one that this question had."""
        key, digest = circumstances.key(kept.question), circumstances.digest
        self._drop(digest, [key])
        tags = (ALL, collection_tag(circumstances.collection), f"entry:{key}")
        packed = base64.b64encode(np.asarray(vector, "<f4").tobytes()).decode("ascii")
        self._cache.set(key, _packed(kept), tags=tags)
        row = _packed(_Question(kept.question, key, packed))
        self._cache.set(f"question:{key}", row, tags=(*tags, f"questions:{digest}"))
        with self._lock:
            if digest in self._sets:
                self._sets[digest].add(kept.question, key, vector)

    def drop(self, circumstances: Circumstances, question: str, embed: Embed) -> None:
        """Forget the answers that this question would get."""
        keys = [circumstances.key(question), *self._near(circumstances, question, embed)]
        self._drop(circumstances.digest, keys)

    def see(self, collection: str, stamp: str) -> None:
        """Hear the stamp of a collection: answers that were made before it changed are forgotten."""
        with self._lock:
            if self._stamps.get(collection) == stamp:
                return
            self._stamps[collection] = stamp
        key = f"stamp:{collection}"
        if self._cache.get(key) != stamp.encode():
            self.forget_collection(collection)
            self._cache.set(key, stamp.encode())

    def forget_collection(self, collection: str) -> None:
        """Forget every answer that was made from a collection."""
        self._forget(collection_tag(collection))

    def clear(self) -> int:
        """Forget everything; how many answers that were."""
        return self._forget(ALL) // 2

    def count(self) -> tuple[int, int]:
        """How many answers are kept, and how many bytes they take."""
        kept = self._cache.tagged(ALL)
        return len(kept) // 2, sum(map(len, kept.values()))

    def _near(self, circumstances: Circumstances, question: str, embed: Embed) -> list[str]:
        questions = self._questions(circumstances.digest)
        if not questions.keys:
            return []
        vector = embed(question)
        with self._lock:
            return questions.near(question, vector)

    def _questions(self, digest: str) -> _Questions:
        with self._lock:
            if digest not in self._sets:
                self._sets[digest] = _loaded(self._cache.tagged(f"questions:{digest}"))
            self._sets.move_to_end(digest)
            while len(self._sets) > SETS:
                self._sets.popitem(last=False)
            return self._sets[digest]

    def _read(self, key: str) -> Kept | None:
        value = self._cache.get(key)
        if value is not None:
            self._cache.get(f"question:{key}")  # so that both are as lately used
        return _unpacked(Kept, value)

    def _drop(self, digest: str, keys: list[str]) -> None:
        dropped = [key for key in keys if self._cache.forget(f"entry:{key}")]
        with self._lock:
            if dropped:
                self._sets.pop(digest, None)

    def _forget(self, tag: str) -> int:
        count = self._cache.forget(tag)
        with self._lock:
            self._sets.clear()
        return count


@dataclass(frozen=True)
class KeptAnswers:
    """Earlier answers as the doctor sees them: whatever is mended may change answers, so they go with a repair."""

    answers: EarlierAnswers
    name: str = "earlier answers"

    def find(self, *, deep: bool) -> Finding:
        """How many are kept. Nothing can be wrong with them: a file that is damaged is begun anew."""
        count, size = self.answers.count()
        return Finding(well=f"{count} kept, {size / 1e6:.1f} MB")

    def mend(self, *, deep: bool) -> None:
        """Forget them."""
        self.answers.clear()


def _loaded(rows: dict[str, bytes]) -> _Questions:
    found = _Questions()
    for value in rows.values():
        if row := _unpacked(_Question, value):
            vector = np.frombuffer(base64.b64decode(row.vector), "<f4")
            found.add(row.text, row.key, cast(Vector, vector))
    return found


def _packed(value: Kept | _Question) -> bytes:
    return json.dumps(to_json(value)).encode()


def _unpacked(kind: type[T], value: bytes | None) -> T | None:
    """What was packed; None for nothing, and for what another version wrote."""
    try:
        return None if value is None else from_json(kind, json.loads(value))
    except (ValueError, TypeError):
        return None
