"""Text for the index and terms of a question.

FTS5 splits at anything that is no letter and no digit, which leaves Chinese, Japanese and Korean sentences as one
long word. Here each of their characters becomes a word, and a run of them in a question becomes the phrases of its
neighbouring pairs. Thai, Lao and Khmer, also written without spaces, are found by whole runs only.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

CJK = re.compile("([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af\U00020000-\U0003ffff])")
RUN = re.compile("[^\\W_]+(?:[-_'\u2019./][^\\W_]+)*")  # `IL-6` and `don't` are one run of two words
WORD = re.compile(r"[^\W_]+")

MAX_WORD = 100  # characters; longer ones are encoded data, not words
ENGLISH = """
a about above after again all also am an and any are aren as at be because been before being below between both but by
can could couldn did didn do does doesn doing don down during each few for from further had hadn has hasn have haven
having he her here hers herself him himself his how i if in into is isn it its itself just ll may me might more most
mustn my myself need no nor not now of off on once only or other our ours ourselves out over own please re s same shan
she should shouldn so some such t tell than that the their theirs them themselves then there these they this those
through to too under until up us ve very was wasn we were weren what when where which while who whom whose why will
with won would wouldn you your yours yourself yourselves
"""
STOP_WORDS = frozenset(ENGLISH.split())
"""English function words, with the halves that an apostrophe leaves."""


def indexed_text(text: str) -> str:
    """The text as it is indexed: compatibility forms folded (``ﬁ`` to ``fi``), a space round each CJK character."""
    plain = text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
    return CJK.sub(r" \1 ", unicodedata.normalize("NFKC", plain))


def terms_of(text: str) -> list[str]:
    """Different search terms of a question, in its order, each one or several words; several mean a phrase.

    English stop words are left out unless nothing else is there. Empty for a text without letters and digits.
    """
    words: list[str] = []
    phrases: list[str] = []
    for run in RUN.findall(indexed_text(text).casefold()):
        parts = [part for part in WORD.findall(run) if len(part) <= MAX_WORD]
        words += parts
        phrases += [" ".join(parts)] * (1 < len(parts) <= 4 and not STOP_WORDS.issuperset(parts[1:]))
    pairs = [(left, right) for left, right in pairwise(words) if CJK.fullmatch(left) and CJK.fullmatch(right)]
    paired = {word for pair in pairs for word in pair}
    kept = [word for word in words if word not in STOP_WORDS and word not in paired] or ([] if pairs else words)
    return list(dict.fromkeys([*kept, *phrases, *(f"{left} {right}" for left, right in pairs)]))


def quoted(term: str) -> str:
    """The term as a string of FTS5's query language. A term holds no quotation mark."""
    return f'"{term}"'
