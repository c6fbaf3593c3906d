"""The circuit breaker."""

from __future__ import annotations

import pytest

from basicchat.core.errors import CircuitOpen, ContextOverflow, NotFound, ProviderUnavailable
from basicchat.resilience import BreakerPolicy, BreakerStatus, CircuitBreaker


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return CircuitBreaker("ollama", BreakerPolicy(failures=2, pause_seconds=10), clock=clock)


def fail(breaker, error=None):
    with pytest.raises(type(error) if error else ProviderUnavailable), breaker.guard():
        raise error or ProviderUnavailable("refused", provider="ollama")


def succeed(breaker):
    with breaker.guard():
        pass


def test_opens_after_failures_in_a_row_and_never_hides_the_error(breaker, clock):
    fail(breaker)
    assert breaker.status() == BreakerStatus("ollama", "closed", 1, 0.0, "refused")
    fail(breaker)
    clock.now = 4.0
    assert breaker.status() == BreakerStatus("ollama", "open", 2, 6.0, "refused")
    with pytest.raises(CircuitOpen, match="refused") as caught, breaker.guard():
        pytest.fail("an open breaker lets nothing through")
    assert caught.value.retry_after == 6.0


def test_a_success_forgets_failures(breaker):
    fail(breaker)
    succeed(breaker)
    fail(breaker)
    assert breaker.status().state == "closed"


def test_after_the_pause_one_trial_decides(breaker, clock):
    fail(breaker)
    fail(breaker)
    clock.now = 10.0
    breaker.admit()
    assert breaker.status().state == "half-open"
    with pytest.raises(CircuitOpen):
        breaker.admit()
    breaker.succeeded()
    assert breaker.status() == BreakerStatus("ollama", "closed", 0, 0.0, "")


def test_a_failed_trial_opens_again(breaker, clock):
    fail(breaker)
    fail(breaker)
    clock.now = 10.0
    fail(breaker)
    assert breaker.status().state == "open"
    assert breaker.status().retry_after == 10.0


def test_a_trial_given_up_lets_the_next_try(breaker, clock):
    fail(breaker)
    fail(breaker)
    clock.now = 10.0
    with pytest.raises(KeyboardInterrupt), breaker.guard():
        raise KeyboardInterrupt
    succeed(breaker)
    assert breaker.status().state == "closed"


@pytest.mark.parametrize("error", [ContextOverflow("long", provider="ollama"), NotFound("no such model")])
def test_errors_of_the_request_do_not_count(breaker, error):
    for _ in range(5):
        fail(breaker, error)
    assert breaker.status().state == "closed"
