"""Every sentence of an answer is checked against the passages that it cites."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.core.grounding import CheckedSentence, unsupported, unsupported_remark
from basicchat.core.types import Passage
from basicchat.reason.support import Grounds
from basicchat.reason.verify import check

from .conftest import passage

SALES = [
    passage(1, "Sales rose to 4,200 units in 2019. Ada Byron called it a good year.", start=40, page=3),
    passage(2, "Sales fell to 3,900 units in 2020. Mary Somerville called it a bad year."),
]
MONEY = [passage(1, "The company had revenue of $1,200,000 in 2021. It was not profitable. Five people work there.")]


def checked(text: str, passages: list[Passage], question: str = "How were sales?") -> tuple[CheckedSentence, ...]:
    return check(text, Grounds(passages, question=question))


def test_every_sentence_is_checked_and_those_without_support_are_listed() -> None:
    text = (
        "Sales rose to 4,200 units in 2019 [1]. Sales rose to 4,300 units in 2019 [1].\n- Elephants danced all night."
    )
    found = checked(text, SALES)
    assert [each.verdict for each in found] == ["supported", "unsupported", "unsupported"]
    assert [each.doubt for each in found] == ["", "figures", "words"]
    doubted = unsupported(text, found)
    assert doubted == ("Sales rose to 4,300 units in 2019.", "Elephants danced all night.")
    assert unsupported_remark(doubted).startswith("2 sentences have no support in the passages cited: “Sales rose")
    assert unsupported_remark(()) == ""


def test_a_sentence_knows_its_place_and_the_sentence_that_bears_it_out() -> None:
    text = "So it is. Ada Byron called 2019 a good year [1]."
    *_, found = checked(text, SALES)
    assert text[found.start : found.end] == "Ada Byron called 2019 a good year [1]."
    assert (found.numbers, found.passage) == ((1,), 1)
    start = SALES[0].start
    assert SALES[0].text[found.page_start - start : found.page_end - start] == "Ada Byron called it a good year."


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Sales fell to 3,900 units [2].", "supported"),
        ("Sales fell to 3,900 units [1].", "unsupported"),
        ("Sales fell to 3,900 units.", "supported"),
        ("Sales fell to 4,200 units in 2019 [1].", "weak"),
        ("Чёрный кот спит [2].", "weak"),
    ],
)
def test_a_sentence_is_checked_against_the_passages_that_it_cites(text: str, verdict: str) -> None:
    (found,) = checked(text, SALES)
    assert found.verdict == verdict


@pytest.mark.parametrize(
    ("text", "verdict", "doubt"),
    [
        ("The company had revenue of $1.2 million in 2021 [1].", "supported", ""),
        ("The company had revenue of $1.3 million in 2021 [1].", "unsupported", "figures"),
        ("The company had revenue of $1,200,000 in 2022 [1].", "unsupported", "figures"),
        ("The company was profitable [1].", "weak", "denial"),
        ("5 people work there [1].", "supported", ""),
        ("5 million people work there [1].", "unsupported", "figures"),
    ],
)
def test_numbers_scales_and_denials_must_agree(text: str, verdict: str, doubt: str) -> None:
    (found,) = checked(text, MONEY, question="How is the company?")
    assert (found.verdict, found.doubt) == (verdict, doubt)


def test_the_reranker_is_asked_about_the_nearest_sentences() -> None:
    asked = []

    def score(claim: str, texts: object) -> list[float]:
        asked.append((claim, list(texts)))  # type: ignore[call-overload]
        return [8.0]

    check("Ada Byron liked it [1].", Grounds(SALES, question="How were sales?"), score=score)
    ((claim, texts),) = asked
    assert claim == "Ada Byron liked it."
    assert texts[0] == "Ada Byron called it a good year."
    assert not any("Somerville" in text for text in texts)


words = st.sampled_from(
    ["Sales", "rose", "4,200", "2019", "Ada Byron", "not", "4 million", "5%", "It", ". ", ".", "\n"]
)
marks = st.sampled_from(["[1]", "[2]", "[9]", "[2][1]", "```\n", " [", "]", "- ", " "])


@given(st.lists(st.one_of(words, marks)).map("".join), st.floats(-12, 12))
def test_any_answer_is_checked_within_its_text_and_its_passages(text: str, logit: float) -> None:
    found = check(text, Grounds(SALES, question=""), score=lambda claim, texts: [logit])
    place = 0
    for each in found:
        assert place <= each.start < each.end <= len(text)
        assert 0 <= each.score <= 1
        assert set(each.numbers) <= {1, 2}
        if each.passage is not None:
            source = SALES[each.passage - 1]
            assert source.start <= each.page_start < each.page_end <= source.end
        place = each.end
