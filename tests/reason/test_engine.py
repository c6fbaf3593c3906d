"""Every way to an answer, over fakes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from basicchat.core.errors import InvalidInput, NotFound, UnknownMode
from basicchat.core.events import Failed, Retrieved, Thought, Token, Verified
from basicchat.core.types import Message
from basicchat.reason.engine import AnswerConfig, AnswerEngine, AnswerRequest
from basicchat.reason.rewrite.config import RewriteConfig
from basicchat.testing.chat import EchoChatModel, FaultyChatModel, Script, ScriptedChatModel

QUESTION = "When was the Colosseum finished?"
Make = Callable[..., object]


def test_an_answer_is_streamed_and_cited(asking: Make) -> None:
    here = asking(ScriptedChatModel(["It was finished in 80 AD [1]."]))
    events = here.events(QUESTION)
    assert isinstance(events[0], Retrieved)
    assert events[0].hits[0].document.id == "rome"
    answer = events[-1].answer
    assert answer.text == "It was finished in 80 AD [1]."
    assert (answer.mode, answer.model, answer.abstained, answer.warnings) == ("direct", "scripted", False, ())
    (citation,) = answer.citations
    assert (citation.number, citation.document_id, citation.page) == (1, "rome", 1)
    assert citation.quote == "It was finished in 80 AD."
    assert {"retrieve", "first_token", "total"} <= set(answer.timings)
    assert answer.usage.completion_tokens


def test_every_citation_resolves_to_a_passage_of_the_prompt(asking: Make) -> None:
    answer = asking(ScriptedChatModel(["In 80 AD [1], [7]. It held 50,000 [2][9]."])).answer(QUESTION)
    assert "[7]" not in answer.text
    assert "[9]" not in answer.text
    numbers = {passage.number for passage in answer.passages}
    assert {citation.number for citation in answer.citations} <= numbers


@pytest.mark.parametrize("named", [1, 2])
def test_a_wrong_number_gives_way_to_the_passage_that_says_it(asking: Make, named: int) -> None:
    model = ScriptedChatModel([f"The Colosseum in Rome was finished in 80 AD [{named}]."])
    texts = {
        "guide": "The Colosseum in Rome is open every day. Tickets are sold at the gate.",
        "history": "Work began in 72. The Colosseum was finished in 80 AD, under Titus.",
    }
    answer = asking(model, texts=texts).answer(QUESTION)
    assert len(answer.passages) == 2
    (citation,) = answer.citations
    assert (citation.document_id, citation.quote) == ("history", "The Colosseum was finished in 80 AD, under Titus.")
    assert answer.text.endswith(f"[{citation.number}].")
    assert answer.warnings == ()


def test_sentences_are_checked_and_those_without_support_are_named(asking: Make) -> None:
    events = asking(ScriptedChatModel(["It was finished in 80 AD [1]. It was painted blue in 1755 [1]."])).events(
        QUESTION
    )
    *_, verified, finished = events
    assert verified == Verified(1, 2, ("It was painted blue in 1755.",))
    assert "“It was painted blue in 1755.”" in finished.answer.warnings[-1]


def test_an_answer_without_a_number_gets_the_passage_that_clearly_holds_it(asking: Make) -> None:
    answer = asking(ScriptedChatModel(["It is 330 metres tall."])).answer("How tall is the Eiffel Tower?")
    assert answer.text.endswith(f"[{answer.citations[0].number}]")
    assert answer.citations[0].document_id == "paris"
    assert answer.warnings == ()


def test_an_answer_that_nothing_supports_carries_a_warning(asking: Make) -> None:
    answer = asking(ScriptedChatModel(["Probably seventeen elephants did."])).answer(QUESTION)
    assert answer.citations == ()
    assert "names no source" in answer.warnings[0]


@pytest.mark.parametrize(
    "reply", ["NOT IN PASSAGES", "Not in the passages.", '"NOT IN PASSAGES"', "[1] NOT IN PASSAGES"]
)
def test_a_model_that_declines_makes_the_answer_abstain(asking: Make, reply: str) -> None:
    answer = asking(ScriptedChatModel([reply])).answer(QUESTION)
    assert answer.abstained
    assert answer.text.startswith("I searched 2 documents")
    assert answer.passages
    assert answer.citations == ()


OFF_THE_SUBJECT = ["Which enzyme metabolises warfarin?", "What is the capital of Peru?", "capital of Peru?"]


@pytest.mark.parametrize("question", OFF_THE_SUBJECT)
@pytest.mark.parametrize("mode", ["auto", "direct", "extractive"])
def test_thin_evidence_is_answered_without_asking_the_model(asking: Make, mode: str, question: str) -> None:
    model = ScriptedChatModel([])
    answer = asking(model).answer(question, mode=mode)
    assert answer.abstained
    assert answer.text.startswith("I searched 2 documents, and they do not seem to say.")
    assert answer.citations == ()
    assert model.calls == []


@pytest.mark.parametrize("question", OFF_THE_SUBJECT)
def test_thin_evidence_is_declined_without_a_reranker_too(asking: Make, question: str) -> None:
    answer = asking(ScriptedChatModel([]), reranked=False).answer(question)
    assert answer.abstained
    assert not asking(ScriptedChatModel(["In 80 AD [1]."]), reranked=False).answer(QUESTION).abstained


def test_the_system_prompt_comes_first_and_the_question_last(asking: Make) -> None:
    model = ScriptedChatModel(["In 80 AD [1]."])
    history = (Message("user", "Tell me about Rome"), Message("assistant", "It has a Colosseum [1]."))
    asking(model).answer(QUESTION, history=history)
    (call,) = model.calls
    assert [message.role for message in call.messages] == ["system", *["user", "assistant"] * 2, "user"]
    assert QUESTION in call.messages[-1].content
    assert call.options.window == 8192
    assert call.options.max_tokens == 512


def test_thoughts_are_told_apart_from_the_answer(asking: Make) -> None:
    events = asking(ScriptedChatModel([Script("In 80 AD [1].", thinking="hm")])).events(QUESTION)
    assert [event.text for event in events if isinstance(event, Thought)] == ["hm"]
    assert "hm" not in events[-1].answer.text


def test_without_a_model_the_best_sentences_are_quoted(asking: Make) -> None:
    answer = asking(None).answer(QUESTION)
    assert (answer.mode, answer.model, answer.abstained) == ("extractive", None, False)
    assert "80 AD" in answer.text
    assert answer.citations[0].document_id == "rome"


def test_direct_mode_without_a_model_quotes_and_says_why(asking: Make) -> None:
    answer = asking(None).answer(QUESTION, mode="direct")
    assert answer.mode == "extractive"
    assert "could not be used" in answer.warnings[0]


@pytest.mark.parametrize("fault", ["refuse", "garbage"])
def test_a_model_that_fails_before_a_word_is_replaced_by_quotes(asking: Make, fault: str) -> None:
    answer = asking(FaultyChatModel(fault)).answer(QUESTION)  # type: ignore[arg-type]
    assert answer.mode == "extractive"
    assert "80 AD" in answer.text
    assert "could not be used" in answer.warnings[0]


def test_a_model_that_breaks_off_ends_in_a_failure_and_keeps_what_was_said(asking: Make) -> None:
    events = asking(FaultyChatModel("cut")).events(QUESTION)
    assert "".join(event.text for event in events if isinstance(event, Token)) == "A broken"
    assert isinstance(events[-1], Failed)
    assert events[-1].code == "provider-unavailable"
    assert events[-1].hint
    assert events[-1].retryable


def test_a_model_that_says_nothing_is_replaced_by_quotes(asking: Make) -> None:
    assert asking(ScriptedChatModel([""])).answer(QUESTION).mode == "extractive"


def test_a_deadline_that_is_over_before_a_word_still_gives_quotes_or_a_failure(asking: Make) -> None:
    assert asking(EchoChatModel(), deadline_seconds=0.0).failure(QUESTION).code == "deadline-exceeded"


def test_closing_the_stream_stops_the_model(asking: Make) -> None:
    model = EchoChatModel()
    events = asking(model).engine.stream(AnswerRequest(QUESTION))
    assert any(isinstance(event, Token) for event in (next(events), next(events)))
    events.close()
    assert model.closed == 1


def test_chat_mode_talks_without_documents(asking: Make) -> None:
    answer = asking(ScriptedChatModel(["The list is [1, 2]."]), texts={}).answer("Hello there, make a list")
    assert (answer.mode, answer.text, answer.citations) == ("chat", "The list is [1, 2].", ())


def test_small_talk_is_not_looked_up(asking: Make) -> None:
    events = asking(ScriptedChatModel(["Hello!"])).events("Hi!")
    assert not any(isinstance(event, Retrieved) for event in events)
    assert events[-1].answer.mode == "chat"
    assert asking(None).answer("Thank you!").abstained


def test_with_neither_documents_nor_a_model_the_answer_says_what_to_do(asking: Make) -> None:
    answer = asking(None, texts={}).answer(QUESTION)
    assert answer.abstained
    assert "basicchat ingest" in answer.text


def test_chat_mode_without_a_model_fails_with_a_hint(asking: Make) -> None:
    failure = asking(None).failure("Hello", mode="chat")
    assert failure.code == "dependency-missing"
    assert "models pull" in failure.hint


@pytest.mark.parametrize("mode", ["direct", "extractive"])
def test_an_empty_library_is_said_to_be_empty(asking: Make, mode: str) -> None:
    answer = asking(ScriptedChatModel([]), texts={}).answer(QUESTION, mode=mode)
    assert answer.abstained
    assert answer.text.startswith("There are no documents")


def test_a_follow_up_is_searched_with_what_it_leans_on(asking: Make) -> None:
    history = (Message("user", "How tall is the Eiffel Tower?"), Message("assistant", "330 metres."))
    events = asking(ScriptedChatModel(["Gustave Eiffel [1]."])).events("And who built it?", history=history)
    assert events[0].queries == ("And who built it? Eiffel Tower",)


def test_what_was_searched_with_is_shown(asking: Make) -> None:
    question = "Where does the Colosseum stand, and who built the Eiffel Tower?"
    events = asking(None, rewrite=RewriteConfig(decompose=True)).events(question, mode="extractive")
    assert events[0].queries == (question, "Where does the Colosseum stand?", "who built the Eiffel Tower?")


def test_a_question_is_searched_again_with_words_of_what_it_found(asking: Make) -> None:
    shown = {
        "salt": "Salt forms in pans.\n\nSalt pans dry up.\n\nPans hold salt.\n\nThe harbour opens.\n\nA tower fell."
    }
    events = asking(None, texts=shown, rewrite=RewriteConfig(expand=True)).events("Salt?", mode="extractive")
    assert events[0].queries == ("Salt?", "Salt? Pans")


def test_an_unknown_mode_and_an_empty_question_are_refused_at_once(asking: Make) -> None:
    engine = asking(None).engine
    with pytest.raises(UnknownMode, match="telepathy"):
        engine.stream(AnswerRequest(QUESTION, mode="telepathy"))
    with pytest.raises(InvalidInput, match="empty"):
        engine.stream(AnswerRequest("  "))


def test_a_model_that_does_not_exist_fails_with_its_name(asking: Make) -> None:
    def models(name: str | None) -> None:
        raise NotFound(f"There is no model {name!r}.")

    engine = AnswerEngine(retriever=asking(None).retriever, models=models, config=AnswerConfig())
    (failed,) = engine.stream(AnswerRequest(QUESTION, model="gone"))
    assert isinstance(failed, Failed)
    assert failed.code == "not-found"


def test_a_question_longer_than_the_window_is_refused(asking: Make) -> None:
    question = f"{QUESTION} " + "Colosseum Rome finished " * 400
    failure = asking(ScriptedChatModel([], window=1024)).failure(question, mode="direct")
    assert failure.code == "query-too-long"
    assert failure.hint


def test_a_reply_cut_off_by_its_limit_says_so(asking: Make) -> None:
    answer = asking(ScriptedChatModel(["In 80 AD [1] " + "and on " * 40]), max_tokens=64).answer(QUESTION)
    assert any("cut off" in warning for warning in answer.warnings)


def test_a_repair_asks_the_model_once_more_and_keeps_what_is_supported(asking: Make) -> None:
    model = ScriptedChatModel(["It was finished in 80 AD [1]. It was painted blue in 1755 [1].", "A: DROP"])
    here = asking(model)
    answer = here.answer(QUESTION)
    better = here.engine.repair(AnswerRequest(QUESTION), answer)
    assert better.text == "It was finished in 80 AD [1]."
    assert (better.warnings, better.citations) == ((), answer.citations)
    assert len(model.calls) == 2
