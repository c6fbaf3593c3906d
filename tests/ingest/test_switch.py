"""Another embedder takes over: built beside the first, swapped at once, resumed after a stop, reversible."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from basicchat.adapters.store.sqlalchemy import SqlStore
from basicchat.adapters.vectors.chroma import ChromaIndex
from basicchat.core.errors import Cancelled, Conflict, StoreError
from basicchat.core.protocols import Store, VectorIndex, silent
from basicchat.core.types import Chunk, Document, Page, Progress, Query, Scope
from basicchat.ingest.index import Projections
from basicchat.ingest.prepare import Prepared
from basicchat.ingest.standing import Kept
from basicchat.ingest.switch import Switch
from basicchat.retrieve.blend import Weights
from basicchat.retrieve.pipeline import RetrieveConfig, Retriever
from basicchat.testing.embedding import HashingEmbedder
from basicchat.testing.indexes import MemoryLexicalIndex, MemoryVectorIndex
from basicchat.testing.store import MemoryStore

WORDS = (
    "anchor",
    "barley",
    "candle",
    "dapple",
    "ember",
    "fathom",
    "garnet",
    "harbour",
    "inkwell",
    "juniper",
    "kestrel",
)


def passage(number: int, ordinal: int) -> str:
    """A text unlike others: graphs of neighbours are at a loss where thousands of texts are nearly the same."""
    chosen = random.Random(number * 10 + ordinal)  # noqa: S311
    return " ".join(f"{chosen.choice(WORDS)}{chosen.randrange(40)}" for _ in range(12))


class CountingEmbedder(HashingEmbedder):
    """Remembers how often it embedded each text."""

    def __init__(self, dimension: int) -> None:
        super().__init__(dimension=dimension)
        self.texts: list[str] = []

    def embed_passages(self, texts):
        self.texts += texts
        return super().embed_passages(texts)


def item(number: int) -> Prepared:
    """A document of three passages."""
    name = f"doc{number:04d}"
    parts = [passage(number, ordinal) for ordinal in range(3)]
    chunks, start = [], 0
    for ordinal, part in enumerate(parts):
        chunks.append(Chunk(f"{name}-{ordinal}", name, ordinal, 1, start, start + len(part), part))
        start += len(part) + 1
    document = Document(name, "default", f"{name}.txt", name, "text/plain", name, 1, len(parts), float(number))
    return Prepared(document, [Page(1, "\n".join(parts))], chunks)


class Shelf:
    """A library that can be closed and opened again, over memory or over real files."""

    def __init__(self, folder: Path | None = None, *, configured: str = "32"):
        self.folder = folder
        self.indexes: dict[str, MemoryVectorIndex] = {}
        self.store: Store = SqlStore(folder / "library.db") if folder else MemoryStore()
        self.lexical = MemoryLexicalIndex()
        self.open(configured)

    def open(self, configured: str = "32") -> None:
        """As a new process would."""
        self.embedders: dict[str, CountingEmbedder] = {}
        self.switch = Switch(
            store=self.store,
            open_index=self._index,
            make_embedder=self._embedder,
            first=Kept("first", configured),
            configured=configured,
            batch_size=8,
        )
        self.generations = self.switch.generations
        self.projections = Projections(self.store, self.generations, self.lexical, 8)
        self.retriever = Retriever(
            generations=self.generations,
            lexical=MemoryLexicalIndex(),  # knows nothing: what is found is found by meaning
            store=self.store,
            reranker=None,
            config=RetrieveConfig(weights=Weights(name=0.0)),
        )

    def _index(self, name: str) -> VectorIndex:
        if self.folder:
            return ChromaIndex(self.folder / "vectors" / name)
        return self.indexes.setdefault(name, MemoryVectorIndex())

    def _embedder(self, name: str) -> CountingEmbedder:
        return self.embedders.setdefault(name, CountingEmbedder(int(name)))

    def add(self, *numbers: int) -> None:
        self.projections.write([item(number) for number in numbers], tell=silent)

    def remove(self, number: int) -> None:
        document = item(number).document
        with self.store.begin() as unit:
            unit.documents.remove(document.id)
        self.projections.forget([document])

    def edit(self, number: int, text: str) -> None:
        with self.store.begin() as unit:
            unit.documents.edit_chunk(f"doc{number:04d}-0", text, at=1.0)
            document = unit.documents.many([f"doc{number:04d}"])[f"doc{number:04d}"]
            chunks = unit.documents.chunks(document.id)
        self.projections.project([(document, chunks)], tell=silent)

    def found(self, text: str, top_k: int = 1) -> list[str]:
        retrieval = self.retriever.search(Query(text, top_k=top_k))
        assert retrieval.warnings == ()
        return [hit.chunk.id for hit in retrieval.hits]

    def ids(self, name: str) -> set[str]:
        return next(
            each for each in (self.generations.current, *self.generations.others) if each.name == name
        ).vectors.ids("default")

    def wanted(self) -> set[str]:
        with self.store.begin() as unit:
            return unit.documents.chunk_ids("default")

    def close(self) -> None:
        self.switch.close()
        self.store.close()


@pytest.fixture(params=["memory", "files"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path if request.param == "files" else None)
    yield made
    made.close()


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path)
    yield made
    made.close()


def test_a_switch_and_back(shelf: Shelf) -> None:
    shelf.add(*range(40))
    told: list[Progress] = []
    target = shelf.switch.planned("64")
    shelf.switch.carry_out(target, told.append)
    assert shelf.generations.current.embedder.name == "hashing-64@1"
    assert shelf.found(passage(9, 0)) == ["doc0009-0"]
    assert len(shelf.embedders["64"].texts) == 120
    assert (told[-1].done, told[-1].total, told[-1].unit) == (120, 120, "passages")
    shelf.add(40)
    shelf.remove(3)
    shelf.edit(5, "The wharf of Lerwick is closed.")
    back = shelf.switch.planned("32")
    assert back.name == "first"
    embedded = len(shelf.embedders["32"].texts)
    shelf.switch.carry_out(back, silent)
    assert shelf.generations.current.embedder.name == "hashing-32@1"
    assert len(shelf.embedders["32"].texts) == embedded + 4  # three new passages and one that was edited
    assert shelf.ids("first") == shelf.wanted()
    assert shelf.found("Is the wharf of Lerwick closed?") == ["doc0005-0"]
    assert "doc0003-0" not in shelf.found(passage(3, 0), top_k=50)
    assert shelf.switch.planned("64").name == target.name


def test_no_text_is_embedded_again_for_a_new_index_of_the_same_embedder(shelf: Shelf) -> None:
    shelf.add(*range(20))
    embedded = len(shelf.embedders["32"].texts)
    target = shelf.switch.renewed("32")
    shelf.switch.carry_out(target, silent)
    assert shelf.generations.current.name == target.name != "first"
    assert shelf.generations.others == ()
    assert len(shelf.embedders["32"].texts) == embedded
    assert shelf.found(passage(9, 0)) == ["doc0009-0"]
    assert not (shelf.folder and (shelf.folder / "vectors" / "first").exists())


def test_questions_from_threads_during_switches_never_fail_or_mix(real: Shelf) -> None:
    real.add(*range(60))
    stop, wrong, asked = threading.Event(), [], []

    def ask(number: int) -> None:
        while not stop.is_set():
            try:
                found = real.found(passage(number, 0))
            except (AssertionError, StoreError) as error:
                wrong.append(repr(error))
                return
            asked.append(number)
            if found != [f"doc{number:04d}-0"]:
                wrong.append(f"{number}: {found}")

    threads = [threading.Thread(target=ask, args=(number,)) for number in (3, 17, 42)]
    for thread in threads:
        thread.start()
    try:
        for embedder in ("64", "128", "32", "64"):
            before = len(asked)
            real.switch.carry_out(real.switch.planned(embedder), silent)
            real.switch.forget_previous()
            while len(asked) < before + 10 and not wrong:
                pass
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_documents_that_come_and_go_during_a_switch(real: Shelf) -> None:
    real.add(*range(300))
    changes = iter(range(1000))

    def tell(_: Progress) -> None:
        change = next(changes)
        if change < 20:
            real.add(300 + change)
            real.remove(change * 3)
            real.edit(change * 3 + 1, passage(1000 + change, 0))

    real.switch.carry_out(real.switch.planned("512"), tell)
    assert next(changes) > 20
    for number in range(20):
        assert real.found(passage(1000 + number, 0)) == [f"doc{number * 3 + 1:04d}-0"]
        assert real.found(passage(300 + number, 1)) == [f"doc{300 + number:04d}-1"]
    current = real.generations.current
    assert current.embedder.dimension == 512
    assert current.vectors.ids("default") == real.wanted()
    assert not any(f"doc{number * 3:04d}-0" in current.vectors.ids("default") for number in range(20))


def test_documents_are_taken_in_by_threads_while_generations_change(real: Shelf) -> None:
    """What was embedded for the one that served before the swap does not end in the one that serves after it."""
    real.add(*range(20))
    wrong: list[BaseException] = []

    def take_in(start: int) -> None:
        try:
            for number in range(start, start + 40):
                real.add(number)
                if number % 4 == 0:
                    real.remove(number)
        except (StoreError, AssertionError) as error:
            wrong.append(error)

    threads = [threading.Thread(target=take_in, args=(start,)) for start in (100, 200)]
    for thread in threads:
        thread.start()
    for embedder in ("64", "32", "128"):
        real.switch.carry_out(real.switch.planned(embedder), silent)
    for thread in threads:
        thread.join()
    assert wrong == []
    assert real.generations.current.vectors.ids("default") == real.wanted()
    assert real.found(passage(133, 1)) == ["doc0133-1"]


def test_a_stopped_switch_goes_on_where_it_was(shelf: Shelf) -> None:
    shelf.add(*range(60))

    def stop(progress: Progress) -> None:
        if progress.done >= 50:
            raise Cancelled("enough")

    target = shelf.switch.planned("64")
    with pytest.raises(Cancelled):
        shelf.switch.carry_out(target, stop)
    first = shelf.embedders["64"].texts
    assert shelf.found(passage(9, 0)) == ["doc0009-0"]
    assert shelf.generations.current.name == "first"
    shelf.switch.close()
    shelf.open()
    assert shelf.switch.standing.building == target
    assert shelf.switch.planned("64") == target
    shelf.switch.carry_out(target, silent)
    second = shelf.embedders["64"].texts
    assert len(first) + len(second) == 180
    assert set(first).isdisjoint(second)
    assert shelf.switch.standing.active == target


def test_the_swap_is_there_or_not(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash right before or after the swap leaves a library that knows where it stands."""
    shelf.add(*range(10))
    target = shelf.switch.planned("64")
    original = shelf.generations.put
    monkeypatch.setattr(
        shelf.generations, "put", lambda *given: _fail() if given[0].name == target.name else original(*given)
    )
    with pytest.raises(StoreError):
        shelf.switch.carry_out(target, silent)
    shelf.open()
    assert shelf.switch.standing.active == target
    assert shelf.found(passage(9, 0)) == ["doc0009-0"]
    shelf.switch.carry_out(target, silent)
    assert shelf.embedders["64"].texts == []


def _fail() -> None:
    raise StoreError("The power went.")


def test_another_decision_ends_a_build(shelf: Shelf) -> None:
    shelf.add(*range(60))
    told: list[Progress] = []

    def tell(progress: Progress) -> None:
        told.append(progress)
        if len(told) == 5:
            shelf.switch.stay()

    with pytest.raises(Conflict):
        shelf.switch.carry_out(shelf.switch.planned("64"), tell)
    assert shelf.switch.standing.building is None
    assert [each.name for each in shelf.generations.others] == []
    assert shelf.found(passage(9, 0)) == ["doc0009-0"]


def test_an_old_one_is_dropped_with_its_vectors(shelf: Shelf) -> None:
    shelf.add(*range(5))
    assert shelf.switch.forget_previous() is None
    shelf.switch.carry_out(shelf.switch.planned("64"), silent)
    gone = shelf.switch.forget_previous()
    assert gone is not None
    assert gone.embedder == "32"
    with shelf.store.begin() as unit:
        assert unit.documents.embedders() == ["hashing-64@1"]
    assert shelf.switch.standing.previous is None
    assert shelf.switch.standing.dropped == ()
    assert not (shelf.folder and (shelf.folder / "vectors" / "first").exists())


def test_only_a_change_of_the_settings_is_a_wish(shelf: Shelf) -> None:
    assert shelf.switch.wished() is None
    shelf.switch.carry_out(shelf.switch.planned("64"), silent)
    assert shelf.switch.wished() is None
    shelf.open("32")  # the settings still say what they said when somebody decided otherwise
    assert shelf.switch.wished() is None
    assert shelf.generations.current.embedder.dimension == 64
    shelf.open("128")
    assert shelf.switch.wished() == "128"
    shelf.switch.begin(shelf.switch.planned("128"))
    assert shelf.switch.wished() is None


def test_an_index_that_cannot_be_changed_is_emptied_and_filled_again(real: Shelf) -> None:
    real.add(*range(5))
    real.switch.carry_out(real.switch.planned("64"), silent)
    real.generations.others[0].vectors.reset()
    broken = real.folder / "vectors" / "first"
    broken.mkdir(parents=True)
    (broken / "chroma.sqlite3").write_bytes(b"\xff" * 8192)
    real.remove(2)
    real.switch.carry_out(real.switch.planned("32"), silent)
    assert real.generations.current.vectors.ids("default") == real.wanted()
    assert real.found(passage(4, 1)) == ["doc0004-1"]


def test_vectors_of_other_weights_are_not_taken_up_again(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.add(*range(5))
    shelf.switch.carry_out(shelf.switch.planned("64"), silent)
    monkeypatch.setattr(CountingEmbedder, "name", property(lambda self: f"hashing-{self.dimension}@2"))
    assert shelf.switch.planned("32").name != "first"


def test_several_collections(shelf: Shelf) -> None:
    other = item(1)
    moved = Document(**{name: getattr(other.document, name) for name in Document.__slots__} | {"collection": "other"})
    shelf.projections.write([Prepared(moved, other.pages, other.chunks)], tell=silent)
    shelf.add(2)
    shelf.switch.carry_out(shelf.switch.planned("64"), silent)
    current = shelf.generations.current
    assert current.vectors.ids("other") == {"doc0001-0", "doc0001-1", "doc0001-2"}
    vector = current.embedder.embed_query("ferry")
    assert {found for found, _ in current.vectors.search(vector, scope=Scope(), top_k=9)} == shelf.wanted()
