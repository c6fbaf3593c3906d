"""One side failing leaves the other; both failing is an error."""

from __future__ import annotations

import pytest

from basicchat.core.errors import StoreError
from basicchat.core.generations import Generation
from basicchat.core.types import Scope
from basicchat.retrieve.search import Found, search_both

from .conftest import Shelf


class BrokenIndex:
    """Every search fails."""

    def search(self, *args: object, **options: object) -> list[tuple[str, float]]:
        raise StoreError("The index is gone.")


def found(shelf: Shelf, *, dense_broken: bool = False, words_broken: bool = False) -> Found:
    return search_both(
        "tower of Paris",
        scope=Scope(),
        depth=5,
        generation=Generation("first", shelf.embedder, BrokenIndex() if dense_broken else shelf.vectors),  # type: ignore[arg-type]
        lexical=BrokenIndex() if words_broken else shelf.lexical,  # type: ignore[arg-type]
    )


def test_both_sides_answer_and_are_timed(towers: Shelf) -> None:
    both = found(towers)
    assert both.dense[0][0] == both.lexical[0][0] == "paris-0"
    assert set(both.seconds) == {"dense", "lexical"}
    assert both.warnings == ()


def test_without_meaning_words_answer_with_a_warning(towers: Shelf) -> None:
    words = found(towers, dense_broken=True)
    assert words.dense == []
    assert words.lexical
    assert "only words were searched" in words.warnings[0]


def test_without_words_meaning_answers_with_a_warning(towers: Shelf) -> None:
    meaning = found(towers, words_broken=True)
    assert meaning.dense
    assert "only meaning was searched" in meaning.warnings[0]


def test_both_failing_raises(towers: Shelf) -> None:
    with pytest.raises(StoreError, match="The index is gone"):
        found(towers, dense_broken=True, words_broken=True)
