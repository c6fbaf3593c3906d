"""Whether two sentences about the same say the opposite: one denies, or a word stands against its opposite."""

from __future__ import annotations

import re

from basicchat.retrieve.terms import stem

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")  # noqa: RUF001
_DENIALS_TEXT = """
    no not never none neither nor nothing nobody nowhere without cannot lack lacks lacked lacking unable fail fails
    failed absence absent hardly barely unlikely insufficient ineffective independent unaffected
"""
_DENIALS = frozenset(_DENIALS_TEXT.split())
_OPPOSITES_TEXT = """
    increase rise rose risen grow grew grown gain raise elevate enhance augment : decrease fall fell fallen drop decline
    increase rise grow raise elevate enhance augment : lower reduce diminish lose shrink shrank attenuate
    promote stimulate improve upregulate boost accelerate : suppress inhibit impair downregulate slow worsen
    increase enhance augment promote : suppress inhibit impair
    higher more greater larger longer better : lower less fewer smaller shorter worse
    activate : inhibit inactivate deactivate repress
    positive : negative
    before : after
    first : last
    most highest largest best maximum : least lowest smallest worst minimum
    early : late
    open opened : close closed shut
    allow permit : forbid prohibit ban deny
    accept approve : reject refuse
    win won victory : lose lost defeat
    profit : loss
    sensitive susceptible : resistant insensitive
    present : absent
    necessary required : dispensable optional unnecessary
    effective : ineffective
    common frequent : rare uncommon
    true correct : false wrong incorrect
    begin began start started : end ended stop stopped
    protect : harm
    presence : absence
    born : died
    above : below
    import : export
    buy bought : sell sold
"""


def _opposites() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for pair in re.sub(r":\s*\n\s+", ": ", _OPPOSITES_TEXT).strip().splitlines():
        left, right = ({stem(word) for word in side.split()} for side in pair.split(":"))
        for one, other in ((left, right), (right, left)):
            for word in one:
                found.setdefault(word, set()).update(other)
    return {word: frozenset(others) for word, others in found.items()}


_OPPOSITES = _opposites()


def denies(text: str) -> bool:
    """Whether a sentence denies something."""
    words = [word.lower().replace("’", "'") for word in _WORD.findall(text)]  # noqa: RUF001
    return any(word in _DENIALS or word.endswith("n't") for word in words)


def opposed(one: str, other: str) -> bool:
    """Whether ``one`` holds a word whose opposite stands in ``other``, which does not hold the word itself."""
    ours, theirs = _stems(one), _stems(other)
    return any(word not in theirs and _OPPOSITES.get(word, frozenset()) & theirs - ours for word in ours)


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word.lower()) for word in _WORD.findall(text))
