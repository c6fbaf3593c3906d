"""A circuit breaker: what failed too often lately is left alone for a while."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Literal, NoReturn

import pybreaker

from basicchat.core.errors import BasicChatError, CircuitOpen, ContextOverflow, ProviderError

State = Literal["closed", "open", "half-open"]


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """Opens after ``failures`` in a row; after ``pause_seconds`` one trial call decides whether it closes."""

    failures: int = 3
    pause_seconds: float = 20.0


@dataclass(frozen=True, slots=True)
class BreakerStatus:
    """A breaker as a status page shows it. ``retry_after``: seconds until it is tried again, 0 when it may be now."""

    name: str
    state: State
    failures: int
    retry_after: float
    last_error: str


class CircuitBreaker:
    """Guards one provider. Calls run side by side; only the bookkeeping is locked."""

    def __init__(
        self, name: str, policy: BreakerPolicy | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.name = name
        self.policy = policy or BreakerPolicy()
        self._clock = clock
        self._lock = Lock()
        # pybreaker holds a lock through every call it guards, which would line up long streams one after the other,
        # and its pause follows the wall clock. So it is only told the outcomes, and asked for its verdict.
        self._verdict = pybreaker.CircuitBreaker(fail_max=self.policy.failures, throw_new_error_on_trip=False)
        self._opened_at = 0.0
        self._trial = False
        self._last_error = ""

    def status(self) -> BreakerStatus:
        """How it stands now."""
        with self._lock:
            wait = self._wait() if self._verdict.current_state == pybreaker.STATE_OPEN else 0.0
            return BreakerStatus(self.name, self._state(), self._verdict.fail_counter, wait, self._last_error)

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Run one call under the breaker. Raises `CircuitOpen` instead of running it while it is open.

        The call's own error always comes through, also when it is the one that opens the circuit.
        """
        self.admit()
        try:
            yield
        except BasicChatError as error:
            self.failed(error) if is_outage(error) else self.succeeded()
            raise
        except BaseException:
            self.abandoned()
            raise
        self.succeeded()

    def admit(self) -> None:
        """Ask to make a call. Raises `CircuitOpen`. Whoever was admitted must say how it went."""
        with self._lock:
            state = self._verdict.current_state
            if state == pybreaker.STATE_CLOSED:
                return
            wait = self._wait()
            if (state == pybreaker.STATE_OPEN and wait > 0) or self._trial:
                raise CircuitOpen(
                    f"{self.name} failed too often lately ({self._last_error or 'no answer'}).", retry_after=wait
                )
            self._verdict.half_open()
            self._trial = True

    def succeeded(self) -> None:
        """The provider answered."""
        with self._lock:
            self._trial = False
            if self._verdict.current_state != pybreaker.STATE_OPEN:
                self._verdict.call(lambda: None)
                self._last_error = ""

    def failed(self, error: BasicChatError) -> None:
        """The provider did not answer, or not sensibly."""
        with self._lock:
            self._trial = False
            self._last_error = str(error)
            if self._verdict.current_state == pybreaker.STATE_OPEN:
                return
            try:
                self._verdict.call(_raise, error)
            except BasicChatError:
                if self._verdict.current_state == pybreaker.STATE_OPEN:
                    self._opened_at = self._clock()

    def abandoned(self) -> None:
        """The caller gave up before anything could be learnt."""
        with self._lock:
            self._trial = False

    def _state(self) -> State:
        names: dict[str, State] = {pybreaker.STATE_CLOSED: "closed", pybreaker.STATE_OPEN: "open"}
        return names.get(self._verdict.current_state, "half-open")

    def _wait(self) -> float:
        return max(0.0, self._opened_at + self.policy.pause_seconds - self._clock())


def is_outage(error: BasicChatError) -> bool:
    """Whether an error speaks against the provider, not against the request."""
    return isinstance(error, ProviderError) and not isinstance(error, ContextOverflow)


def _raise(error: BasicChatError) -> NoReturn:
    raise error
