"""Searching and reading the library."""

from __future__ import annotations

import pytest

from basicchat.core.errors import InvalidInput, NotFound
from basicchat.core.tools import Sources
from basicchat.testing.tools import MemoryDocuments, toolkit
from tools.reader import numbers

LIBRARY = MemoryDocuments(
    {
        "Ferry guide": ["The ferry leaves at seven.", "Dogs travel free.", "Bikes cost three pounds."],
        "Bread": ["Rye bread needs twelve hours."],
    }
)


@pytest.fixture
def kit():
    return toolkit(documents=LIBRARY)


def test_hits_come_with_their_places(run, kit) -> None:
    (part,) = run("documents", kit, query="when does the ferry leave").parts
    assert isinstance(part, Sources)
    best = part.sources[0]
    assert (best.title, best.page, best.quote) == ("Ferry guide", 1, "The ferry leaves at seven.")
    assert best.document_id


def test_nothing_found_is_said(say, kit) -> None:
    assert say("documents", kit, query="submarine") == "Nothing was found."
    with pytest.raises(InvalidInput):
        say("documents", kit, query=" ")


def test_a_whole_document_and_some_pages(say, kit) -> None:
    whole = say("reader", kit, document="Ferry guide")
    assert whole.index("seven") < whole.index("free") < whole.index("pounds")
    some = say("reader", kit, document="ferry", pages="2-")
    assert "seven" not in some
    assert "--- Ferry guide, page 3 ---\nBikes cost" in some


@pytest.mark.parametrize("name", ["Fery guide", "e", ""])
def test_a_document_that_is_not_meant_clearly_is_told_with_others(say, kit, name: str) -> None:
    with pytest.raises(NotFound) as caught:
        say("reader", kit, document=name)
    assert "Ferry guide" in caught.value.hint


@pytest.mark.parametrize(
    ("pages", "meant"),
    [("", [1, 2, 3, 4, 5]), ("3", [3]), ("2-4", [2, 3, 4]), ("5,1-2", [5, 1, 2]), ("4-", [4, 5]), ("4-99", [4, 5])],
)
def test_pages(pages: str, meant: list[int]) -> None:
    assert list(numbers(pages, 5)) == meant


@pytest.mark.parametrize("pages", ["0", "6", "4-2", "a", "-3", "1;2", "1-2-3"])
def test_pages_that_make_no_sense(pages: str) -> None:
    with pytest.raises(InvalidInput):
        list(numbers(pages, 5))
