"""The next one answers."""

from __future__ import annotations

import pytest

from basicchat.core.errors import ContextOverflow, ProviderUnavailable
from basicchat.core.types import GenerationOptions, Message
from basicchat.resilience import Candidate, FallbackChatModel, Skipped
from basicchat.testing.chat import EchoChatModel, FakeModelServer, FaultyChatModel, ScriptedChatModel

ASKED = (Message("user", "one two"),)
OPTIONS = GenerationOptions(window=100)


def model(*candidates):
    return FallbackChatModel([Candidate(str(number), one) for number, one in enumerate(candidates)])


def test_the_first_that_can_answers_and_the_others_are_explained():
    stream = model(FaultyChatModel("refuse"), FaultyChatModel("garbage"), EchoChatModel()).stream(
        ASKED, options=OPTIONS
    )
    assert "".join(delta.text for delta in stream) == "one two"
    assert stream.answered == "2"
    assert stream.skipped == (
        Skipped("0", "provider-unavailable", "The fake server does not answer."),
        Skipped("1", "bad-reply", "The fake server answered nonsense."),
    )


def test_nobody_takes_over_in_mid_reply():
    stream = model(FaultyChatModel("cut"), EchoChatModel()).stream(ASKED, options=OPTIONS)
    assert next(stream).text == "A"
    with pytest.raises(ProviderUnavailable):
        list(stream)
    assert stream.answered == "0"


def test_an_error_of_the_request_is_everybodys():
    stream = model(ScriptedChatModel([ContextOverflow("long", provider="x")]), EchoChatModel()).stream(
        ASKED, options=OPTIONS
    )
    with pytest.raises(ContextOverflow):
        next(stream)


def test_nobody_can():
    with pytest.raises(ProviderUnavailable, match="fake server"):
        list(model(FaultyChatModel("refuse")).stream(ASKED, options=OPTIONS))
    with pytest.raises(ProviderUnavailable, match="no chat model"):
        list(model().stream(ASKED, options=OPTIONS))


def test_info_and_counts_of_the_first_that_can_tell():
    gone = FakeModelServer([EchoChatModel("gone")])
    gone.available = False
    both = model(gone.chat_model("gone"), EchoChatModel())
    assert both.info().name == "echo"
    assert both.count_tokens(ASKED).tokens == 6
