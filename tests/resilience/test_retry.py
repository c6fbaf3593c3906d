"""Trying again."""

from __future__ import annotations

import pytest

from basicchat.core.errors import BadReply, ContextOverflow, DeadlineExceeded, ProviderUnavailable
from basicchat.resilience import NO_RETRY, Deadline, RetryPolicy

QUICK = RetryPolicy(attempts=3, first_wait=0.001, jitter=0.0)


class Flaky:
    def __init__(self, *errors):
        self.errors = list(errors)
        self.calls = 0

    def __call__(self):
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def down():
    return ProviderUnavailable("down", provider="x")


def test_retryable_errors_are_tried_again():
    call = Flaky(down(), BadReply("odd", provider="x"))
    assert QUICK.run(call) == "done"
    assert call.calls == 3


def test_the_last_error_comes_through():
    with pytest.raises(ProviderUnavailable, match="down"):
        QUICK.run(Flaky(*[down() for _ in range(3)]))


@pytest.mark.parametrize("error", [ContextOverflow("long", provider="x"), LookupError("bug")])
def test_other_errors_are_not(error):
    call = Flaky(error)
    with pytest.raises(type(error)):
        QUICK.run(call)
    assert call.calls == 1


def test_no_retry():
    call = Flaky(down())
    with pytest.raises(ProviderUnavailable):
        NO_RETRY.run(call)
    assert call.calls == 1


def test_never_waits_past_the_deadline():
    call = Flaky(down(), down())
    with pytest.raises(DeadlineExceeded):
        RetryPolicy(first_wait=1000.0, longest_wait=1000.0).run(call, deadline=Deadline.after(10))
    assert call.calls == 1
