"""Which document a question is about, by its name: "Nike" and "2019" point at NIKE_2019_10K.pdf."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from basicchat.core.types import Document

_NAME_PART = re.compile(r"[^\W\d_]+|\d+[^\W_]*")
_WORD = re.compile(r"[^\W_]+")
_FISCAL = re.compile(r"^fy(?=\d)")
_EXTENSION = re.compile(r"\.\w{1,5}$")


def affinity(question: str, documents: Sequence[Document]) -> dict[str, float]:
    """How well the name of each document fits a question, from 0 to 1, by document id; 1 is the best of them.

    A name is the title and the file's name. Parts of names that few of ``documents`` share count more. Neighbouring
    words of the question are also tried as one ("Best Buy" fits BESTBUY), and FY2019 as 2019. Records of a file of
    many fit by 0: their titles are text, which the two searches read already (counted again, they cost SciFact
    0.006 of nDCG@10 on its training questions).
    """
    words = [_FISCAL.sub("", word) for word in _WORD.findall(question.lower().replace("'s ", " "))]
    asked = {*words, *(first + second for first, second in pairwise(words))}
    names = {document.id: _name(document) for document in documents if document.external_id is None}
    frequency = Counter(part for parts in names.values() for part in parts)
    fits = {
        name: sum(math.log(1 + len(names) / frequency[part]) for part in parts if part in asked)
        for name, parts in names.items()
    }
    best = max(fits.values(), default=0.0)
    return {document.id: fits.get(document.id, 0.0) / best if best else 0.0 for document in documents}


def _name(document: Document) -> set[str]:
    file = re.split(r"[\\/]", document.source)[-1]
    return set(_NAME_PART.findall(f"{document.title} {_EXTENSION.sub('', file)}".lower()))
