"""Measures of one answer against a gold answer, by words."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from basicchat.evaluate.cases import Parts

_ARTICLE = re.compile(r"\b(a|an|the)\b")
# Scripts that put no space between words: each character counts as a word (Lewis et al. 2020, MLQA).
_UNSPACED = re.compile("([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])")


def normalised(text: str) -> str:
    """Lower case, without punctuation, English articles and surplus space.

    The rule of SQuAD's official script (Rajpurkar et al. 2016), with every Unicode punctuation mark instead of those
    of ASCII alone, so that it also serves other languages; a Chinese or Japanese character is a word of its own.
    """
    bare = "".join(char for char in unicodedata.normalize("NFC", text.lower()) if not _is_punctuation(char))
    return " ".join(_ARTICLE.sub(" ", _UNSPACED.sub(r" \1 ", bare)).split())


def _is_punctuation(char: str) -> bool:
    # ASCII's symbols ($, +, <, =, >, ^, `, |, ~) count as punctuation in the official script.
    return unicodedata.category(char).startswith("P") or (char.isascii() and unicodedata.category(char).startswith("S"))


def exact_match(answer: str, forms: Sequence[str]) -> float:
    """1 where the normalised answer is one of the normalised forms, else 0 (SQuAD)."""
    return float(normalised(answer) in {normalised(form) for form in forms})


def f1(answer: str, forms: Sequence[str]) -> float:
    """The best F1 of words over the forms, counted as a bag (SQuAD).

    With c words in common, precision p = c / words of the answer and recall r = c / words of the form, F1 is
    2pr / (p + r). Where one of both has no words, 1 if neither has, else 0.
    """
    return max((_f1(normalised(answer).split(), normalised(form).split()) for form in forms), default=0.0)


def _f1(words: list[str], gold: list[str]) -> float:
    if not words or not gold:
        return float(words == gold)
    common = (Counter(words) & Counter(gold)).total()
    return 2 * common / (len(words) + len(gold))


def contains(answer: str, parts: Parts) -> float:
    """1 where the answer holds, as whole words, an accepted form of every part (the accuracy of RGB), else 0."""
    words = f" {normalised(answer)} "
    return float(
        bool(parts)
        and all(any(f" {known} " in words for form in part if (known := normalised(form))) for part in parts)
    )


def wordings(parts: Parts) -> tuple[str, ...]:
    """What an answer is compared with as a whole: the forms of its one part, or the first forms of all parts joined."""
    if len(parts) == 1:
        return parts[0]
    return (" ".join(part[0] for part in parts),) if parts else ()
