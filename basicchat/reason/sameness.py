"""Whether two questions ask the same, judged so that a near miss is not taken for the same question.

An embedder puts "the highest tower in 2018" beside "the lowest tower in 2019", often closer than two ways to ask one
thing (`benchmarks/cache.py` measures it). So words decide: what is left of both questions, once words without meaning
are taken out, must be the same words in the same order. That keeps apart other numbers, dates, names, negations,
units, question words and tenses, who did it to whom, and every other word but for the few equal ones listed here.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_TOKEN = re.compile(r"\d+(?:[.,:/]\d+)*|[^\W\d_]+(?:['.-][^\W_]+)*\.?|[^\W_]+|[^\s\w]")
_SILENT = frozenset("?!.,;:\"'()[]{}…")
_QUOTES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "‐": "-", "‑": "-", "–": "-", "—": "-"})  # noqa: RUF001
_ARTICLE = "the"  # not "a": hepatitis A is not any hepatitis
_ACRONYM_WORDS = "US IT WHO AM OR IN ME AIDS AN AS AT DO GO HE NO ON SO TO UP WE AND CAN MAY ALL"
_ACRONYMS = frozenset(_ACRONYM_WORDS.split())  # capitals that mean something else than the word in small letters

_TENSES = {
    **dict.fromkeys(("is", "are", "am"), "is"),
    **dict.fromkeys(("was", "were"), "was"),
    **dict.fromkeys(("do", "does"), "do"),
    **dict.fromkeys(("has", "have"), "has"),
    "did": "did",
    "had": "had",
    **{form: form for form in ("be", "been", "being", "will", "would", "can", "could")},
}
"""Auxiliaries may stand elsewhere ("who is X", "tell me who X is"), but both have the same ones in the same order."""

_WRAPPED = re.compile(
    r"^(?:(?:hi|hello|hey|ok|okay|so|well)[,!]\s+)*(?:please,?\s+)?"
    r"(?:(?:can|could|would|will)\s+you\s+(?:please\s+)?(?:tell|show)\s+me\s+|tell\s+me\s+"
    r"|do\s+you\s+know\s+|i\s+(?:want|would\s+like|'d\s+like)\s+to\s+know\s+)?"
)
_FAREWELL = re.compile(r"(?:,\s+(?:please|thanks|thank\s+you))+$")
_FRONTED = re.compile(
    r"^(?P<place>(?:in|on|at|during|after|before|until|since|by|within|under|for|from|of|among|between|as\s+of)\s"
    r"[^,?]{1,80}),\s*(?P<rest>(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|has|have"
    r"|had)\b.*)$"
)

_PHRASES = tuple(
    (re.compile(rf"\b{pattern}(?!\w)"), meaning)
    for pattern, meaning in (
        (r"what's", "what is"),
        (r"who's", "who is"),
        (r"where's", "where is"),
        (r"when's", "when is"),
        (r"how's", "how is"),
        (r"can't", "can not"),
        (r"cannot", "can not"),
        (r"won't", "will not"),
        (r"(\w+)n't", r"\1 not"),
        (r"(?:what|which) person", "who"),
        (r"for (?:what|which) reason", "why"),
        (r"what (is|are|was|were) the number of", r"how many \1"),
        (r"per cent", "%"),
        (r"percent", "%"),
        (r"united states of america", "usa"),
        (r"u\.s\.a\.", "usa"),
        (r"united states", "usa"),
        (r"u\.s\.", "usa"),
        (r"u\.k\.", "uk"),
        (r"united kingdom", "uk"),
        (r"european union", "eu"),
        (r"united nations", "un"),
    )
)

_NUMBER_WORDS = "zero one two three four five six seven eight nine ten eleven twelve"
_SAME = {
    "which": "what",
    "whom": "who",
    "start": "begin",
    "starts": "begins",
    "started": "began",
    "buy": "purchase",
    "bought": "purchased",
    "big": "large",
    "bigger": "larger",
    "biggest": "largest",
    "movie": "film",
    "movies": "films",
    "mount": "mt",
    "mt.": "mt",
    "dr.": "dr",
    "doctor": "dr",
    "st.": "st",
    "saint": "st",
    "vs.": "versus",
    "vs": "versus",
    "&": "and",
    "car": "automobile",
    "cars": "automobiles",
    **{word: str(number) for number, word in enumerate(_NUMBER_WORDS.split())},
}


@dataclass(frozen=True, slots=True)
class Skeleton:
    """What a question asks: its words with meaning in order, and its auxiliaries, which may stand elsewhere."""

    words: tuple[str, ...]
    tenses: tuple[str, ...]


def normalised(question: str) -> str:
    """The question as it would be typed without care: one form of letters, quotes and spaces, no mark at its end."""
    text = unicodedata.normalize("NFC", question).translate(_QUOTES)
    words = text.split() if text.isupper() else [_kept_acronym(word) for word in text.split()]
    return " ".join(words).casefold().rstrip(" ?!.")


def skeleton(question: str) -> Skeleton:
    """What is left of a question once politeness, articles and the order of auxiliaries do not count."""
    text = _FAREWELL.sub("", _WRAPPED.sub("", normalised(question), count=1)).rstrip(" ?!.,")
    if fronted := _FRONTED.match(text):
        text = f"{fronted['rest'].rstrip(' ?!.')} {fronted['place']}"
    for pattern, meaning in _PHRASES:
        text = pattern.sub(meaning, text)
    found = [token for token in _TOKEN.findall(text) if token not in _SILENT]
    words = [_SAME.get(token, token) for token in found if token != _ARTICLE]
    return Skeleton(
        tuple(_number(word) for word in words if word not in _TENSES),
        tuple(_TENSES[word] for word in words if word in _TENSES),
    )


def same_question(first: str, second: str) -> bool:
    """Whether both ask the same, told by their words alone. Symmetric. When in doubt, they do not."""
    left, right = skeleton(first), skeleton(second)
    return bool(left.words) and left == right


def _kept_acronym(word: str) -> str:
    return f"^{word}" if re.sub(r"\W", "", word) in _ACRONYMS else word


def _number(word: str) -> str:
    """Numbers without separators of thousands: "12,000" is "12000"."""
    return word.replace(",", "") if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", word) else word
