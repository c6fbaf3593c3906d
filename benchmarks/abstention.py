"""How true the gate's probabilities are, and how often it answers and declines, rightly and wrongly.

``python -m benchmarks.abstention [CASES] [SAID ...]`` prints every table. CASES keeps what is searched for, and is read
the next time; SAID are files of `benchmarks.abstention_models`. A page with the risk-coverage curves is written beside
CASES. Only articles for reporting are counted: whole articles that nothing was fitted on. Intervals hold 95 of 100
resamples of the questions.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from basicchat.evaluate.confidence import balanced_accuracy, calibration_error, risk_coverage, risk_coverage_area
from basicchat.evaluate.plots import curves
from basicchat.reason.evidence import Evidence, measure
from basicchat.reason.gate import STRICTNESSES, Gate
from benchmarks.abstention_cases import KINDS, SEED, Case, collected
from benchmarks.abstention_measures import candidates
from benchmarks.abstention_models import Said, read
from benchmarks.table import print_table

RESAMPLES = 1000
ANSWERABLE, UNANSWERABLE, OFF = KINDS
MIXES = {
    "answerable and unanswerable (SQuAD2)": (ANSWERABLE, UNANSWERABLE),
    "answerable and about something else": (ANSWERABLE, OFF),
    "all three": KINDS,
}
Told = tuple[float, bool]
"""A probability, and whether there was an answer."""

BY: dict[str, Callable[[Evidence], Evidence]] = {
    "both models": lambda evidence: evidence,
    "no known embedder": lambda evidence: replace(evidence, dense=None),
    "no known reranker": lambda evidence: replace(evidence, rerank=None),
    "words alone": lambda evidence: replace(evidence, dense=None, rerank=None),
}
"""What the gate goes by."""


@dataclass(frozen=True)
class Asked:
    """A case with its evidence."""

    case: Case
    evidence: Evidence


def main(cases: Path | None, said: Sequence[Path]) -> None:
    """Search or read, and print."""
    every = collected(cases)
    asked = [Asked(case, measure(case.question, case.hits)) for case in every if case.half == "reporting"]
    report_rates(asked)
    report_calibration(asked)
    drawn = report_risk(asked)
    report_measures([case for case in every if case.half == "fitting"])
    for file in said:
        report_model(file.stem, read(file), asked)
    if cases is not None:
        page = cases.with_suffix(".html")
        page.write_text(f"<!doctype html><title>Risk and coverage</title>{drawn}", encoding="utf-8")
        print(f"\nThe curves are in {page}.")


def former(evidence: Evidence) -> bool:
    """The thresholds that the gate had before it was fitted, for comparison."""
    worded = evidence.coverage >= 0.4
    if evidence.rerank is None:
        return worded or (evidence.dense is not None and evidence.dense >= 0.7)
    return evidence.rerank + 3.35 * evidence.coverage >= -4.0 and (worded or evidence.rerank >= -1.0)


def report_rates(asked: Sequence[Asked]) -> None:
    """A row for every strictness, with all scores and without some of them."""
    rows = [_rates("both models", "former thresholds", former, asked)]
    for by, reduced in BY.items():
        some = [replace(one, evidence=reduced(one.evidence)) for one in asked]
        rows += [_rates(by, strictness, Gate(strictness).opens, some) for strictness in STRICTNESSES]
    header = ("goes by", "gate", *(f"declined, {kind}" for kind in KINDS), "balanced accuracy, SQuAD2", "and off")
    print_table("Declined before a model is asked", header, rows)


def _rates(by: str, name: str, opens: Callable[[Evidence], bool], asked: Sequence[Asked]) -> Sequence[object]:
    declined = [(one.case.kind, not opens(one.evidence)) for one in asked]
    found = {kind: [no for each, no in declined if each == kind] for kind in KINDS}
    counts = (f"{sum(each)} of {len(each)}" for each in found.values())
    pairs = [(kind == ANSWERABLE, no) for kind, no in declined if kind != OFF]
    everything = [(kind == ANSWERABLE, no) for kind, no in declined]
    return (by, name, *counts, with_interval(accuracy, pairs), with_interval(accuracy, everything))


def accuracy(pairs: Sequence[Told]) -> float:
    """Balanced accuracy of (answerable, declined)."""
    return balanced_accuracy([bool(can) for can, _ in pairs], [no for _, no in pairs])


def told(asked: Sequence[Asked], kinds: Sequence[str]) -> list[Told]:
    """The probabilities of questions of these kinds, as far as there are any."""
    gate = Gate()
    pairs = [(gate.probability(one.evidence), one.case.kind == ANSWERABLE) for one in asked if one.case.kind in kinds]
    return [(sure, label) for sure, label in pairs if sure is not None]


def report_calibration(asked: Sequence[Asked]) -> None:
    """How far probabilities are from what happens, and how well they tell questions apart."""
    rows = []
    for by, reduced in BY.items():
        some = [replace(one, evidence=reduced(one.evidence)) for one in asked]
        for mix, kinds in MIXES.items():
            pairs = told(some, kinds)
            figures = [with_interval(each, pairs) for each in (error, brier, apart)]
            rows.append((by, mix, len(pairs), *figures))
    header = ("goes by", "questions", "asked", "calibration error, 10 bins", "Brier score", "AUC")
    print_table("How true the probability is", header, rows)


def error(pairs: Sequence[Told]) -> float:
    """Expected calibration error in ten bins."""
    return calibration_error([sure for sure, _ in pairs], [label for _, label in pairs])


def brier(pairs: Sequence[Told]) -> float:
    """The mean squared distance of probability and outcome (Brier 1950)."""
    return sum((sure - label) ** 2 for sure, label in pairs) / len(pairs)


def apart(pairs: Sequence[Told]) -> float:
    """How often an answerable question is surer than another one, ties counting half: the area under the ROC curve."""
    ones = [sure for sure, label in pairs if label]
    others = [sure for sure, label in pairs if not label]
    wins = sum((one > other) + 0.5 * (one == other) for one in ones for other in others)
    return wins / (len(ones) * len(others)) if ones and others else 0.5


def with_interval(figure: Callable[[Sequence[Told]], float], pairs: Sequence[Told]) -> str:
    """The figure, and what 95 of 100 resamples of the pairs give."""
    chance = random.Random(SEED)  # noqa: S311 - no secret
    few = RESAMPLES if figure is not apart else RESAMPLES // 10  # as this one compares all pairs
    drawn = sorted(figure(chance.choices(pairs, k=len(pairs))) for _ in range(few))
    low, high = drawn[round(0.025 * few)], drawn[round(0.975 * few) - 1]
    return f"{figure(pairs):.3f} ({low:.3f} to {high:.3f})"


def report_risk(asked: Sequence[Asked]) -> str:
    """The share without an answer among the surest, and the same as a drawing."""
    rows, lines = [], []
    for mix, kinds in MIXES.items():
        points = risk_coverage(*map(list, zip(*told(asked, kinds), strict=True)))
        lines.append([(point.coverage, point.risk) for point in points])
        at = [next(point.risk for point in points if point.coverage >= step / 10 - 1e-9) for step in range(1, 11)]
        rows.append((mix, *at, risk_coverage_area(points)))
    header = ("questions", *(f"{step} of 10" for step in range(1, 11)), "area")
    print_table("Share without an answer, when only the surest are answered", header, rows)
    return curves(lines, title="Risk and coverage", across="share answered", up="share of these without an answer")


def report_measures(cases: Sequence[Case]) -> None:
    """Each measure alone, on the articles for fitting."""
    found = [(case.kind, candidates(case.question, case.hits)) for case in cases]
    rows = []
    for name in dict.fromkeys(name for _, each in found for name in each):
        some = {kind: [each[name] for one, each in found if one == kind and name in each] for kind in KINDS}
        areas = [
            apart([(x, True) for x in some[ANSWERABLE]] + [(x, False) for x in some[kind]])
            for kind in (UNANSWERABLE, OFF)
        ]
        rows.append((name, *areas))
    header = ("measure", "AUC, answerable or not", "AUC, answerable or about something else")
    print_table("Each measure alone, articles for fitting", header, rows)


def report_model(name: str, said: Sequence[Said], asked: Sequence[Asked]) -> None:
    """What a chat model adds: its own refusals, its likelihood of yes, and its refusals with the gate."""
    evidence = {one.case.question: one.evidence for one in asked}
    some = [each for each in said if each.question in evidence]
    label = [each.kind == ANSWERABLE for each in some]
    declined = [each.declined for each in some]
    rows = [("the model's own refusal", _line(label, declined))]
    for strictness in STRICTNESSES:
        closed = [not Gate(strictness).opens(evidence[each.question]) for each in some]
        both = [one or other for one, other in zip(closed, declined, strict=True)]
        rows.append((f"the gate alone, {strictness}", _line(label, closed)))
        rows.append((f"the gate and the model's refusal, {strictness}", _line(label, both)))
    rows.append(("likelihood of yes, least one chosen on the other articles", _line(label, _crossed(some, asked))))
    pairs = [(likely(each), can) for each, can in zip(some, label, strict=True)]
    rows.append(("likelihood of yes, AUC", with_interval(apart, pairs)))
    seconds = [sum(part) / len(some) for part in zip(*(each.seconds for each in some), strict=True)]
    rows.append(("seconds for the likelihood, and for the reply after it", f"{seconds[0]:.1f}, {seconds[1]:.1f}"))
    title = f"{name}: {sum(label)} answerable and {len(label) - sum(label)} unanswerable questions"
    print_table(title, ("", "balanced accuracy"), rows)


def likely(said: Said) -> float:
    """The likelihood of yes; undecided where the model did not tell."""
    return 0.5 if said.likelihood is None else said.likelihood


def _line(label: Sequence[bool], declined: Sequence[bool]) -> str:
    pairs = list(zip(label, declined, strict=True))
    refused, kept = sum(no for can, no in pairs if can), sum(not no for can, no in pairs if not can)
    return f"{with_interval(accuracy, pairs)}; {refused} answerable declined, {kept} unanswerable answered"


def _crossed(said: Sequence[Said], asked: Sequence[Asked]) -> list[bool]:
    """Whether each is declined by the threshold that suits the questions of the other articles best."""
    article = {one.case.question: one.case.article for one in asked}
    least = {
        name: best_threshold([each for each in said if article[each.question] != name])
        for name in {article[each.question] for each in said}
    }
    return [likely(each) < least[article[each.question]] for each in said]


def best_threshold(said: Sequence[Said]) -> float:
    """The likelihood below which declining gives the best balanced accuracy."""
    steps = [step / 100 for step in range(100)]
    return max(steps, key=lambda least: accuracy([(one.kind == ANSWERABLE, likely(one) < least) for one in said]))


if __name__ == "__main__":
    given = [Path(argument) for argument in sys.argv[1:]]
    main(given[0] if given else None, given[1:])
