from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from basicchat.adapters.vectors.rows import Row, Rows, nearest


class Shelf:
    """Gives out a vector for every id but "none", and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.value = 1.0

    def fetch(self, chunk_ids: Sequence[str]) -> Mapping[str, Row]:
        self.asked.append(list(chunk_ids))
        return {each: np.full(2, self.value, np.float32) for each in chunk_ids if each != "none"}


def test_a_vector_is_fetched_once():
    rows, shelf = Rows(), Shelf()
    assert list(rows.of("c", ["a", "b", "a", "none"], shelf.fetch)) == ["a", "b"]
    assert set(rows.of("c", ["b", "x"], shelf.fetch)) == {"b", "x"}
    assert set(rows.of("other", ["a"], shelf.fetch)) == {"a"}
    assert rows.of("c", ["a"], shelf.fetch).keys() == {"a"}
    assert shelf.asked == [["a", "b", "none"], ["x"], ["a"]]


def test_what_changed_is_fetched_again():
    rows, shelf = Rows(), Shelf()
    rows.of("c", ["a", "b"], shelf.fetch)
    rows.of("d", ["a"], shelf.fetch)
    rows.forget("c", ["a", "none"])
    shelf.value = 2.0
    found = rows.of("c", ["a", "b"], shelf.fetch)
    assert (found["a"][0], found["b"][0]) == (2.0, 1.0)
    rows.forget("c")
    assert rows.of("c", ["b"], shelf.fetch)["b"][0] == 2.0
    assert rows.of("d", ["a"], shelf.fetch)["a"][0] == 1.0
    rows.clear()
    assert rows.of("d", ["a"], shelf.fetch)["a"][0] == 2.0


def test_what_was_fetched_before_a_change_is_not_kept():
    rows, shelf = Rows(), Shelf()

    def changed_meanwhile(chunk_ids: Sequence[str]) -> Mapping[str, Row]:
        found = shelf.fetch(chunk_ids)
        rows.forget("c", ["a"])
        return found

    rows.of("c", ["a"], changed_meanwhile)
    rows.of("c", ["a"], shelf.fetch)
    assert shelf.asked == [["a"], ["a"]]


def test_only_so_many_are_held():
    rows, shelf = Rows(size=2), Shelf()
    rows.of("c", ["a", "b"], shelf.fetch)
    rows.of("c", ["a"], shelf.fetch)
    rows.of("c", ["x"], shelf.fetch)
    rows.of("c", ["a", "x", "b"], shelf.fetch)
    assert shelf.asked == [["a", "b"], ["x"], ["b"]]


def test_nearest():
    found = nearest([1.0, 0.0], {"b": np.float32([2, 0]), "a": np.float32([1, 0]), "z": np.float32([0, 0])})
    assert found == [("a", 1.0), ("b", 1.0), ("z", 0.0)]
    assert nearest([1.0], {}) == []
    with pytest.raises(ValueError, match="dimension"):
        nearest([1.0], {"a": np.float32([1, 0])})
