"""The support check: does a passage that an answer cites say what the sentence says?

Each sentence is laid beside the sentences of its passages. A logistic rule over what they share, and over the logit of
a cross-encoder where there is one and time for it, gives a probability. Over it stand two rules that no probability
overrides: a number that stands in none of the passages is not borne out, and a sentence that denies what the passage
says, or says its opposite, is not counted as supported.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from basicchat.core.grounding import CheckedSentence, Verdict
from basicchat.core.spans import on_page
from basicchat.core.types import Passage
from basicchat.reason.claims import Claim, claims
from basicchat.reason.figures import missing_figures
from basicchat.reason.measures import Measures, logistic, measure
from basicchat.reason.sentences import Sentence
from basicchat.reason.support import Grounds, content

SHORTLIST = 4  # sentences of passages that the cross-encoder reads for one sentence of an answer

WORDS = (-3.464, 3.639, 0.499, 0.225, -0.276, -0.032, -0.173, -0.854)
"""Weights of `Measures.row` without a logit, fitted by ``python -m benchmarks.support --fit`` on SciFact's train
claims: a sentence of an abstract is a case, and a labelled rationale of a supported claim is a positive one."""

BOTH = (-2.026, -0.492, 0.196, -0.334, -0.569, -0.087, -0.172, -1.187, 1.683, 1.509)
"""The same with the logit of the default reranker."""

LIKELY_BY_WORDS = 0.104
"""Probability from which a sentence counts as supported: it gives the best F1 of abstracts on the same claims."""

LIKELY = 0.12
"""The same with the logit."""

Score = Callable[[str, Sequence[str]], Sequence[float]]
"""Logits of a leading part of some texts for a claim, as many as time allows; none where there is no reranker."""


@dataclass(frozen=True)
class Match:
    """A sentence of a passage beside a claim, and how likely it says the same. ``likely`` is what would do."""

    passage: Passage
    place: Sentence
    measures: Measures
    probability: float
    likely: float

    @property
    def text(self) -> str:
        """The sentence of the passage."""
        return self.passage.text[self.place.start : self.place.end]


def no_score(claim: str, texts: Sequence[str]) -> list[float]:
    """Where there is no reranker."""
    return []


def check(text: str, grounds: Grounds, *, score: Score = no_score) -> tuple[CheckedSentence, ...]:
    """Every sentence of an answer that says something, in order, checked against the passages that it cites.

    A sentence without numbers is checked against every passage. One in another script than its passages cannot be
    measured and is ``weak``.
    """
    return tuple(_checked(claim, grounds, score) for claim in claims(text) if content(claim.text))


def with_results(
    text: str,
    sentences: Sequence[CheckedSentence],
    passages: Sequence[Passage],
    results: Sequence[str],
    *,
    question: str,
) -> tuple[CheckedSentence, ...]:
    """The sentences, where one that no passage bears out is ``weak`` if passages and results of tools together do.

    Its figures and words then stand there, which is not yet to say that they are put together rightly.
    """
    if not results or not passages:
        return tuple(sentences)
    whole = "\n".join([*results, *(passage.text for passage in passages)])
    grounds = Grounds([replace(passages[0], number=1, text=whole)], question=question)

    def seen(sentence: CheckedSentence) -> CheckedSentence:
        if sentence.verdict != "unsupported":
            return sentence
        again = check(text[sentence.start : sentence.end], grounds)
        held = bool(again) and all(each.verdict != "unsupported" for each in again)
        return replace(sentence, verdict="weak", doubt="words") if held else sentence

    return tuple(seen(each) for each in sentences)


def best_match(claim: str, numbers: Sequence[int], grounds: Grounds, *, score: Score = no_score) -> Match | None:
    """The sentence of these passages that most likely says what the claim says; None where none shares a word."""
    passages = [passage for passage in grounds.passages if passage.number in numbers]
    found = [
        _by_words(measure(claim, passage, place, grounds), passage, place)
        for passage in passages
        for place in grounds.places(passage.number)
    ]
    found = sorted((each for each in found if each.measures.share), key=lambda each: -each.probability)
    head = found[:SHORTLIST]
    logits = score(claim, [match.text for match in head]) if head else []
    read = [_by_both(match, logit) for match, logit in zip(head, logits, strict=False)]
    return max([*read, *head[len(read) :]], key=lambda match: match.probability, default=None)


def _by_words(measures: Measures, passage: Passage, place: Sentence) -> Match:
    return Match(passage, place, measures, _weighed(WORDS, measures.row()), LIKELY_BY_WORDS)


def _by_both(match: Match, logit: float) -> Match:
    probability = _weighed(BOTH, match.measures.row(logit))
    return Match(match.passage, match.place, match.measures, probability, LIKELY)


def _weighed(weights: Sequence[float], row: Sequence[float]) -> float:
    return logistic(math.fsum(weight * value for weight, value in zip(weights, row, strict=True)))


def _checked(claim: Claim, grounds: Grounds, score: Score) -> CheckedSentence:
    known = {passage.number for passage in grounds.passages}
    numbers = tuple(dict.fromkeys(number for number in claim.numbers if number in known))
    match = best_match(claim.text, numbers or tuple(known), grounds, score=score)
    verdict, doubt = _verdict(claim, numbers, match, grounds)
    if match is None:
        return CheckedSentence(claim.start, claim.end, verdict, 0.0, numbers, doubt=doubt)
    start, end = on_page(match.passage, match.place.start, match.place.end)
    return CheckedSentence(
        claim.start, claim.end, verdict, match.probability, numbers, match.passage.number, start, end, doubt
    )


def _verdict(claim: Claim, numbers: Sequence[int], match: Match | None, grounds: Grounds) -> tuple[Verdict, str]:
    if grounds.cannot_tell(claim.text, numbers):
        return "weak", "words"
    held = [passage.text for passage in grounds.passages if passage.number in numbers]
    texts = [" ".join(held)] if numbers else [passage.text for passage in grounds.passages]
    if all(missing_figures(claim.text, text, besides=grounds.question) for text in texts):
        return "unsupported", "figures"
    likely = match is not None and match.probability >= match.likely
    if not likely and not grounds.holds_words(claim.text, numbers):
        return "unsupported", "words"
    if match is None or not likely:
        return "weak", "words"
    if match.measures.opposed:
        return "weak", "opposite"
    if match.measures.denied:
        return "weak", "denial"
    return "supported", ""
