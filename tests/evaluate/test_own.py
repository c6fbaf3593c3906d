"""Questions made from passages."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from basicchat.core.types import Chunk
from basicchat.evaluate.cases import Question
from basicchat.evaluate.own import KINDS, LEAST, STRETCH, WORDS, make_questions, two_halves

FERRY = "The ferry to Oban leaves at seven in the morning from the northern pier. It is a boat."
BREAD = "It is good. The rye loaf wants twelve patient hours of rising near the warm oven."


def chunk(number: int, text: str) -> Chunk:
    return Chunk(f"c{number}", f"d{number}", 0, 1, 0, len(text), text)


def test_the_rarest_words_of_the_sentence_that_tells_most() -> None:
    made = make_questions([chunk(1, FERRY), chunk(2, BREAD)], 10, collection="c")
    asked = {question.id: question for question in made.questions}
    assert set(asked) == {"c1", "c2"}
    assert asked["c2"].gold == ("c2",)
    assert (asked["c2"].group, asked["c2"].collection) == ("d2", "c")
    words = asked["c2"].text.split()
    assert set(words) <= set(BREAD.lower().replace(".", "").split())
    assert not {"the", "it", "is"} & set(words)


def test_near_duplicates_are_not_asked_about() -> None:
    made = make_questions([chunk(1, FERRY), chunk(2, f"{FERRY} Truly."), chunk(3, BREAD)], 10, collection="c")
    assert [question.id for question in made.questions] == ["c3"]
    assert (made.passages, made.left_out) == (3, 2)


def test_what_says_little_makes_no_question() -> None:
    made = make_questions([chunk(1, "It is so."), chunk(2, BREAD)], 10, collection="c")
    assert [question.id for question in made.questions] == ["c2"]
    assert made.thin == 1
    assert make_questions([], 10, collection="c").questions == ()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=80), max_size=8), st.integers(1, 5))
def test_any_passages(texts: list[str], count: int) -> None:
    chunks = [chunk(number, text) for number, text in enumerate(texts)]
    made = make_questions(chunks, count, collection="c")
    assert len(made.questions) <= min(count, len(chunks))
    assert all(LEAST <= len(question.text.split()) <= WORDS for question in made.questions)
    assert make_questions(chunks, count, collection="c") == made


def test_documents_and_kinds_take_turns() -> None:
    chunks = [chunk(number, f"{BREAD} Number {number} tells of aspect{number} and topic{number}.") for number in (1, 2)]
    long = [
        Chunk(f"l{number}", "long", number, 1, 0, 9, " ".join(f"w{number}x{each}" for each in range(8)) + ".")
        for number in range(9)
    ]
    made = make_questions([*long, *chunks], 8, collection="c", kinds=KINDS)
    assert Counter(made.kinds.values())["words"] == 2
    assert set(made.kinds) == {question.id for question in made.questions}
    assert "long" in {question.group for question in made.questions[:3]}


def test_documents_that_say_too_little_are_named() -> None:
    made = make_questions([chunk(1, "It is so."), chunk(2, BREAD)], 10, collection="c")
    assert made.barren == ("d1",)


def test_no_document_is_in_both_halves() -> None:
    questions = [Question(f"{d}-{n}", "q", group=f"d{d}") for d in range(6) for n in range(3)]
    first, second = two_halves(questions, [])
    assert not {question.group for question in first} & {question.group for question in second}
    assert len(first) + len(second) == len(questions)


def test_one_long_document_is_split_by_stretches() -> None:
    chunks = [Chunk(f"c{number}", "d", number, 1, 0, 1, "x") for number in range(100)]
    questions = [Question(each.id, "q", group="d") for each in chunks]
    first, second = two_halves(questions, chunks)
    stretches = [{int(each.id[1:]) // STRETCH for each in half} for half in (first, second)]
    assert not stretches[0] & stretches[1]
    assert len(first) + len(second) == 100
    assert min(len(first), len(second)) >= 40


def test_halves_have_nearly_as_many_questions() -> None:
    questions = [
        Question(f"{d}-{n}", "q", group=f"d{d}") for d, size in enumerate((30, 20, 9, 5, 3, 1)) for n in range(size)
    ]
    first, second = two_halves(questions, [])
    assert abs(len(first) - len(second)) <= 2
