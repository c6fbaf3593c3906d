"""Notices when a model server read another prompt than the one that was sent."""

from __future__ import annotations

from basicchat.core.types import TokenCount

EXACT_TOLERANCE = 0.02  # a template may add a token or two that a count leaves out
ESTIMATE_TOLERANCE = 0.5  # estimates are off by a third at times; a cut prompt by more


def context_mismatch(counted: TokenCount, reported: int | None, window: int) -> str:
    """A sentence for the user if the server's own count says that the prompt was not read whole, else "".

    ``counted`` is what we counted before the call, ``reported`` what the server said after it, ``window`` the tokens
    it was given. An exact count may differ by 2 %; an estimate counts only when the server reports less than half of
    it or filled the window.
    """
    if reported is None or reported <= 0:
        return ""
    if reported >= window:
        return f"The prompt filled the model's whole window of {window} tokens; part of it may have been cut off."
    if counted.exact:
        if abs(reported - counted.tokens) <= max(2.0, EXACT_TOLERANCE * counted.tokens):
            return ""
        return f"The model server read {reported} tokens of a prompt of {counted.tokens}; the answer may miss a part."
    if reported < ESTIMATE_TOLERANCE * counted.tokens:
        return (
            f"The model server read {reported} tokens of a prompt of about {counted.tokens}; "
            "the answer may miss a part."
        )
    return ""
