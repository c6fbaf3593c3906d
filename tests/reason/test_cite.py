"""Citation numbers: none that does not resolve survives, however the reply is cut into pieces."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.reason.cite import CITATION, CitationFilter, cited

PASSAGES = 3
WRITTEN = re.compile(r"\[\s*\d+(?:\s*[,;–-]\s*\d+)*\s*\]")  # noqa: RUF001

pieces = st.sampled_from(
    ["[", "]", "[1]", "[9]", "[1, 2]", "[1-3]", "[2", "9]", "1", ",", "-", " ", "  ", "\n", "word", ".", "[Passage 2]",
     "[passages 1 and 7]", "[0]", "[[", "]]", "[^3]", "[see 4]"]
)  # fmt: skip
with_code = st.one_of(pieces, st.sampled_from(["`", "``", "```", "````", "x[0]", "```\nx[9]\n```", "`y[9]`"]))


def filtered(*parts: str) -> tuple[str, CitationFilter]:
    citations = CitationFilter(PASSAGES)
    return "".join(citations.feed(part) for part in parts) + citations.close(), citations


@pytest.mark.parametrize(
    ("reply", "shown", "numbers"),
    [
        ("Yes [1].", "Yes [1].", [1]),
        ("Yes [2, 1] and [3].", "Yes [2][1] and [3].", [2, 1, 3]),
        ("Yes [1][2]", "Yes [1][2]", [1, 2]),
        ("All [1-3].", "All [1][2][3].", [1, 2, 3]),
        ("Some [2-9].", "Some [2][3].", [2, 3]),
        ("No [9].", "No.", []),
        ("No [9] [8] at all.", "No at all.", []),
        ("One of [1, 9].", "One of [1].", [1]),
        ("By word [Passage 2], [passages 1 and 3].", "By word [2], [1][3].", [2, 1, 3]),
        ("A link [see 4] stays", "A link [see 4] stays", []),
        ("[[9]9] nested [[9]1]", " nested [1]", [1]),
        ("Unfinished [1", "Unfinished [1", []),
        ("In 2019 [2019] the", "In 2019 the", []),
    ],
)
def test_what_resolves_stays_and_what_does_not_goes(reply: str, shown: str, numbers: list[int]) -> None:
    text, citations = filtered(reply)
    assert text == shown
    assert citations.numbers == numbers


@pytest.mark.parametrize(
    "code", ["Use `x[9]` here", "```python\nx[9] = y[0]\n```\n", "````\n```\nx[9]\n````", "``a`[9]``"]
)
def test_code_is_left_alone(code: str) -> None:
    assert filtered(code)[0] == code


def test_after_code_numbers_are_citations_again() -> None:
    assert filtered("```\nx[9]\n```\nSo [9] it is [2].")[0] == "```\nx[9]\n```\nSo it is [2]."


def test_a_backtick_that_nothing_closes_protects_nothing() -> None:
    assert filtered("it`s 5 [9]\nand [1]")[0] == "it`s 5\nand [1]"


def test_text_without_brackets_is_never_held_back() -> None:
    citations = CitationFilter(PASSAGES)
    assert citations.feed("Revenue was 5") == "Revenue was 5"
    assert citations.feed(" [1") == ""
    assert citations.feed("] in") == " [1] in"


def test_a_bracket_that_cannot_be_a_citation_is_let_go_at_once() -> None:
    assert CitationFilter(PASSAGES).feed("see [b") == "see [b"


@given(st.lists(with_code))
def test_any_cutting_gives_the_same(parts: list[str]) -> None:
    whole = "".join(parts)
    assert filtered(*parts)[0] == filtered(whole)[0] == filtered(*whole)[0]


@given(st.lists(pieces))
def test_no_unresolved_number_survives(parts: list[str]) -> None:
    text, citations = filtered(*parts)
    shown = [number for found in WRITTEN.findall(text) for number in cited(found, 10**6)]
    assert set(shown) <= set(range(1, PASSAGES + 1))
    assert {int(number) for number in CITATION.findall(text)} == set(citations.numbers)


@given(st.text())
def test_any_text_passes_without_error_and_nothing_is_added(text: str) -> None:
    shown, _ = filtered(text)
    assert len(shown) <= len(text) + 2 * text.count("[") * PASSAGES


@given(st.text(alphabet=st.characters(exclude_characters="[`")))
def test_text_without_brackets_is_unchanged(text: str) -> None:
    assert filtered(text)[0] == text
