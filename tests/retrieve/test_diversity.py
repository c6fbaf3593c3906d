from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from basicchat.core.types import Chunk, Hit, Query
from basicchat.retrieve.diversity import LOOKED_AT, repeats_last
from basicchat.testing.contracts.store_values import make_document

LEASE = "The notice period is three months to the end of a quarter, and it has to be given in writing to the landlord."


def hit(name: str, text: str, score: float = 1.0) -> Hit:
    return Hit(Chunk(name, "d", 0, 1, 0, len(text), text), make_document(1), score)


def names(hits: list[Hit]) -> list[str]:
    return [each.chunk.id for each in hits]


def test_the_same_paragraph_of_two_versions_comes_last():
    hits = [hit("new", LEASE), hit("old", LEASE.replace("quarter, and", "quarter;")), hit("other", "Dogs are allowed.")]
    assert names(repeats_last(hits)) == ["new", "other", "old"]


def test_another_number_is_no_repeat():
    hits = [hit("a", f"{LEASE} Rent is 900 euros."), hit("b", f"{LEASE} Rent is 950 euros."), hit("c", "Dogs.")]
    assert names(repeats_last(hits)) == ["a", "b", "c"]


def test_a_passage_within_a_longer_one_is_no_repeat():
    hits = [hit("a", LEASE), hit("b", f"{LEASE} {'Much more is said about the garden and its trees here. ' * 5}")]
    assert names(repeats_last(hits)) == ["a", "b"]


def test_short_texts_repeat_only_themselves():
    hits = [hit("a", "Yes"), hit("b", "No"), hit("c", "Yes"), hit("d", "")]
    assert names(repeats_last(hits)) == ["a", "b", "d", "c"]


@given(st.lists(st.sampled_from(["a b c", "a b d", "x y z w", LEASE, ""]), max_size=60))
def test_none_is_lost_and_the_first_stays(texts):
    hits = [hit(f"{number}", text) for number, text in enumerate(texts)]
    found = repeats_last(hits)
    assert sorted(names(found)) == sorted(names(hits))
    assert found[:1] == hits[:1]
    assert found[LOOKED_AT:] == hits[LOOKED_AT:]


def test_a_library_with_two_versions_of_a_file(shelf):
    shelf.add("new", f"{LEASE}\n\nThe tenant pays for heating.")
    shelf.add("old", f"{LEASE}\n\nThe landlord pays for heating, and so he does for water.")
    shelf.add("letter", "About your notice: the landlord wrote to us in March.")
    found = shelf.retriever().search(Query("notice period landlord", top_k=2)).hits
    assert [each.chunk.text == LEASE for each in found] == [True, False]
    as_before = shelf.retriever(diversity=False).search(Query("notice period landlord", top_k=2)).hits
    assert [each.chunk.text == LEASE for each in as_before] == [True, True]
    assert found[0] == replace(as_before[0])
