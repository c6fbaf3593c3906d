"""Measures of the best passages that were tried for the gate, each alone: which tell whether a question is answered.

Those that the gate goes by are `basicchat.reason.evidence`'s. The others did not make its regressions better.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from basicchat.core.types import Hit
from basicchat.reason.evidence import LOOKED_AT, best_sentence, measure
from basicchat.retrieve.terms import numbers, terms

_NAME = re.compile(r"(?<=[^\s.!?:]\s)[^\W\d_a-zà-öø-ÿß]\w*")
_CAPITAL = re.compile(r"\b[^\W\d_a-zà-öø-ÿß]\w+")
_DIGIT = re.compile(r"\d")
_TIMES = re.compile(
    r"\b(?:when|(?:what|which) (?:year|century|decade|day|date|month)"
    r"|wann|welche[ms]? jahr|cuándo|qué año|quand|quelle année)\b"
)
_AMOUNTS = re.compile(
    r"\b(?:how (?:many|much|old|long|tall|far|large|big|high)|(?:what|which) (?:percentage|percent|number|amount)"
    r"|wie ?viele?|cuánt[oa]s?|combien)\b"
)
_NAMES = re.compile(r"\b(?:who|whom|whose|where|wer|wem|wen|wessen|wo|quién|quiénes|dónde|qui|où)\b")
_NUMBER_WORDS_TEXT = """
    one two three four five six seven eight nine ten eleven twelve dozen hundred thousand million billion half third
    quarter once twice zwei drei vier fünf sechs sieben acht neun zehn hundert tausend dos tres cuatro cinco seis siete
    ocho nueve diez cien mil deux trois quatre cinq sept huit neuf dix cent mille
"""
_NUMBER_WORDS = frozenset(_NUMBER_WORDS_TEXT.split())


def candidates(question: str, hits: Sequence[Hit]) -> dict[str, float]:
    """Every measure by name, as far as it is there."""
    head = hits[:LOOKED_AT]
    logits = sorted((hit.scores["rerank"] for hit in head if "rerank" in hit.scores), reverse=True)
    blended = [hit.score for hit in head]
    sentence, _ = best_sentence(question, [hit.chunk.text for hit in head])
    found = measure(question, hits).known() | {
        "names and numbers": max((named(question, hit.chunk.text) for hit in head), default=0.0),
        "kind of answer": float(holds_the_kind(question, sentence)),
    }
    if len(blended) > 1:
        found["gap of scores"] = blended[0] - blended[1]
    if len(logits) > 1:
        found |= {"second logit": logits[1], "mean logit": sum(logits) / len(logits)}
    return found


def named(question: str, text: str) -> float:
    """The share of the question's names and numbers that ``text`` holds; 1 when it has none.

    A name is a word with a capital that begins no sentence.
    """
    wanted = {term for name in _NAME.findall(question) for term in terms(name)} | numbers(question)
    return len(wanted & set(terms(text))) / len(wanted) if wanted else 1.0


def holds_the_kind(question: str, sentence: str) -> bool:
    """Whether a sentence holds a number where a time or an amount is asked for, a new name where one is.

    True for a question that asks for neither, as far as English, German, Spanish and French question words tell.
    """
    asked = question.lower()
    if _TIMES.search(asked):
        return bool(_DIGIT.search(sentence))
    if _AMOUNTS.search(asked):
        return bool(_DIGIT.search(sentence)) or not _NUMBER_WORDS.isdisjoint(sentence.lower().split())
    if _NAMES.search(asked):
        known = set(terms(question))
        return any(not known.issuperset(terms(word)) for word in _CAPITAL.findall(sentence))
    return True
