"""Other settings of the search, tried on one's own library, and whether one of them is worth taking.

Candidates are chosen on one half of the questions and judged on the other half, on which nothing was chosen. Every
candidate is a change of settings that needs no new index.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

import numpy as np

from basicchat.evaluate.retrieval import percentile
from basicchat.evaluate.rows import Row, measures
from basicchat.evaluate.summary import INTERVAL, RESAMPLES, SEED, Difference, compare

Value = str | int | float | bool
Changes = Mapping[str, Value]
"""Settings of the group ``retrieve`` by name."""

BY = "mrr@10"
"""What candidates are ranked by: it sees where a passage stands, not only whether it is there."""
KEPT = "hit@5"
"""What must not become less in exchange."""
ALMOST = 0.01
"""A faster search may lose so much of `BY` at most, by the lower end of the interval."""
FASTER, SAVED = 0.75, 0.05
"""A faster search takes at most this share of the median time, and saves so many seconds at least."""
LEAST = 12
"""Questions in each half without which nothing is proposed."""


@dataclass(frozen=True)
class Candidate:
    """A change of settings, and what it does in words that end a sentence with "would" in it.

    ``flattered`` by questions in the words of the passages: then it is tried, and proposed only by questions that a
    model has asked. ``within`` says when it means something: always, when rankings are joined by scores, or when there
    is a reranker.
    """

    name: str
    words: str
    changes: Changes
    flattered: bool = False
    within: Literal["always", "scores", "reranker"] = "always"


CANDIDATES = (
    Candidate("scores", "join both rankings by their scores", {"fusion": "scores"}),
    Candidate("ranks", "join both rankings by their ranks", {"fusion": "ranks"}),
    Candidate("meaning", "search by meaning alone", {"fusion": "meaning"}),
    Candidate("words-less", "let words count half as much", {"words": 0.5}, within="scores"),
    Candidate("words-usual", "let words count as usual", {"words": 1.0}, within="scores"),
    Candidate("words-more", "let words count twice as much", {"words": 2.0}, flattered=True, within="scores"),
    Candidate("names-on", "lift documents that the question names", {"names": True}, within="scores"),
    Candidate("names-off", "not lift documents that the question names", {"names": False}, within="scores"),
    Candidate(
        "phrases-on", "lift passages that hold words of the question side by side", {"phrases": True}, True, "scores"
    ),
    Candidate("phrases-off", "not lift words that stand side by side", {"phrases": False}, within="scores"),
    Candidate("links-on", "lift documents that the best passages name", {"links": True}),
    Candidate("links-off", "not lift documents that the best passages name", {"links": False}),
    Candidate("reranker-off", "not read the best passages a second time", {"rerank_top": 0}, True, "reranker"),
    Candidate("reranker-6", "read the best 6 passages a second time", {"rerank_top": 6}, True, "reranker"),
    Candidate("reranker-12", "read the best 12 passages a second time", {"rerank_top": 12}, within="reranker"),
    Candidate(
        "reranker-24",
        "read the best 24 passages a second time",
        {"rerank_top": 24, "rerank_seconds": 1.2},
        within="reranker",
    ),
    Candidate("expand-on", "search again with words of the first passages", {"expand": True}),
    Candidate("expand-off", "search once", {"expand": False}),
)


def offered(now: Changes, *, reranks: bool) -> Iterator[Candidate]:
    """The candidates that change anything, given the settings ``now`` and whether there is a reranker."""
    for candidate in CANDIDATES:
        means = {"always": True, "scores": now["fusion"] == "scores", "reranker": reranks}
        if means[candidate.within] and any(now[name] != value for name, value in candidate.changes.items()):
            yield candidate


@dataclass(frozen=True)
class Tried:
    """What a way to search came to on the choosing half. Seconds are medians of a question."""

    name: str
    words: str
    by: float
    kept: float
    seconds: float
    flattered: bool = False


@dataclass(frozen=True)
class Proposal:
    """A change worth taking, with what it gained on the half that nothing was chosen on.

    ``found`` is the difference of `BY`, ``first`` that of hit@1, ``kept`` that of `KEPT`, over ``count`` questions;
    ``seconds`` and ``before`` are medians with the change and without it. ``gain`` says what it is proposed for.
    """

    name: str
    words: str
    changes: Changes
    gain: Literal["finds more", "is faster"]
    found: Difference
    first: Difference
    kept: Difference
    before: float
    seconds: float
    count: int


def tried(candidate: Candidate | None, rows: Sequence[Row]) -> Tried:
    """Figures of a candidate, or of the settings as they are."""
    found = [measures(row) for row in rows]
    by, kept = (fmean(each[name] for each in found) for name in (BY, KEPT))
    name, words = (candidate.name, candidate.words) if candidate else ("now", "search as it is set now")
    seconds = percentile([row.seconds for row in rows], 50)
    flattered = candidate.flattered if candidate else False
    return Tried(name, words, by, kept, seconds, flattered)


def finalists(now: Tried, found: Sequence[Tried], *, asked: bool) -> tuple[str, ...]:
    """At most two candidates to judge on the other half: the one that finds most, and the fastest that finds as much.

    Times are compared in steps of `SAVED`, so that chance does not choose; the earlier of equals is taken. ``asked``
    says that a model asked the questions; without it flattered candidates stay out.
    """
    fair = [each for each in found if asked or not each.flattered]
    better = [each for each in fair if each.by > now.by and each.kept >= now.kept]
    fast = [each for each in fair if each.by >= now.by - ALMOST and each.kept >= now.kept and _quick(now, each)]
    best = min(better, key=lambda each: (-each.by, each.seconds // SAVED), default=None)
    fastest = min(fast, key=lambda each: (each.seconds // SAVED, -each.by), default=None)
    return tuple(dict.fromkeys(each.name for each in (best, fastest) if each is not None))


def judged(candidate: Candidate, now: Sequence[Row], other: Sequence[Row]) -> Proposal | None:
    """The candidate as a proposal, by the questions of the reporting half, asked both ways; None where it is not clear.

    It finds more where the whole interval of the difference in `BY` is above 0 and `KEPT` has not become less. It is
    faster where the interval of the difference in time is below 0, the saving is worth telling, and the interval of
    `BY` ends above a loss of `ALMOST`. Intervals hold 95 of 100 resamples of the questions, drawn in pairs.
    """
    if len(now) < LEAST:
        return None
    differences = {each.name: each for each in compare(now, other)}
    by, kept = differences[BY], differences[KEPT]
    before, after = (percentile([row.seconds for row in rows], 50) for rows in (now, other))
    gain: Literal["finds more", "is faster"]
    if by.low > 0 and kept.difference >= 0:
        gain = "finds more"
    elif by.low >= -ALMOST and kept.difference >= 0 and _clearly_faster(now, other):
        gain = "is faster"
    else:
        return None
    first = differences["hit@1"]
    return Proposal(candidate.name, candidate.words, candidate.changes, gain, by, first, kept, before, after, len(now))


def _quick(now: Tried, other: Tried) -> bool:
    return other.seconds <= FASTER * now.seconds and now.seconds - other.seconds >= SAVED


def _clearly_faster(now: Sequence[Row], other: Sequence[Row]) -> bool:
    times = {row.id: row.seconds for row in other}
    before = np.array([row.seconds for row in now])
    after = np.array([times[row.id] for row in now])
    middle_before, middle_after = np.median(before), np.median(after)
    if middle_after > FASTER * middle_before or middle_before - middle_after < SAVED:
        return False
    drawn = np.random.default_rng(SEED).integers(0, len(before), size=(RESAMPLES, len(before)))
    saved = np.median(after[drawn], axis=1) - np.median(before[drawn], axis=1)
    return bool(np.percentile(saved, INTERVAL[1]) < 0)
