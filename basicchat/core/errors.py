"""Every error this program raises on purpose.

    BasicChatError                      code, retryable, what happened, what to do next
    ├─ UserError                        the caller can mend it
    │  ├─ UnsupportedDocument           no reader for this kind of file
    │  ├─ UnreadableDocument            the file is damaged or empty
    │  ├─ PasswordRequired              the file is encrypted
    │  ├─ QueryTooLong                  the question alone does not fit the model's window
    │  ├─ UnknownMode                   no such way of answering
    │  ├─ NotFound                      no such document, conversation, model
    │  ├─ Conflict                      somebody else holds what is asked for
    │  ├─ InvalidInput                  an argument or a setting does not make sense
    │  └─ ToolDenied                    a tool was refused permission
    │     └─ ApprovalNeeded             a person has to allow it first
    ├─ DependencyMissing                an optional package or a model file is absent; names the command that brings it
    ├─ ProviderError                    a model server went wrong: provider, model
    │  ├─ ProviderUnavailable           it does not answer
    │  ├─ ProviderTimeout               it answers too slowly
    │  ├─ RateLimited                   it asks to slow down
    │  ├─ ContextOverflow               the prompt is longer than its window
    │  └─ BadReply                      it answered something that cannot be understood
    ├─ ToolFailed                       a tool broke, by a fault of its own
    ├─ BudgetSpent                      a way of several steps used up what it may use
    ├─ CircuitOpen                      it failed too often lately; not asked again before a pause
    ├─ DeadlineExceeded                 the time allowed is over
    ├─ Cancelled                        somebody stopped it
    ├─ DigestMismatch                   a fetched file is not the file that was wanted
    ├─ FetchFailed                      a download did not succeed
    └─ StoreError                       the library's own files cannot be read or written
       └─ StoreLocked                   another process owns the library

Adapters translate foreign errors with ``raise ... from``. Nothing is swallowed.
"""

from __future__ import annotations

from typing import ClassVar


class BasicChatError(Exception):
    """Says what happened (``str(error)``) and what to do next (``hint``). ``code`` is stable and documented."""

    code: ClassVar[str] = "internal"
    retryable: ClassVar[bool] = False
    default_hint: ClassVar[str] = "Run `basicchat doctor` and look at the log."

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint or self.default_hint


class UserError(BasicChatError):
    """The caller can mend it."""

    code = "invalid"
    default_hint = "Change the request and try again."


class UnsupportedDocument(UserError):
    """No reader for this kind of file."""

    code = "unsupported-document"
    default_hint = "Save it in its own program as PDF, text or another common format, and add that."


class UnreadableDocument(UserError):
    """The file is damaged or holds nothing that can be read."""

    code = "unreadable-document"
    default_hint = "Open the file in its own program, save it again and add that copy."


class PasswordRequired(UnreadableDocument):
    """The file is encrypted and the password is missing or wrong."""

    code = "password-required"
    default_hint = "Drop it on the Library page, which asks for its password, or add a copy without one."


class QueryTooLong(UserError):
    """The question alone does not fit the model's window."""

    code = "query-too-long"
    default_hint = "Shorten the question, or add the long text as a document and ask about it."


class UnknownMode(UserError):
    """No such way of answering."""

    code = "unknown-mode"


class NotFound(UserError):
    """There is no such document, conversation or model."""

    code = "not-found"


class Conflict(UserError):
    """Somebody else holds what is asked for."""

    code = "conflict"


class InvalidInput(UserError):
    """An argument or a setting does not make sense."""

    code = "invalid-input"


class ToolDenied(UserError):
    """A tool was refused permission."""

    code = "tool-denied"


class ApprovalNeeded(ToolDenied):
    """A tool may only run once a person has allowed it."""

    code = "approval-needed"


class DependencyMissing(BasicChatError):
    """An optional package or a model file is absent. ``hint`` names the command that brings it."""

    code = "dependency-missing"

    def __init__(self, what: str, *, extra: str = "", hint: str = "") -> None:
        line = f'Install it with: pip install "basicchat[{extra}]"' if extra else ""
        super().__init__(f"{what} is not installed.", hint=hint or line)


class ProviderError(BasicChatError):
    """A model server went wrong."""

    code = "provider-error"
    default_hint = "Open Status to see which model server is in use, then try again."

    def __init__(self, message: str, *, provider: str, model: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.provider = provider
        self.model = model


class ProviderUnavailable(ProviderError):
    """The model server does not answer."""

    code = "provider-unavailable"
    retryable = True


class ProviderTimeout(ProviderError):
    """The model server answers too slowly."""

    code = "provider-timeout"
    retryable = True


class RateLimited(ProviderError):
    """The model server asks to slow down."""

    code = "rate-limited"
    retryable = True


class ContextOverflow(ProviderError):
    """The prompt is longer than the model's window."""

    code = "context-overflow"
    default_hint = "Shorten the question or start a new chat."


class BadReply(ProviderError):
    """The model server answered something that cannot be understood."""

    code = "bad-reply"
    retryable = True


class ToolFailed(BasicChatError):
    """A tool broke, by a fault of its own."""

    code = "tool-failed"
    default_hint = "Mend the tool, or turn it off with `basicchat tools disable`."


class CircuitOpen(BasicChatError):
    """It failed too often lately and is not asked again before a pause. ``retry_after`` is in seconds."""

    code = "circuit-open"
    default_hint = "Wait a little; it is tried again by itself."

    def __init__(self, message: str, *, retry_after: float = 0.0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class BudgetSpent(BasicChatError):
    """A way of several steps used up the steps, tokens, seconds or calls that it may use."""

    code = "budget-spent"
    default_hint = "Ask in a simpler mode, or raise answer.max_steps, answer.step_tokens or answer.step_seconds."


class DeadlineExceeded(BasicChatError):
    """The time allowed is over."""

    code = "deadline-exceeded"
    default_hint = "Try again, or allow more time in Settings."


class Cancelled(BasicChatError):
    """Somebody stopped it."""

    code = "cancelled"
    default_hint = "Start it again whenever you like."


class DigestMismatch(BasicChatError):
    """A fetched file is not the file that was wanted; it has been deleted."""

    code = "digest-mismatch"
    default_hint = "Try again later, or put a file you trust in place yourself: see the how-to on models."


class FetchFailed(BasicChatError):
    """A download did not succeed. What arrived is kept and continued next time."""

    code = "fetch-failed"
    retryable = True
    default_hint = "Check the network and run the same command again; it continues where it stopped."


class StoreError(BasicChatError):
    """The library's own files cannot be read or written."""

    code = "store-error"
    default_hint = "Run `basicchat doctor --repair`."


class StoreLocked(StoreError):
    """Another process owns the library."""

    code = "store-locked"
    default_hint = "Close the other BasicChat, or use another BASICCHAT_HOME."


def all_errors() -> dict[str, type[BasicChatError]]:
    """Every error class of the tree by its code; a class without a code of its own is not listed."""
    found: dict[str, type[BasicChatError]] = {}
    waiting: list[type[BasicChatError]] = [BasicChatError]
    while waiting:
        kind = waiting.pop()
        if "code" in vars(kind):
            found[kind.code] = kind
        waiting.extend(kind.__subclasses__())
    return found


def error_from(code: str, message: str, hint: str) -> BasicChatError:
    """The error that a code stands for, as if it had been raised here; `BasicChatError` for an unknown code."""
    kind = all_errors().get(code, BasicChatError)
    error = kind.__new__(kind, message)
    BasicChatError.__init__(error, message, hint=hint)
    for name, value in {"provider": "", "model": "", "retry_after": 0.0}.items():
        if not hasattr(error, name):
            setattr(error, name, value)
    return error
