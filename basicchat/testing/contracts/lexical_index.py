"""What every full-text index promises."""

from __future__ import annotations

import threading

import pytest

from basicchat.core.protocols import LexicalIndex
from basicchat.core.types import Chunk, Scope

TEXTS = (
    "The gearbox oil must be changed every two years.",
    "Invoices are paid within thirty days of receipt.",
    "The warranty covers the gearbox and the clutch.",
    "Penguins live in Antarctica and eat krill.",
)


def make_chunk(number: int, text: str, *, document: str = "", heading: tuple[str, ...] = ()) -> Chunk:
    """A chunk named by its number; ten chunks a document unless told otherwise."""
    return Chunk(f"c{number:03d}", document or f"d{number // 10}", number % 10, 1, 0, len(text), text, heading)


class LexicalIndexContract:
    """Override `index` with a fixture that gives an empty index."""

    @pytest.fixture
    def index(self) -> LexicalIndex:
        raise NotImplementedError

    @pytest.fixture
    def filled(self, index: LexicalIndex) -> LexicalIndex:
        index.add("default", [make_chunk(n, text) for n, text in enumerate(TEXTS)])
        return index

    def test_the_passage_that_says_most_comes_first(self, filled: LexicalIndex) -> None:
        found = filled.search("What does the gearbox warranty cover?", scope=Scope(), top_k=10)
        assert [chunk_id for chunk_id, _ in found] == ["c002", "c000"]
        assert found[0][1] > found[1][1] > 0

    def test_at_most_top_k(self, filled: LexicalIndex) -> None:
        assert len(filled.search("gearbox", scope=Scope(), top_k=1)) == 1
        assert filled.search("gearbox", scope=Scope(), top_k=0) == []

    def test_ties_go_to_the_smaller_id(self, index: LexicalIndex) -> None:
        index.add("default", [make_chunk(n, "the same words here") for n in (3, 1, 2)])
        assert [chunk_id for chunk_id, _ in index.search("words", scope=Scope(), top_k=2)] == ["c001", "c002"]

    def test_nothing_in_common_finds_nothing(self, filled: LexicalIndex) -> None:
        assert filled.search("zebra", scope=Scope(), top_k=10) == []

    def test_a_question_of_common_words_alone_is_still_searched(self, filled: LexicalIndex) -> None:
        assert filled.search("the", scope=Scope(), top_k=10)

    def test_case_and_punctuation_do_not_matter(self, filled: LexicalIndex) -> None:
        assert filled.search("GEARBOX, clutch!?", scope=Scope(), top_k=1)[0][0] == "c002"

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "   ",
            "?!",
            '"',
            "'; DROP TABLE passages; --",
            "a AND",
            "NEAR(",
            "text:*",
            "^",
            "-",
            "(",
            "\0",
            "\ud800",
            "*",
        ],
    )
    def test_any_text_is_safe(self, filled: LexicalIndex, text: str) -> None:
        assert isinstance(filled.search(text, scope=Scope(), top_k=5), list)

    def test_headings_are_searched_and_count_less_than_text(self, index: LexicalIndex) -> None:
        index.add(
            "default",
            [
                make_chunk(1, "About krill.", heading=("Penguins",)),
                make_chunk(2, "Penguins."),
                make_chunk(3, "Nothing."),
            ],
        )
        assert {chunk_id for chunk_id, _ in index.search("penguins", scope=Scope(), top_k=5)} == {"c001", "c002"}

    def test_adding_again_replaces(self, filled: LexicalIndex) -> None:
        filled.add("default", [make_chunk(0, "Zebras have stripes.")])
        assert [chunk_id for chunk_id, _ in filled.search("gearbox", scope=Scope(), top_k=5)] == ["c002"]
        assert [chunk_id for chunk_id, _ in filled.search("zebras", scope=Scope(), top_k=5)] == ["c000"]
        assert len(filled.ids("default")) == len(TEXTS)

    def test_deleting_a_document(self, index: LexicalIndex) -> None:
        index.add("default", [make_chunk(1, "gearbox", document="a"), make_chunk(2, "gearbox", document="b")])
        index.delete("default", "a")
        index.delete("default", "none")
        assert index.ids("default") == {"c002"}
        assert [chunk_id for chunk_id, _ in index.search("gearbox", scope=Scope(), top_k=5)] == ["c002"]

    def test_deleting_many_documents_at_once(self, index: LexicalIndex) -> None:
        index.add("default", [make_chunk(n, "gearbox", document=f"d{n}") for n in range(5)])
        index.delete("default", "d1", *(f"none{n}" for n in range(1_500)), "d3")
        index.delete("default")
        assert index.ids("default") == {"c000", "c002", "c004"}

    def test_discarding_chunks(self, index: LexicalIndex) -> None:
        index.add("default", [make_chunk(n, "gearbox", document="d1") for n in range(5)])
        index.add("other", [make_chunk(1, "gearbox", document="d1")])
        index.discard("default", ["c001", "c003", "none"])
        index.discard("default", [])
        index.discard("none", ["c001"])
        assert index.ids("default") == {"c000", "c002", "c004"}
        assert index.ids("other") == {"c001"}
        assert len(index.search("gearbox", scope=Scope(), top_k=9)) == 3

    def test_who_owns_the_chunks(self, index: LexicalIndex) -> None:
        index.add("default", [make_chunk(1, "gearbox", document="a"), make_chunk(2, "gearbox", document="b")])
        index.add("ünusual / 李", [make_chunk(1, "gearbox", document="c")])
        assert index.owners("default") == {"c001": "a", "c002": "b"}
        assert index.owners("none") == {}
        assert index.collections() == ["default", "ünusual / 李"]

    def test_scopes(self, index: LexicalIndex) -> None:
        index.add("default", [make_chunk(n, "gearbox", document=f"d{n}") for n in range(5)])
        index.add("other", [make_chunk(9, "gearbox", document="d9")])
        found = index.search("gearbox", scope=Scope(document_ids=("d1", "d3", "d9")), top_k=5)
        assert [chunk_id for chunk_id, _ in found] == ["c001", "c003"]
        assert [chunk_id for chunk_id, _ in index.search("gearbox", scope=Scope("other"), top_k=5)] == ["c009"]
        assert index.search("gearbox", scope=Scope("none"), top_k=5) == []

    def test_only_these_chunks_are_searched_and_score_as_ever(self, index: LexicalIndex) -> None:
        index.add("default", [make_chunk(n, "gearbox " * (1 + n % 7) + "oil " * (n % 3)) for n in range(40)])
        everywhere = index.search("gearbox oil", scope=Scope(), top_k=40)
        only = tuple(f"c{n:03d}" for n in range(0, 40, 3))
        found = index.search("gearbox oil", scope=Scope(chunk_ids=(*only, "none")), top_k=5)
        assert found == [pair for pair in everywhere if pair[0] in only][:5]
        assert (
            index.search("gearbox oil", scope=Scope(document_ids=("d1",), chunk_ids=(*only, "none")), top_k=5) == found
        )
        assert index.search("gearbox", scope=Scope(chunk_ids=()), top_k=5) == []
        assert index.search("gearbox", scope=Scope("none", chunk_ids=only), top_k=5) == []

    def test_collections_are_cleared_one_by_one(self, index: LexicalIndex) -> None:
        index.add("default", [make_chunk(1, "gearbox")])
        index.add("other", [make_chunk(1, "gearbox")])
        index.clear("default")
        index.clear("none")
        assert index.ids("default") == set()
        assert index.ids("other") == {"c001"}

    def test_a_reset_forgets_everything(self, filled: LexicalIndex) -> None:
        filled.reset()
        assert (filled.collections(), filled.ids("default")) == ([], set())
        filled.add("default", [make_chunk(1, "gearbox")])
        assert filled.ids("default") == {"c001"}

    def test_adding_nothing_is_fine(self, index: LexicalIndex) -> None:
        index.add("default", [])
        assert index.ids("default") == set()

    def test_threads_may_read_while_one_writes(self, index: LexicalIndex) -> None:
        failures: list[BaseException] = []

        def read() -> None:
            try:
                for _ in range(20):
                    index.search("gearbox oil", scope=Scope(), top_k=5)
            except BaseException as error:
                failures.append(error)
                raise

        threads = [threading.Thread(target=read) for _ in range(3)]
        for thread in threads:
            thread.start()
        for number in range(20):
            index.add("default", [make_chunk(number, f"gearbox oil {number}")])
        for thread in threads:
            thread.join()
        assert failures == []
        assert len(index.ids("default")) == 20
