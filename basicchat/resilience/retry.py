"""Trying again, as a value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from basicchat.core.errors import BasicChatError
from basicchat.resilience.deadline import Deadline

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often to try, and how long to wait in between.

    The wait is ``first_wait * 2**n`` seconds plus up to ``jitter`` at random, at most ``longest_wait``.
    Only errors that call themselves retryable are tried again.
    """

    attempts: int = 3
    first_wait: float = 0.2
    longest_wait: float = 5.0
    jitter: float = 0.2

    def run(
        self,
        call: Callable[[], T],
        *,
        deadline: Deadline | None = None,
        again: Callable[[BaseException], bool] | None = None,
    ) -> T:
        """The result of ``call``, or its last error. Never waits past the deadline.

        ``again`` says whether an error is worth another try; by default, whether it is retryable.
        """
        limit = deadline or Deadline()
        retrying = Retrying(
            stop=stop_after_attempt(self.attempts),
            wait=wait_exponential_jitter(multiplier=self.first_wait, max=self.longest_wait, jitter=self.jitter),
            retry=retry_if_exception(again or is_retryable),
            sleep=limit.sleep,
            reraise=True,
        )
        return retrying(call)


def is_retryable(error: BaseException) -> bool:
    """Whether trying again may help."""
    return isinstance(error, BasicChatError) and error.retryable


NO_RETRY = RetryPolicy(attempts=1)
