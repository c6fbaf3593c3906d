"""Numbers are checked against the passages before they are shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.core.types import Passage
from basicchat.reason.attribute import citations
from basicchat.reason.cite import CITATION
from basicchat.reason.generate import Reply
from basicchat.reason.support import Grounds, content

from .conftest import passage

HOME = [
    passage(1, "BasicChat answers questions about your documents. It keeps quiet about everything else.", start=10),
    passage(2, "Install it with pip. Python 3.11 or newer is needed.", start=200),
    passage(
        3, "There is no database server. Everything BasicChat keeps is in one folder of your home directory.", page=2
    ),
]
WHERE = "Where does BasicChat keep its documents?"
SALES = [
    passage(1, "Sales rose to 4,200 units in 2019. Ada Byron called it a good year."),
    passage(2, "Sales fell to 3,900 units in 2020. Mary Somerville called it a bad year."),
]
RIVERS = [passage(1, "长江是中国最长的河流。"), passage(2, "泰山是中国的名山。")]


def shown(reply: str, passages: list[Passage], question: str) -> str:
    grounds = Grounds(passages, question=question)
    written = Reply(len(passages), settle=grounds.settle)
    return "".join(written.feed(letter) for letter in reply) + written.close()


@pytest.mark.parametrize("named", [1, 2, 3])
def test_the_number_of_the_passage_that_says_it_takes_the_place_of_a_wrong_one(named: int) -> None:
    reply = f"BasicChat keeps its documents in one folder in your home directory [{named}]"
    text = shown(reply, HOME, WHERE)
    assert text.endswith("home directory [3]")
    (citation,) = citations(text, HOME, question=WHERE)
    assert citation.quote == "Everything BasicChat keeps is in one folder of your home directory."
    assert (citation.page, HOME[2].text[citation.start : citation.end]) == (2, citation.quote)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("In 2020, 3,900 units were sold [1].", "In 2020, 3,900 units were sold [2]."),
        ("Ada Byron was pleased [2].", "Ada Byron was pleased [1]."),
        ("It was 4,200 in 2019 [2] and 3,900 in 2020 [1].", "It was 4,200 in 2019 [1] and 3,900 in 2020 [2]."),
        ("It rose to 4,200 units. [2] It fell to 3,900. [1]", "It rose to 4,200 units. [1] It fell to 3,900. [2]"),
        ("Sales rose to 4,200 units in 2019 [1][2].", "Sales rose to 4,200 units in 2019 [1]."),
        ("It was 4,200 in 2019, then 3,900 in 2020 [1, 2].", "It was 4,200 in 2019, then 3,900 in 2020 [1][2]."),
        ("Sales changed [1].", "Sales changed [1]."),
        ("Seventeen elephants danced [1].", "Seventeen elephants danced."),
        ("According to [2], it is so.", "According to [2], it is so."),
        ("Чёрный кот спит [2].", "Чёрный кот спит [2]."),
    ],
)  # fmt: skip
def test_numbers_are_mended_kept_or_dropped_by_what_supports_the_claim(reply: str, expected: str) -> None:
    assert shown(reply, SALES, "How did sales go?") == expected


def test_writing_without_blanks_is_compared_too() -> None:
    assert content("长江是") == ["长江", "江是"]
    assert shown("中国最长的河流是长江 [2]", RIVERS, "最长的河流?") == "中国最长的河流是长江 [1]"


def test_a_passage_cited_twice_is_quoted_where_it_supports_best() -> None:
    text = "It went somehow [1]. A good year, said Ada Byron [1]."
    (citation,) = citations(text, SALES, question="How was 2019?")
    assert citation.quote == "Ada Byron called it a good year."


def test_a_number_at_the_end_stands_for_the_sentences_before_it_too() -> None:
    text = "It went well. Ada Byron called 2019 a good year. So much for that. [1]"
    (citation,) = citations(text, SALES, question="How was 2019?")
    assert citation.quote == "Ada Byron called it a good year."
    (other,) = citations("Ada Byron was glad [2]. Sales rose in 2019 [1].", SALES[:1], question="How was 2019?")
    assert other.quote == "Sales rose to 4,200 units in 2019."


def test_an_answer_without_numbers_is_traced_sentence_by_sentence() -> None:
    grounds = Grounds(SALES, question="How were sales?")
    assert grounds.sources("Sales fell to 3,900 units. In 2019 they rose to 4,200.") == (1, 2)
    assert grounds.sources("Sales fell to 3,900 units. Elephants danced all night.") == ()


words = st.sampled_from(["Sales", "rose", "4,200", "2019", "Ada Byron", "fell", "elephants", "It", "in", "", "`x[1]`"])
marks = st.sampled_from(["[1]", "[2]", "[9]", "[1, 2]", "[1-3]", "[2][1]", ".", ". ", "\n", "```\n", " [", "]", "- "])
replies = st.lists(st.one_of(words, marks, st.just(" ")), max_size=30)


@given(replies)
def test_any_cutting_of_a_reply_gives_the_same(parts: list[str]) -> None:
    grounds = Grounds(SALES, question="How were sales?")
    pieces, letters = Reply(2, settle=grounds.settle), Reply(2, settle=grounds.settle)
    by_piece = "".join(pieces.feed(part) for part in parts) + pieces.close()
    by_letter = "".join(letters.feed(letter) for letter in "".join(parts)) + letters.close()
    assert by_piece == by_letter == pieces.text == letters.text


@given(replies)
def test_every_number_shown_resolves_and_is_quoted_from_its_passage(parts: list[str]) -> None:
    grounds = Grounds(HOME, question=WHERE)
    reply = Reply(3, settle=grounds.settle)
    text = reply.feed("".join(parts)) + reply.close()
    assert set(reply.citations.numbers) <= {1, 2, 3}
    for citation in citations(text, HOME, question=WHERE):
        source = HOME[citation.number - 1]
        assert citation.quote == source.text[citation.start - source.start : citation.end - source.start]
    assert set(grounds.sources(text)) <= {1, 2, 3}


@given(st.text(), st.text(), st.lists(st.integers(1, 3)))
def test_settling_any_text_gives_numbers_of_passages_each_once(text: str, question: str, named: list[int]) -> None:
    settled = Grounds(HOME, question=question).settle(text, named)
    assert set(settled) <= {1, 2, 3}
    assert len(settled) == len(set(settled))


def test_text_is_held_back_from_a_bracket_on_only() -> None:
    reply = Reply(2, settle=Grounds(SALES, question="How were sales?").settle)
    assert reply.feed("Sales fell to 3,900 units") == "Sales fell to 3,900 units"
    assert reply.feed(" [1") == ""
    assert reply.feed("]") == " [2]"
    assert CITATION.findall(reply.text) == ["2"]
