"""How much of a file's text was read: word recall against a text that is known to be in it."""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_PICTURE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]*)\]\((?:[^()\s]|\([^()]*\))*(?:\s+\"[^\"]*\")?\)")
_TAG = re.compile(r"</?[A-Za-z][^>\n]*>")
_ESCAPE = re.compile(r"\\(?=[^\w\s])")
_WORD = re.compile(r"[^\W_]+")
# Scripts that put no space between words: each character counts as a word.
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


def word_recall(expected: str, found: str) -> float:
    """The share of the words of ``expected`` that ``found`` holds, each as often as it is expected.

    With E and F the counts of each word, recall is the sum of min(E[w], F[w]) over the sum of E[w]; 1 where nothing
    is expected. Words are those of `words_of`. Order does not count, and what is found beyond is no fault.
    """
    wanted, got = Counter(words_of(expected)), Counter(words_of(found))
    total = sum(wanted.values())
    return sum(min(count, got[word]) for word, count in wanted.items()) / total if total else 1.0


def words_of(text: str) -> list[str]:
    """Runs of letters and digits, case-folded, after compatibility normalisation (NFKC), without Markdown's syntax.

    Comments, tags and the addresses of links and pictures are dropped, their words kept. A Chinese or Japanese
    character is a word of its own.
    """
    text = _TAG.sub(" ", html.unescape(_COMMENT.sub(" ", text)))
    text = _ESCAPE.sub("", _LINK.sub(r"\1 ", _PICTURE.sub(r"\1 ", text)))
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _WORD.findall(_UNSPACED.sub(lambda match: f" {match[0]} ", folded))


def missing_words(expected: str, found: str) -> list[str]:
    """The words that count against the recall, as often as they are missing, most frequent first."""
    missing = Counter(words_of(expected)) - Counter(words_of(found))
    return [word for word, count in missing.most_common() for _ in range(count)]
