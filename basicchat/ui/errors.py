"""Every error of the program in the words of the page. The table is total; a test asserts it."""

from __future__ import annotations

from dataclasses import dataclass

from basicchat.core import errors
from basicchat.core.events import Failed


@dataclass(frozen=True, slots=True)
class Notice:
    """What to tell the reader: a title, what happened, what to do next, and a code that can be copied."""

    title: str
    message: str
    hint: str
    code: str
    retryable: bool = False


TITLES: dict[type[errors.BasicChatError], str] = {
    errors.BasicChatError: "Something went wrong",
    errors.UserError: "That did not work",
    errors.UnsupportedDocument: "This kind of file cannot be read",
    errors.UnreadableDocument: "This file cannot be read",
    errors.PasswordRequired: "This file is locked with a password",
    errors.QueryTooLong: "The question is too long",
    errors.UnknownMode: "There is no such way of answering",
    errors.NotFound: "It is not here any more",
    errors.Conflict: "Somebody else is using it",
    errors.InvalidInput: "That does not make sense yet",
    errors.ToolDenied: "A tool was not allowed to run",
    errors.ApprovalNeeded: "A tool waits for your consent",
    errors.ToolFailed: "A tool broke",
    errors.DependencyMissing: "A part is not installed",
    errors.ProviderError: "The model went wrong",
    errors.ProviderUnavailable: "The model does not answer",
    errors.ProviderTimeout: "The model is too slow",
    errors.RateLimited: "The model asks for a pause",
    errors.ContextOverflow: "The question does not fit",
    errors.BadReply: "The model said something unreadable",
    errors.BudgetSpent: "It took too many steps",
    errors.CircuitOpen: "The model is having a pause",
    errors.DeadlineExceeded: "The time is over",
    errors.Cancelled: "Stopped",
    errors.DigestMismatch: "The download was not the right file",
    errors.FetchFailed: "The download did not succeed",
    errors.StoreError: "The library cannot be read or written",
    errors.StoreLocked: "The library is open elsewhere",
}
"""A title for each class of the error tree."""


def title_of(kind: type[errors.BasicChatError]) -> str:
    """The title for a class of errors; a class without one takes that of its nearest parent."""
    return next(TITLES[parent] for parent in kind.__mro__ if parent in TITLES)


def by_code(code: str) -> str:
    """The title for an error's code; unknown codes get the general one."""
    return next((title for kind, title in TITLES.items() if kind.code == code), TITLES[errors.BasicChatError])


def notice(error: errors.BasicChatError | Failed) -> Notice:
    """What to tell the reader about an error or a failed answer."""
    if isinstance(error, Failed):
        return Notice(by_code(error.code), error.message, error.hint, error.code, error.retryable)
    return Notice(title_of(type(error)), str(error), error.hint, error.code, error.retryable)
