"""Retry, breaker and deadline round a chat model."""

from __future__ import annotations

import pytest

from basicchat.core.errors import BadReply, CircuitOpen, DeadlineExceeded, ProviderUnavailable
from basicchat.core.types import Delta, GenerationOptions, Message
from basicchat.resilience import BreakerPolicy, CircuitBreaker, ResilientChatModel, RetryPolicy
from basicchat.testing.chat import EchoChatModel, FaultyChatModel, ScriptedChatModel

ASKED = (Message("user", "one two three"),)
OPTIONS = GenerationOptions(window=100)
QUICK = RetryPolicy(attempts=3, first_wait=0.001, jitter=0.0)


def read(model):
    return "".join(delta.text for delta in model.stream(ASKED, options=OPTIONS))


def breaker(failures=3):
    return CircuitBreaker("fake", BreakerPolicy(failures=failures, pause_seconds=60))


@pytest.mark.parametrize("fault", ["refuse", "garbage"])
def test_tried_again_before_the_first_word(fault):
    faulty = FaultyChatModel(fault, times=2)
    model = ResilientChatModel(faulty, retry=QUICK, breaker=breaker())
    assert read(model) == "one two three"
    assert faulty.calls == 3
    assert model.breaker.status().failures == 0


def test_never_tried_again_after_the_first_word():
    faulty = FaultyChatModel("cut", times=1)
    stream = ResilientChatModel(faulty, retry=QUICK, breaker=breaker()).stream(ASKED, options=OPTIONS)
    assert [next(stream).text, next(stream).text] == ["A", " broken"]
    with pytest.raises(ProviderUnavailable):
        next(stream)
    assert faulty.calls == 1


@pytest.mark.parametrize("fault", ["hang", "slow"])
def test_a_model_that_hangs_is_left_at_the_deadline(fault):
    faulty = FaultyChatModel(fault)
    with pytest.raises(DeadlineExceeded):
        read(ResilientChatModel(faulty, deadline_seconds=0.2))
    faulty.release()


def test_silence_to_the_end_counts_against_the_provider():
    faulty = FaultyChatModel("hang")
    model = ResilientChatModel(faulty, breaker=breaker(failures=1), deadline_seconds=0.1)
    with pytest.raises(DeadlineExceeded):
        read(model)
    faulty.release()
    with pytest.raises(CircuitOpen):
        read(model)


def test_a_reply_that_is_only_long_does_not():
    faulty = FaultyChatModel("slow")
    model = ResilientChatModel(faulty, breaker=breaker(failures=1), deadline_seconds=0.2)
    with pytest.raises(DeadlineExceeded):
        read(model)
    faulty.release()
    assert model.breaker.status().state == "closed"


def test_the_error_that_opens_the_circuit_is_told_and_not_tried_again():
    faulty = FaultyChatModel("refuse")
    model = ResilientChatModel(faulty, retry=QUICK, breaker=breaker(failures=2))
    with pytest.raises(ProviderUnavailable):
        read(model)
    assert faulty.calls == 2
    with pytest.raises(CircuitOpen):
        read(model)
    assert faulty.calls == 2


def test_closing_early_closes_the_model_and_counts_as_an_answer():
    echo = EchoChatModel()
    model = ResilientChatModel(echo, breaker=breaker())
    stream = model.stream(ASKED, options=OPTIONS)
    next(stream)
    stream.close()
    assert model.breaker.status().state == "closed"
    assert read(model) == "one two three"


class Unfinished(EchoChatModel):
    def stream(self, messages, *, options, tools=(), schema=None):
        yield Delta(text="half")


def test_a_reply_without_an_end_is_a_bad_reply():
    with pytest.raises(BadReply):
        read(ResilientChatModel(Unfinished(), retry=QUICK))


def test_asks_for_info_and_counts_with_retry():
    model = ResilientChatModel(ScriptedChatModel([]), retry=QUICK)
    assert model.info().name == "scripted"
    assert model.count_tokens(ASKED).tokens == 7
