"""What every vector index promises."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from basicchat.core.errors import StoreError
from basicchat.core.protocols import VectorIndex
from basicchat.core.types import Chunk, Scope

DIMENSION = 8


def make_chunk(number: int, *, document: str = "") -> Chunk:
    """A chunk named by its number; ten chunks a document unless told otherwise."""
    return Chunk(f"c{number:04d}", document or f"d{number // 10:03d}", number % 10, 1, 0, 1, "x")


def turned(degrees: float) -> list[float]:
    """A unit vector so many degrees away from the first axis."""
    angle = np.radians(degrees)
    return [float(np.cos(angle)), float(np.sin(angle)), *[0.0] * (DIMENSION - 2)]


class VectorIndexContract:
    """Override `index` with a fixture that gives an empty index."""

    @pytest.fixture
    def index(self) -> VectorIndex:
        raise NotImplementedError

    @pytest.fixture
    def filled(self, index: VectorIndex) -> VectorIndex:
        """A hundred chunks, one degree apart; chunk 0 is nearest to the first axis."""
        numbers = range(100)
        index.add("default", [make_chunk(n) for n in numbers], [turned(n) for n in numbers])
        return index

    def test_the_nearest_come_first_with_their_cosine(self, filled: VectorIndex) -> None:
        found = filled.search(turned(30.2), scope=Scope(), top_k=3)
        assert [chunk_id for chunk_id, _ in found] == ["c0030", "c0031", "c0029"]
        assert [score for _, score in found] == pytest.approx(
            [np.cos(np.radians(each)) for each in (0.2, 0.8, 1.2)], abs=1e-4
        )

    def test_vectors_and_questions_may_be_arrays(self, index: VectorIndex) -> None:
        rows: Any = np.asarray([turned(0), turned(90)], dtype=np.float32)
        index.add("default", [make_chunk(1), make_chunk(2)], rows)
        assert index.search(rows[1], scope=Scope(), top_k=1)[0][0] == "c0002"

    def test_at_most_top_k(self, filled: VectorIndex) -> None:
        assert len(filled.search(turned(0), scope=Scope(), top_k=7)) == 7
        assert filled.search(turned(0), scope=Scope(), top_k=0) == []
        assert len(filled.search(turned(0), scope=Scope(), top_k=1_000)) == 100

    def test_ties_go_to_the_smaller_id(self, index: VectorIndex) -> None:
        numbers = (5, 3, 9, 1, 7)
        index.add("default", [make_chunk(n) for n in numbers], [turned(10)] * len(numbers))
        found = index.search(turned(10), scope=Scope(), top_k=3)
        assert [chunk_id for chunk_id, _ in found] == ["c0001", "c0003", "c0005"]

    def test_adding_again_replaces(self, filled: VectorIndex) -> None:
        filled.add("default", [make_chunk(0)], [turned(180)])
        assert filled.search(turned(180), scope=Scope(), top_k=1)[0][0] == "c0000"
        assert filled.search(turned(0), scope=Scope(), top_k=1)[0][0] == "c0001"
        assert len(filled.ids("default")) == 100

    def test_the_last_of_the_same_id_counts(self, index: VectorIndex) -> None:
        index.add("default", [make_chunk(0), make_chunk(0)], [turned(90), turned(0)])
        ((chunk_id, score),) = index.search(turned(0), scope=Scope(), top_k=5)
        assert chunk_id == "c0000"
        assert score == pytest.approx(1.0, abs=1e-5)

    def test_deleting_a_document(self, filled: VectorIndex) -> None:
        filled.delete("default", "d003")
        filled.delete("default", "none")
        filled.delete("none", "d003")
        assert filled.ids("default") == {make_chunk(n).id for n in range(100) if n // 10 != 3}
        assert filled.search(turned(34.2), scope=Scope(), top_k=2)[0][0] == "c0029"

    def test_chunks_are_discarded_by_id(self, filled: VectorIndex) -> None:
        filled.discard("default", ["c0030", "c0031", "none"])
        filled.discard("none", ["c0001"])
        filled.discard("default", [])
        assert filled.ids("default") == {make_chunk(n).id for n in range(100) if n not in (30, 31)}
        assert filled.search(turned(30.2), scope=Scope(), top_k=1)[0][0] == "c0029"

    def test_a_reset_index_takes_vectors_of_another_length(self, filled: VectorIndex) -> None:
        filled.add("other", [make_chunk(500)], [turned(0)])
        filled.reset()
        assert (filled.ids("default"), filled.ids("other")) == (set(), set())
        filled.add("default", [make_chunk(1)], [[1.0, 0.0]])
        assert filled.search([1.0, 0.0], scope=Scope(), top_k=1)[0][0] == "c0001"

    def test_deleting_many_documents_at_once(self, filled: VectorIndex) -> None:
        filled.delete("default", "d003", *(f"none{n}" for n in range(1_500)), "d005")
        filled.delete("default")
        assert filled.ids("default") == {make_chunk(n).id for n in range(100) if n // 10 not in (3, 5)}

    def test_who_owns_the_chunks(self, index: VectorIndex) -> None:
        index.add("default", [make_chunk(1, document="a"), make_chunk(2, document="b")], [turned(1), turned(2)])
        index.add("ünusual / 李", [make_chunk(1, document="c")], [turned(1)])
        assert index.owners("default") == {"c0001": "a", "c0002": "b"}
        assert index.owners("none") == {}
        assert index.collections() == ["default", "ünusual / 李"]

    def test_scopes(self, filled: VectorIndex) -> None:
        filled.add("other", [make_chunk(500)], [turned(0)])
        found = filled.search(turned(0), scope=Scope(document_ids=("d002", "d004", "none")), top_k=11)
        assert [chunk_id for chunk_id, _ in found][:1] == ["c0020"]
        assert [chunk_id for chunk_id, _ in found][9:] == ["c0029", "c0040"]
        assert filled.search(turned(50), scope=Scope("other"), top_k=5)[0][0] == "c0500"
        assert filled.search(turned(0), scope=Scope("none"), top_k=5) == []
        assert filled.search(turned(0), scope=Scope(document_ids=("none",)), top_k=5) == []

    def test_a_scope_of_many_documents(self, filled: VectorIndex) -> None:
        many = ("d002", *(f"none{n}" for n in range(3_000)))
        assert len(filled.search(turned(0), scope=Scope(document_ids=many), top_k=50)) == 10

    def test_only_these_chunks_are_compared(self, filled: VectorIndex) -> None:
        only = tuple(f"c{n:04d}" for n in (90, 35, 4, 70, 41))
        found = filled.search(turned(40), scope=Scope(chunk_ids=(*only, "none")), top_k=4)
        assert [chunk_id for chunk_id, _ in found] == ["c0041", "c0035", "c0070", "c0004"]
        assert [score for _, score in found] == pytest.approx(
            [np.cos(np.radians(each)) for each in (1, 5, 30, 36)], abs=1e-5
        )
        assert filled.search(turned(40), scope=Scope(document_ids=("d001",), chunk_ids=only), top_k=4) == found
        assert filled.search(turned(0), scope=Scope(chunk_ids=()), top_k=9) == []
        assert filled.search(turned(0), scope=Scope("none", chunk_ids=only), top_k=9) == []

    def test_chosen_chunks_are_compared_as_they_are_now(self, filled: VectorIndex) -> None:
        chosen = Scope(chunk_ids=("c0010", "c0020", "c0030", "c0040"))
        assert len(filled.search(turned(0), scope=chosen, top_k=9)) == 4
        filled.add("default", [make_chunk(40)], [turned(1)])
        assert filled.search(turned(0), scope=chosen, top_k=1)[0][0] == "c0040"
        filled.discard("default", ["c0040"])
        filled.delete("default", "d001")
        assert [chunk_id for chunk_id, _ in filled.search(turned(0), scope=chosen, top_k=9)] == ["c0020", "c0030"]
        filled.clear("default")
        assert filled.search(turned(0), scope=chosen, top_k=9) == []

    def test_few_documents_and_many(self, filled: VectorIndex) -> None:
        far = Scope(document_ids=("d009",))
        assert [chunk_id for chunk_id, _ in filled.search(turned(0), scope=far, top_k=2)] == ["c0090", "c0091"]
        most = Scope(document_ids=tuple(f"d{n:03d}" for n in range(1, 10)))
        assert [chunk_id for chunk_id, _ in filled.search(turned(0), scope=most, top_k=2)] == ["c0010", "c0011"]

    def test_equal_scores_of_chosen_chunks_go_to_the_smaller_id(self, index: VectorIndex) -> None:
        index.add("default", [make_chunk(n) for n in (5, 3, 9, 1)], [turned(10)] * 4)
        found = index.search(turned(10), scope=Scope(chunk_ids=("c0009", "c0005", "c0003")), top_k=2)
        assert [chunk_id for chunk_id, _ in found] == ["c0003", "c0005"]

    def test_vectors_of_another_length_are_refused_for_chosen_chunks(self, filled: VectorIndex) -> None:
        with pytest.raises(StoreError):
            filled.search([1.0, 0.0], scope=Scope(chunk_ids=("c0001",)), top_k=1)

    def test_collections_are_cleared_one_by_one(self, filled: VectorIndex) -> None:
        filled.add("a name / with: ünusual 李 signs, and long " * 20, [make_chunk(1)], [turned(0)])
        filled.clear("default")
        filled.clear("none")
        assert filled.ids("default") == set()
        assert filled.search(turned(0), scope=Scope(), top_k=5) == []
        assert filled.ids("a name / with: ünusual 李 signs, and long " * 20) == {"c0001"}

    def test_a_cleared_collection_takes_vectors_of_another_length(self, filled: VectorIndex) -> None:
        filled.clear("default")
        filled.add("default", [make_chunk(1)], [[1.0, 0.0]])
        assert filled.search([1.0, 0.0], scope=Scope(), top_k=1)[0][0] == "c0001"

    def test_vectors_of_another_length_are_refused(self, filled: VectorIndex) -> None:
        with pytest.raises(StoreError):
            filled.add("default", [make_chunk(200)], [[1.0, 0.0]])
        with pytest.raises(StoreError):
            filled.search([1.0, 0.0], scope=Scope(), top_k=1)

    def test_adding_nothing_is_fine(self, index: VectorIndex) -> None:
        index.add("default", [], [])
        assert index.ids("default") == set()

    def test_threads_may_read_while_one_writes(self, filled: VectorIndex) -> None:
        found: list[str] = []

        def read() -> None:
            found.extend(filled.search(turned(0), scope=Scope(), top_k=1)[0][0] for _ in range(20))

        threads = [threading.Thread(target=read) for _ in range(3)]
        for thread in threads:
            thread.start()
        for number in range(100, 120):
            filled.add("default", [make_chunk(number)], [turned(number)])
        for thread in threads:
            thread.join()
        assert found == ["c0000"] * 60
        assert len(filled.ids("default")) == 120
