"""Documents that the best hits name, or that name them."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from basicchat.core.types import Chunk, Document, Hit
from basicchat.retrieve.links import follow_links

QUESTION = "In which year was the director of Harbour Lights born?"


def hit(title: str, text: str, score: float) -> Hit:
    document = Document(title, "default", f"{title}.txt", title, "text/plain", title, 1, 1, 0.0)
    return Hit(Chunk(title, title, 0, 1, 0, len(text), text), document, score)


def order(hits: Sequence[Hit]) -> list[str]:
    return [each.document.title for each in hits]


def follow(hits: Sequence[Hit], *, lift: float = 1.0, sufficient: float = 0.9) -> list[str]:
    return order(follow_links(QUESTION, hits, lift=lift, sufficient=sufficient))


FILM = hit("Harbour Lights", "Harbour Lights is a film directed by Maren Holt.", 1.0)
OTHER = hit("Orla", "Orla is a town with a harbour.", 0.9)
THIRD = hit("Lighthouses", "Lighthouses stand at the coast.", 0.8)
PERSON = hit("Maren Holt", "Maren Holt (born 1931) made films.", 0.5)


def test_what_the_best_hit_names_comes_next() -> None:
    assert follow([FILM, OTHER, THIRD, PERSON]) == ["Harbour Lights", "Maren Holt", "Orla", "Lighthouses"]


def test_what_names_the_best_hit_comes_next_too() -> None:
    review = hit("A review", "I saw Harbour Lights last week.", 0.5)
    assert follow([FILM, OTHER, THIRD, review])[1] == "A review"


def test_the_first_stays_the_first() -> None:
    assert follow([FILM, OTHER, PERSON], lift=50.0)[0] == "Harbour Lights"


def test_brackets_behind_a_title_are_not_part_of_the_name() -> None:
    person = hit("Maren Holt (director)", "Born in 1931.", 0.5)
    assert follow([FILM, OTHER, THIRD, person])[1] == "Maren Holt (director)"


def test_a_name_is_a_whole_word_as_it_is_written() -> None:
    for title in ("Mare", "film", "directed", "Hol"):
        assert follow([FILM, OTHER, THIRD, hit(title, "text", 0.5)])[-1] == title


def test_nothing_is_lifted_where_one_hit_says_it_all() -> None:
    whole = hit("Harbour Lights", "The director of Harbour Lights, Maren Holt, was born in the year 1931.", 1.0)
    assert follow([whole, OTHER, THIRD, PERSON]) == ["Harbour Lights", "Orla", "Lighthouses", "Maren Holt"]


def test_nothing_is_lifted_within_one_document() -> None:
    pages = [Hit(Chunk(f"c{n}", "d", n, 1, 0, 4, "Orla"), OTHER.document, 1.0 - n / 10) for n in range(4)]
    assert follow_links(QUESTION, pages, lift=1.0, sufficient=0.9) == pages


names = st.lists(st.sampled_from(["Orla", "Maren Holt", "Bay", "Coast Road"]), unique=True, max_size=4)


@given(names, st.lists(st.sampled_from(["Orla and Maren Holt", "Coast Road", "Bay"]), min_size=4, max_size=4))
def test_every_hit_comes_out_once_best_first(titles: list[str], texts: list[str]) -> None:
    hits = [hit(title, texts[n], 1.0 - n / 10) for n, title in enumerate(titles)]
    lifted = follow_links("What?", hits, lift=0.3, sufficient=2.0)
    assert sorted(order(lifted)) == sorted(order(hits))
    assert order(lifted)[:1] == order(hits)[:1]
    assert [each.score for each in lifted] == sorted((each.score for each in lifted), reverse=True)
