"""Grading an answer in free words against a gold answer, without a model: refusals, numbers, yes or no, words.

Numbers are compared by value: ``$11,588 million`` and ``11588.00`` (in millions, as the question said) are one number,
and so are ``2.8%`` and ``0.028``. How far they may be apart, and how many words must agree, was fitted on answers that
people had labelled (``python -m benchmarks.grader``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from basicchat.core.quantities import Quantity, agree, dates, quantities
from basicchat.evaluate.answers import normalised
from basicchat.evaluate.cases import Parts

CORRECT, INCORRECT, REFUSED = "correct", "incorrect", "refused"


@dataclass(frozen=True)
class GradeConfig:
    """What decides.

    ``tolerance`` is relative: 0.01 lets 93.86 pass for 94.5. ``words`` is the share of the gold answer's own words
    (those that are not in the question) that must be found where it is neither a bare number nor yes or no.
    ``closing`` is how many sentences at the end of an answer count as its conclusion, besides its first; what stands
    between are workings, and 0 reads the whole answer.
    """

    tolerance: float = 0.001
    words: float = 0.4
    closing: int = 0


@dataclass(frozen=True)
class Grade:
    """``label`` is `CORRECT`, `INCORRECT` or `REFUSED`; ``why`` names what decided."""

    label: str
    why: str


FITTED = GradeConfig()

_REFUSAL = re.compile(
    r"\b(?:I(?:'m| am) (?:sorry|unable)|I apologi[sz]e|as an AI|as of my last|I (?:do not|don't) have"
    r"|unable to (?:provide|determine|find|calculate|answer)"
    r"|(?:cannot|can't|could not|couldn't) (?:be )?(?:provide|determine|find|calculate|answer|give|access)\w*"
    r"|(?:does not|doesn't|do not|don't|did not) (?:provide|contain|include|say|mention|specify|have|disclose)"
    r"|not (?:provided|available|possible|enough information)|no information|no specific|impossible to)",
    re.IGNORECASE,
)
_ASKS_BACK = re.compile(
    r"\b(?:please (?:provide|refer to|check|share)|(?:once|if) you (?:can |could )?provide|cannot be completed)",
    re.IGNORECASE,
)
_VERDICT = re.compile(r"(?:^|[.!?:\n])\W*(yes|no|maybe)\b", re.IGNORECASE)
_NEGATED = re.compile(r"\b(?:no|not|never|neither|unlikely|without|un(?:able|clear|changed))\b|n't\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?\u3002\uff01\uff1f])\s+|\n+")
_OPENING = 2
"""Sentences in which a refusal stands, where it is one."""
_BARE = 1
"""Words that a number may have round it and still be a bare number: 5 days, 3 million in total."""
_EMPTY = frozenset((
    "and", "are", "as", "at", "be", "been", "billion", "bn", "both", "but", "by", "did", "do", "does", "eur",
    "for", "from", "fy", "had", "has", "have", "in", "is", "it", "its", "million", "of", "on", "only", "or",
    "percent", "than", "that", "their", "these", "they", "this", "thousand", "to", "usd", "was", "were",
    "which", "while", "who", "will", "with",
))  # fmt: skip


def grade(question: str, gold: Parts, answer: str, config: GradeConfig = FITTED) -> Grade:
    """Grade an answer against the parts of a gold answer, each of which must be there in one of its forms.

    An answer that declines is refused, unless it gives the number that is wanted nevertheless. ``question`` tells
    which words and numbers an answer merely repeats.
    """
    answer = answer.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    concluded = _conclusion(answer, config.closing)
    missing = [part for part in gold if not any(_holds(question, form, concluded, config) for form in part)]
    certain = not missing and all(_is_bare(question, form) for part in gold for form in part)
    if declines(answer) and not certain:
        return Grade(REFUSED, "declines")
    if not gold or missing:
        asks = bool(_ASKS_BACK.search(answer))
        return Grade(REFUSED, "asks back") if asks else Grade(INCORRECT, f"lacks {missing[0][0]}" if missing else "")
    return Grade(CORRECT, "holds every part")


def declines(answer: str) -> bool:
    """Whether an answer says in its first sentences that it cannot be given, or says nothing."""
    sentences = [sentence for sentence in _SENTENCE.split(answer) if sentence.strip()]
    return not sentences or bool(_REFUSAL.search(" ".join(sentences[:_OPENING])))


def _conclusion(answer: str, closing: int) -> str:
    sentences = [sentence for sentence in _SENTENCE.split(answer) if sentence.strip()]
    return "\n".join([*sentences[:1], *sentences[1:][-closing:]]) if closing else answer


def _holds(question: str, form: str, answer: str, config: GradeConfig) -> bool:
    """Whether the answer says what one form of a gold part says, decided by what kind of answer that is."""
    if days := dates(form):
        return days <= dates(answer)
    numbers = _own_numbers(question, form)
    stated = [number for number in numbers if _stated(number, answer, config)]
    if verdict := _VERDICT.match(form):
        contradicted = len(numbers) > 1 and not stated and bool(_own_numbers(question, answer))
        return verdict[1].lower() == _verdict_of(answer) and not contradicted
    if _is_bare(question, form):
        return len(stated) == len(numbers)
    words = _own_words(form) - _own_words(question)
    wanted = len(words) + len(numbers)
    if not wanted:
        return f" {normalised(form)} " in f" {normalised(answer)} "
    return (len(words & _own_words(answer)) + len(stated)) / wanted >= config.words


def _is_bare(question: str, form: str) -> bool:
    """Whether a form is a number with hardly a word round it, so that nothing but the number counts."""
    words = _own_words(form) - _own_words(question)
    return bool(_own_numbers(question, form)) and len(words) <= _BARE and not _VERDICT.match(form)


def _own_numbers(question: str, text: str) -> list[Quantity]:
    """Numbers that are not in the question; years only where there is nothing else."""
    known = quantities(question)
    numbers = [number for number in quantities(text) if number not in known]
    return [number for number in numbers if not number.year] or numbers


def _stated(number: Quantity, answer: str, config: GradeConfig) -> bool:
    return any(agree(number, given, tolerance=config.tolerance) for given in quantities(answer))


def _own_words(text: str) -> set[str]:
    """Words that mean something, without numbers, which are compared by value."""
    return {word for word in normalised(text).split() if word not in _EMPTY and not any(map(str.isdigit, word))}


def _verdict_of(answer: str) -> str:
    """Yes, no or maybe: the first one said, else whether the first or the last sentence is a negation."""
    if said := _VERDICT.search(answer):
        return said[1].lower()
    return "no" if _NEGATED.search(_conclusion(answer, 1)) else "yes"
