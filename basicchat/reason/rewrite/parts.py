"""Compound questions, and the parts of them that can be searched separately. No model is asked."""

from __future__ import annotations

import re

from basicchat.core.types import Message
from basicchat.reason.rewrite.standalone import stand_alone
from basicchat.reason.rewrite.topics import content

MOST_PARTS = 4

_SENTENCE = re.compile(r"[^?]*\?")
_ASKS = r"(?:what|who|whom|whose|where|when|why|how|which|is|are|was|were|do|does|did|can|could|should|will|has|have)\b"
_AND_ASKS = re.compile(rf"\s*,?\s+(?:and|or)\s+(?={_ASKS})", re.IGNORECASE)
_BEGINS_ASKING = re.compile(rf"^\W*(?:(?:in|on|at|for|to|from|by|with)\s+)?{_ASKS}", re.IGNORECASE)
_COMPARE = re.compile(
    r"\b(?:compare|contrast|differences?\s+between|(?:in\s+common|similarities)\s+between|similarities\s+of)\s+"
    r"(?P<first>.+?)\s+(?:and|with|to|against|versus|vs\.?)\s+(?P<second>.+?)"
    r"(?P<rest>\s+(?:in terms of|with respect to|regarding|as to|when it comes to|in|by|for)\s+.+?)?\s*[?.]*$",
    re.IGNORECASE,
)
_NO_NAME = r"(?!(?:Is|Are|Was|Were|Do|Does|Did|Has|Have|Which|Who|What|Between)\b)"
_NAME = _NO_NAME + r"(?:(?:the|The)\s+)?[A-Z0-9][\w.'’&-]*(?:\s+(?:(?:of|the|de|la|for)\s+)?[A-Z0-9][\w.'’&-]*)*"  # noqa: RUF001
_NAMES = re.compile(rf"(?P<first>{_NAME}),?\s+(?P<joint>and|or)\s+(?P<second>{_NAME})")
_CHOOSES = re.compile(
    r"\b(?:both|same|which|who|older|younger|earlier|later|first|more|less|bigger|larger|smaller|longer|shorter|taller"
    r"|higher|lower|between|compared?)\b",
    re.IGNORECASE,
)


def parts(question: str) -> tuple[str, ...]:
    """The questions that a compound one is made of, at most `MOST_PARTS`; the question itself when unsure.

    Made of: several sentences that each end with a question mark; questions joined by "and" ("Who built it and
    when was it opened?"); two things compared ("Compare A and B in price" becomes "A in price", "B in price"); two
    names that a question chooses between ("Who is older, A or B?"). A part that leans on the one before gets its
    topic. Every part has a content word of its own.
    """
    question = " ".join(question.split())
    for split in (_sentences, _joined, _compared, _named):
        found = split(question)
        if 1 < len(found) <= MOST_PARTS and all(content(part) for part in found) and len(set(found)) == len(found):
            return found
    return (question,)


def _sentences(question: str) -> tuple[str, ...]:
    found = [sentence.strip() for sentence in _SENTENCE.findall(question)]
    return _standing(found) if len(found) > 1 and question.endswith("?") else ()


def _joined(question: str) -> tuple[str, ...]:
    if not _BEGINS_ASKING.match(question):
        return ()
    found = [piece.strip(" ,") for piece in _AND_ASKS.split(question)]
    return _standing([piece if piece.endswith("?") else f"{piece}?" for piece in found])


def _compared(question: str) -> tuple[str, ...]:
    match = _COMPARE.search(question)
    if match is None or re.search(r"\band\b|,", match["first"]) or re.search(r"\band\b", match["second"]):
        return ()
    rest = match["rest"] or ""
    return (f"{match['first']}{rest}", f"{match['second']}{rest}")


def _named(question: str) -> tuple[str, ...]:
    """Each name with the words around both: the question without the other name."""
    match = _NAMES.search(question)
    if match is None or not _CHOOSES.search(question[: match.start()] + question[match.end() :]):
        return ()
    around = f"{question[: match.start()].strip(' ,')} {{}} {question[match.end() :].strip(' ?,')}"
    return tuple(" ".join(around.format(match[name]).split()) for name in ("first", "second"))


def _standing(found: list[str]) -> tuple[str, ...]:
    return tuple(
        stand_alone(part, [Message("user", earlier) for earlier in found[:number]]) for number, part in enumerate(found)
    )
