"""How a command ends: the numbers that scripts may rely on."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from basicchat.core.errors import BasicChatError


class Exit(IntEnum):
    """Exit codes of every command."""

    DONE = 0
    FAULT = 1
    USER_ERROR = 2
    NOTHING_FOUND = 3
    INTERRUPTED = 130


EXIT_CODES: Mapping[str, Exit] = {
    "internal": Exit.FAULT,
    "invalid": Exit.USER_ERROR,
    "unsupported-document": Exit.USER_ERROR,
    "unreadable-document": Exit.USER_ERROR,
    "password-required": Exit.USER_ERROR,
    "query-too-long": Exit.USER_ERROR,
    "unknown-mode": Exit.USER_ERROR,
    "not-found": Exit.USER_ERROR,
    "conflict": Exit.USER_ERROR,
    "invalid-input": Exit.USER_ERROR,
    "tool-denied": Exit.USER_ERROR,
    "approval-needed": Exit.USER_ERROR,
    "tool-failed": Exit.FAULT,
    "dependency-missing": Exit.FAULT,
    "provider-error": Exit.FAULT,
    "provider-unavailable": Exit.FAULT,
    "provider-timeout": Exit.FAULT,
    "rate-limited": Exit.FAULT,
    "context-overflow": Exit.FAULT,
    "bad-reply": Exit.FAULT,
    "budget-spent": Exit.FAULT,
    "circuit-open": Exit.FAULT,
    "deadline-exceeded": Exit.FAULT,
    "cancelled": Exit.INTERRUPTED,
    "digest-mismatch": Exit.FAULT,
    "fetch-failed": Exit.FAULT,
    "store-error": Exit.FAULT,
    "store-locked": Exit.FAULT,
}
"""Every code of the error tree; a test asserts that none is missing."""


def exit_for(error: BasicChatError) -> Exit:
    """The exit code of an error. An error from a newer program counts as a fault."""
    return EXIT_CODES.get(error.code, Exit.FAULT)
