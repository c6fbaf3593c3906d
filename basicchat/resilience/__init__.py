"""Policies against failure, as values that wrap any seam: retry, circuit breaker, deadline, fallback."""

from basicchat.resilience.breaker import BreakerPolicy, BreakerStatus, CircuitBreaker
from basicchat.resilience.chat import ResilientChatModel
from basicchat.resilience.context import context_mismatch
from basicchat.resilience.deadline import Abortable, Deadline, StreamGuard
from basicchat.resilience.fallback import Candidate, FallbackChatModel, FallbackStream, Skipped
from basicchat.resilience.retry import NO_RETRY, RetryPolicy
from basicchat.resilience.search import FallbackSearch

__all__ = [
    "NO_RETRY",
    "Abortable",
    "BreakerPolicy",
    "BreakerStatus",
    "Candidate",
    "CircuitBreaker",
    "Deadline",
    "FallbackChatModel",
    "FallbackSearch",
    "FallbackStream",
    "ResilientChatModel",
    "RetryPolicy",
    "Skipped",
    "StreamGuard",
    "context_mismatch",
]
