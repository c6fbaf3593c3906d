"""Which tools a question is offered: a few, by plain signals, so that a small model is not confused by many.

A tool that a person names is offered too. What no signal asks for is not offered: a model then cannot be led to it by
words in a passage.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from basicchat.ingest import formats

MOST = 4
SEARCH = "documents"

SHEETS = frozenset({formats.XLSX, formats.XLS, formats.ODS, formats.CSV})
"""Kinds of documents whose tables can be asked in SQL."""

_NUMBER = re.compile(r"\d[\d.,]*")
_DATED = re.compile(r"\b\d{4}-\d{2}-\d{2}\b|\b(?:1[5-9]|20)\d{2}\b")
"""Dates and what is most likely a year: nothing to reckon with."""
_SIGN = re.compile(r"\d\s*[-+*/×÷^%]\s*\d|\d\s*%|\bsqrt\b")  # noqa: RUF001 - the sign that people write
_RECKON = re.compile(
    r"\b(?:percent\w*|sums?|totals?|altogether|combined|average|mean|median|differences?|ratio|times|twice|double|half|"
    r"third|square|squared|divided|multipl\w+|plus|minus|add\w*|subtract\w*|increase[ds]?|decrease[ds]?|gr[eo]w\w*|rose|"
    r"fell|change[ds]?|calculate|compute|work out|more than|less than|left|each|per)\b|%|how (?:much|many)",
    re.IGNORECASE,
)
_OPERATES = re.compile(r"%|\b(?:percent|times|twice|double|half|divided|multipl\w+|plus|minus)\b", re.IGNORECASE)
_CHANGE = re.compile(
    r"\b(?:percent\w*|sum|total|altogether|combined|average|mean|difference|ratio|growth)\b|how much (?:more|less)",
    re.IGNORECASE,
)
_UNIT = (
    r"(?:km/?h|kph|mph|km|cm|mm|m|kilomet\w+|centimet\w+|millimet\w+|met(?:er|re)s?|miles?|feet|foot|ft|inch(?:es)?|"
    r"yards?|kg|kilos?|kilograms?|grams?|g|lbs?|pounds?|ounces?|oz|tons?|tonnes?|lit(?:er|re)s?|ml|gallons?|°\s?[CF]|"
    r"celsius|fahrenheit|kelvin|[kM]?Wh|joules?|calories|kcal|hectares?|acres?|[KMGT]i?B|bytes?|hours?|minutes?|seconds?)"
)
_MEASURE = re.compile(rf"\d\s*{_UNIT}(?!\w)", re.IGNORECASE)
_INTO = re.compile(rf"\b(?:convert\w*|how many {_UNIT}|(?:in|to|into|as) {_UNIT})(?!\w)", re.IGNORECASE)
_DATES = re.compile(
    r"\b(?:today|tomorrow|yesterday|weekday|day of the week|(?:what|which) (?:day|date|time)|time is it|right now|"
    r"time ?zones?|(?:days?|weeks?|months?|working days) (?:from|until|till|before|after|between|since|later|ago|are)|"
    r"how (?:long|far) (?:is it |until|till|since|ago))\b",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"how (?:many|much)|\b(?:which|most|least|highest|lowest|largest|smallest|count|number of|total|sum|average|mean|"
    r"tables?|rows?|columns?|sheets?|spreadsheets?|per|each)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://\S", re.IGNORECASE)
_WEB = re.compile(
    r"\b(?:search|look\w*|find)\b.*\b(?:web|internet|online)\b|\bon the (?:web|internet)\b", re.IGNORECASE
)
_WRITE = re.compile(r"\b(?:write|save|put|store)\b.*\b(?:file|\w+\.(?:txt|md|csv|json))\b", re.IGNORECASE)
_DRAW = re.compile(
    r"\b(?:draw|plot|make|create|show me)\b.*\b(?:plot|chart|graph|histogram|diagram)\b|^\s*plot\b", re.IGNORECASE
)
_CALLS_ONE = re.compile(r"\b(?:us(?:e|ing)|with|run(?:ning)?|call|tool|by means of)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Offer:
    """Names of tools, the likeliest first. ``alone``: one of them may answer what the documents do not say.

    ``first`` is the one that the question cannot do without, empty for none: a small model is not asked whether.
    """

    names: tuple[str, ...]
    alone: bool
    first: str = ""


def offer(question: str, kinds: Collection[str] = ()) -> Offer:
    """What signals in a question ask for; ``kinds`` are media types of the documents that were found for it.

    The search of documents is always among them, as the last one.
    """
    numbers = len(_NUMBER.findall(_DATED.sub(" ", question)))
    table = bool(SHEETS & set(kinds) and _COUNT.search(question))
    worded = _RECKON.search(question) is not None
    reckons = bool(_SIGN.search(_DATED.sub(" ", question))) or (numbers > 1 and worded)
    measures = bool(_MEASURE.search(question) and _INTO.search(question))
    signals = {
        "web_page": bool(_ADDRESS.search(question)),
        "web_search": bool(_WEB.search(question)),
        "write_file": bool(_WRITE.search(question)),
        "python": bool(_DRAW.search(question)),
        "table_sql": table,
        "units": measures,
        "clock": bool(_DATES.search(question)),
        "calculator": (reckons and not measures) or numbers > 1 or bool(numbers and worded) or _changes(question),
    }
    names = [name for name, on in signals.items() if on]
    alone = any(on for name, on in signals.items() if name != "calculator") or reckons
    surely = {
        "table_sql": table,
        "units": measures,
        "clock": signals["clock"],
        "calculator": reckons or bool(numbers and _OPERATES.search(question)),
    }
    first = next((name for name, on in surely.items() if on and name in names[: MOST - 1]), "")
    return Offer((*names[: MOST - 1], SEARCH), alone, first)


def _changes(question: str) -> bool:
    """Whether it asks for what is seldom written down and mostly computed."""
    return _CHANGE.search(question) is not None


def names_a_tool(question: str) -> bool:
    """Whether a question may call for a tool by name, so that it is worth asking which ones there are."""
    return bool(_CALLS_ONE.search(question)) or "_" in question


def named(question: str, names: Collection[str]) -> tuple[str, ...]:
    """Those of ``names`` that a question asks for: "use python", "the tool web_search", "with my word count"."""
    found = []
    for name in names:
        spoken = re.escape(name).replace("_", "[_ ]")
        called = (
            rf"\b(?:us(?:e|ing)|with|run(?:ning)?|call|tool)(?: the| my| a)?(?: tool)? {spoken}\b|\b{spoken} tool\b"
        )
        if re.search(called, question, re.IGNORECASE) or ("_" in name and re.search(rf"\b{name}\b", question)):
            found.append(name)
    return tuple(found)
