"""A follow-up repeats the prompt before it word for word, so that a server reads only what is new."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from basicchat.core.types import Answer, Chunk, Hit, Message, Passage
from basicchat.reason.continuing import conversation
from basicchat.testing.chat import ScriptedChatModel

from .conftest import DOCUMENT, Asking, passage

FIRST = "Where does the Colosseum stand?"
REPLY = "The Colosseum stands in Rome [1]."


def talk(*turns: tuple[str, str, tuple[Passage, ...]]) -> tuple[Message, ...]:
    return tuple(
        message
        for question, reply, passages in turns
        for message in (Message("user", question), Message("assistant", reply, passages=passages))
    )


def answered(asking: Asking, question: str, history: tuple[Message, ...] = ()) -> Answer:
    return asking.answer(question, mode="direct", history=history)


def hit(name: str, words: int = 10) -> Hit:
    text = "word " * words
    return Hit(Chunk(name, "d", 0, 1, 0, len(text), text), DOCUMENT, 1.0, {})


def count(text: str) -> int:
    return len(text.split())


def test_a_follow_up_begins_as_the_prompt_before_it_up_to_its_last_passage() -> None:
    model = ScriptedChatModel([REPLY, "It held 50,000 spectators [2]."])
    asking = Asking(model)
    first = answered(asking, FIRST)
    history = talk((FIRST, first.text, first.passages))
    second = answered(asking, "How many spectators did the Colosseum hold?", history)
    before, after = (call.messages for call in model.calls)
    assert after[:-1] == before[:-1]
    shown = before[-1].content.partition("Question: ")[0]
    assert "<passage" in shown
    assert after[-1].content.startswith(shown)
    assert second.passages[: len(first.passages)] == first.passages
    assert [each.number for each in second.passages] == list(range(1, len(second.passages) + 1))


def test_passages_that_were_shown_are_not_shown_again() -> None:
    model = ScriptedChatModel([REPLY, REPLY])
    asking = Asking(model)
    first = answered(asking, FIRST)
    second = answered(asking, FIRST, talk((FIRST, first.text, first.passages)))
    assert second.passages == first.passages
    assert model.calls[1].messages == model.calls[0].messages


def test_a_question_that_leans_on_the_last_one_has_it_before_it() -> None:
    model = ScriptedChatModel([REPLY, "It was finished in 80 AD [1]."])
    asking = Asking(model)
    first = answered(asking, FIRST)
    answered(asking, "And when was it finished?", talk((FIRST, first.text, first.passages)))
    asked = model.calls[1].messages[-1].content
    assert asked.index("</passage>") < asked.index(FIRST) < asked.index(REPLY) < asked.index("And when")


def test_without_a_length_for_it_everything_is_read_anew() -> None:
    model = ScriptedChatModel([REPLY, REPLY])
    asking = Asking(model, conversation_tokens=0)
    first = answered(asking, FIRST)
    answered(asking, FIRST, talk((FIRST, first.text, first.passages)))
    assert Message("assistant", REPLY) in model.calls[1].messages


def test_a_conversation_that_grew_too_long_begins_anew() -> None:
    model = ScriptedChatModel([REPLY, REPLY])
    asking = Asking(model, conversation_tokens=50)
    first = answered(asking, FIRST)
    answered(asking, FIRST, talk((FIRST, first.text, first.passages)))
    assert Message("assistant", REPLY) in model.calls[1].messages


def test_citations_of_a_follow_up_lead_to_passages_shown_before() -> None:
    asking = Asking(ScriptedChatModel([REPLY, "It was finished in 80 AD [1]."]))
    first = answered(asking, FIRST)
    second = answered(asking, "When was the Colosseum finished?", talk((FIRST, first.text, first.passages)))
    assert [citation.number for citation in second.citations] == [1]
    assert "80 AD" in second.citations[0].quote


def test_the_last_turn_with_passages_is_gone_on_from() -> None:
    one, two, other = passage(1, "one"), passage(2, "two", start=10), passage(1, "other", start=90)
    assert not conversation(talk(("a", "b", ()))).passages
    assert conversation(talk(("a", "b", (one,)), ("c", "d", (one, two)))).passages == (one, two)
    quiet = conversation(talk(("a", "b", (one,)), ("c", "d", ())))
    assert (quiet.passages, quiet.last) == ((one,), ("c", "d"))
    assert conversation(talk(("a", "b", (one, two)), ("c", "d", (other,)))).passages == (other,)


def test_hits_that_were_shown_take_their_share_of_the_budget() -> None:
    before = conversation(talk(("a", "b", (passage(1, "one"),))))
    fresh, budget = before.split([hit("c1"), hit("new"), hit("late", 30)], budget=25, count=count)
    assert ([each.chunk.id for each in fresh], budget) == (["new"], 15)
    assert before.numbered([passage(1, "x")])[0].number == 2
    long, whole = before.split([hit("new", 99), hit("second")], budget=25, count=count)
    assert ([each.chunk.id for each in long], whole) == (["new"], 25)


@given(shown=st.sets(st.integers(0, 7)), sizes=st.lists(st.integers(1, 40), min_size=8, max_size=8))
def test_what_is_left_is_never_below_nothing_nor_above_the_budget(shown: set[int], sizes: list[int]) -> None:
    passages = tuple(
        Passage(place, DOCUMENT, 1, 0, 1, "x", (f"h{number}",), 1.0) for place, number in enumerate(sorted(shown), 1)
    )
    before = conversation(talk(("a", "b", passages)))
    fresh, budget = before.split([hit(f"h{n}", size) for n, size in enumerate(sizes)], budget=60, count=count)
    assert 0 <= budget <= 60
    assert {int(each.chunk.id[1:]) for each in fresh}.isdisjoint(shown)
