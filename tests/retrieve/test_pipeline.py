"""The way from a question to passages."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from basicchat.core.errors import ProviderUnavailable
from basicchat.core.types import Hit, Query, Scope

from .conftest import Shelf


def words(text: str) -> int:
    return len(text.split())


def test_hits_come_with_document_and_scores_of_every_ranking(towers: Shelf) -> None:
    retrieval = towers.retriever().search(Query("How tall is the Eiffel Tower?", top_k=2))
    best = retrieval.hits[0]
    assert best.chunk.id == "paris-0"
    assert best.document.id == "paris"
    assert set(best.scores) == {"fused", "dense", "lexical", "rerank"}
    assert len(retrieval.hits) == 2
    assert {"dense", "lexical", "search", "load", "rerank", "total"} <= set(retrieval.timings)
    assert retrieval.queries == ("How tall is the Eiffel Tower?",)


def test_the_same_question_gives_the_same_hits(towers: Shelf) -> None:
    first = towers.retriever().search(Query("Where is the Colosseum?"))
    assert first.hits == towers.retriever().search(Query("Where is the Colosseum?")).hits


def test_chunks_that_the_store_no_longer_has_are_left_out(towers: Shelf) -> None:
    with towers.store.begin() as unit:
        unit.documents.remove("paris")
    hits = towers.retriever().search(Query("Eiffel Tower")).hits
    assert {hit.document.id for hit in hits} == {"rome"}


def test_the_scope_is_kept(towers: Shelf) -> None:
    towers.add("secret", "The Eiffel Tower of another collection.", collection="other")
    retriever = towers.retriever()
    assert {hit.document.id for hit in retriever.search(Query("Eiffel Tower")).hits} == {"paris", "rome"}
    only = retriever.search(Query("Eiffel Tower", Scope(document_ids=("rome",))))
    assert {hit.document.id for hit in only.hits} == {"rome"}


def test_a_reranker_that_fails_leaves_the_first_order_and_a_warning(towers: Shelf) -> None:
    class BrokenReranker:
        name = "broken"

        def score(self, *args: object, **options: object) -> list[float]:
            raise ProviderUnavailable("It is gone.", provider="none")

    towers.reranker = BrokenReranker()  # type: ignore[assignment]
    retrieval = towers.retriever().search(Query("Eiffel Tower"))
    assert retrieval.hits
    assert "not reranked" in retrieval.warnings[0]


def test_without_a_reranker_there_is_no_second_opinion(towers: Shelf) -> None:
    towers.reranker = None  # type: ignore[assignment]
    retriever = towers.retriever()
    assert "rerank" not in retriever.search(Query("Eiffel Tower")).hits[0].scores
    assert retriever.score("Eiffel Tower", ["text"], seconds=1.0) == []


@pytest.mark.parametrize(("fusion", "missing"), [("meaning", "lexical"), ("words", "dense")])
def test_one_ranking_alone_gives_only_what_it_found(towers: Shelf, fusion: str, missing: str) -> None:
    towers.add("bare", "Nothing at all of that.")
    hits = towers.retriever(fusion=fusion, rerank_top=0, link_lift=0.0).search(Query("Eiffel Tower")).hits
    kept = {"meaning": "dense", "words": "lexical"}[fusion]
    assert [hit.score for hit in hits] == [hit.scores[kept] for hit in hits]
    assert any(missing in hit.scores for hit in hits) or missing == "lexical"


def test_ranks_alone_can_join_too(towers: Shelf) -> None:
    hits = towers.retriever(fusion="ranks", rerank_top=0, link_lift=0.0).search(Query("Eiffel Tower")).hits
    assert hits[0].document.id == "paris"
    assert hits[0].score == pytest.approx(2 / 61)


def test_an_english_reranker_is_not_asked_in_another_language(towers: Shelf) -> None:
    german = Query("Wie hoch ist der Eiffel Tower?")
    assert "rerank" not in towers.retriever().search(german).hits[0].scores
    assert "rerank" in towers.retriever(english=()).search(german).hits[0].scores
    assert towers.retriever().score(german.text, ["Der Turm"], seconds=1.0) == []
    assert len(towers.retriever(english=()).score(german.text, ["Der Turm"], seconds=1.0)) == 1


def test_what_the_best_hit_names_comes_before_what_is_merely_like_the_question(towers: Shelf) -> None:
    for number in range(6):
        towers.add(f"Town {number}", f"Somebody was born in town {number}.")
    towers.add("Gustave Eiffel", "An engineer of bridges, 1832 to 1923, born in Dijon.")
    question = Query("When was the one born who built it for the fair of 1889?", top_k=50)
    without = towers.retriever(link_lift=0.0, rerank_top=0).search(question).hits
    linked = towers.retriever(link_lift=1.0, rerank_top=0, sufficient=2.0).search(question).hits

    def place(hits: Sequence[Hit]) -> int:
        return [hit.document.id for hit in hits].index("Gustave Eiffel")

    assert {hit.chunk.id for hit in linked} == {hit.chunk.id for hit in without}
    assert linked[0].chunk.id == without[0].chunk.id
    assert place(linked) < place(without)


def test_passages_take_in_what_stands_beside_the_best_hits(towers: Shelf) -> None:
    retriever = towers.retriever(widen=1)
    hits = retriever.search(Query("How tall is the Eiffel Tower?", top_k=1)).hits
    (passage,) = retriever.passages(hits, budget=100, count=words)
    assert passage.number == 1
    assert passage.text.startswith("The Eiffel Tower stands")
    assert "Gustave Eiffel" in passage.text


def test_without_room_nothing_is_taken_in(towers: Shelf) -> None:
    retriever = towers.retriever()
    hits = retriever.search(Query("How tall is the Eiffel Tower?", top_k=1)).hits
    (passage,) = retriever.passages(hits, budget=12, count=words)
    assert "Gustave Eiffel" not in passage.text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(budget=st.integers(0, 80), top_k=st.integers(1, 6))
def test_passages_never_go_over_the_budget(towers: Shelf, budget: int, top_k: int) -> None:
    retriever = towers.retriever()
    hits = retriever.search(Query("tower spectators Tiber Gustave", top_k=top_k)).hits
    passages = retriever.passages(hits, budget=budget, count=words)
    assert sum(words(passage.text) for passage in passages) <= budget


def test_documents_of_a_scope_are_counted(towers: Shelf) -> None:
    retriever = towers.retriever()
    assert retriever.document_count(Scope()) == 2
    assert retriever.document_count(Scope(collection="none")) == 0
    assert retriever.document_count(Scope(document_ids=("rome", "gone"))) == 1


def test_words_count_in_full_only_beside_an_embedder_that_knows_no_other_language(towers: Shelf) -> None:
    german = Query("Wer hat den Turm von Eiffel in Paris für welche Ausstellung gebaut?")

    def lead(**config: object) -> float:
        first, second = towers.retriever(rerank_top=0, link_lift=0.0, **config).search(german).hits[:2]
        return first.score - second.score

    assert lead(english=("hashing",)) > lead(english=("another",))
