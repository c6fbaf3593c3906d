"""Fit the gate before an answer (`basicchat.reason.gate`) and write its constants to ``gate.json``.

``python -m scripts.fit_gate CASES [SAID ...]``: CASES is a file that `benchmarks.abstention_cases` keeps what it
searched for in; SAID are files of `benchmarks.abstention_models`, named after chat models that may be asked first.

Everything is fitted on the articles for fitting: two logistic regressions, in which no measure speaks against an
answer, then a calibration line and the thresholds, both from probabilities of regressions that did not see the article
of the question (one article is left out in turn). The rates beside the thresholds are counted on the articles for
reporting, after everything is chosen.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from basicchat.evaluate.confidence import calibration_error
from basicchat.reason import gate as gate_module
from basicchat.reason.evidence import measure
from basicchat.reason.gate import STRICTNESSES, Fitted, Rates, Regression, Strictness
from benchmarks.abstention_cases import KINDS, SEED, Case, collected
from benchmarks.abstention_models import Said, read
from benchmarks.table import evaluation_set

ANSWERABLE, UNANSWERABLE, OFF = KINDS
GATES = (
    (("rerank", "coverage"), ("dense", "sentence")),
    (("rerank", "coverage"), ("sentence",)),
    (("dense", "coverage"), ("dense", "sentence")),
    (("coverage",), ("sentence",)),
)
"""What tells whether passages are on the subject, and whether they answer: with all scores, without a cosine that is
known, without a logit, and by words alone."""
PENALTIES = (1e-2, 0.2)
"""On the weights of each regression. The second is the largest whose loss on articles left out, 0.678 a question, is
within a standard error over articles, 0.005, of the least, 0.674 at 0.03: which question is answered differs so much
between articles that surer probabilities would not hold."""
STEPS = 9  # of the calibration line
MOST_REFUSED: dict[Strictness, float] = {"strict": 0.2, "balanced": 0.02, "helpful": 0.005}
"""The largest share of answerable questions for fitting that a setting declines."""
MODEL_REFUSES: dict[Strictness, float] = {"strict": 0.25, "balanced": 0.1, "helpful": 0.03}
"""The same for a chat model that is asked first: it is only asked where somebody wants fewer false answers."""

Floats = NDArray[np.float64]
Known = dict[str, float]
Names = tuple[tuple[str, ...], tuple[str, ...]]


def main(file: Path, said: Sequence[Path]) -> None:
    """Fit, count on the other half, write."""
    cases = collected(file)
    fitting = [case for case in cases if case.half == "fitting"]
    reporting = [case for case in cases if case.half == "reporting"]
    gates = [one_gate(names, fitting, reporting) for names in GATES]
    made = {
        "made_by": "python -m scripts.fit_gate",
        "seed": SEED,
        "data": "SQuAD 2.0, developers' half (Rajpurkar et al. 2018, CC BY-SA 4.0)",
        "digest": digest(evaluation_set("squad2") / "questions.jsonl.gz"),
        "fitted_on": sorted({case.article for case in fitting if case.kind != OFF}),
        "measured_on": sorted({case.article for case in reporting if case.kind != OFF}),
        "embedder": "bge-small-en-v1.5-int8",
        "reranker": "ms-marco-minilm-l12-v2-int8",
        "gates": gates,
        "chat_models": {each.stem: of_model(read(each)) for each in said},
    }
    target = Path(gate_module.__file__).with_name("gate.json")
    target.write_text(json.dumps(made, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for each in gates:
        print(json.dumps({name: each[name] for name in ("subject", "answer", "thresholds", "measured")}))
        print(each["calibration_error"])


def digest(file: Path) -> str:
    """The sha256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def known(case: Case) -> Known:
    """The measures of a case."""
    return measure(case.question, case.hits).known()


def one_gate(names: Names, fitting: Sequence[Case], reporting: Sequence[Case]) -> dict[str, Any]:
    """A gate that goes by the named measures, as ``gate.json`` holds it."""
    wanted = {*names[0], *names[1]}
    fitting, reporting = ([case for case in cases if wanted <= known(case).keys()] for cases in (fitting, reporting))
    apart = left_out(names, fitting)
    labels = np.array([case.kind == ANSWERABLE for case in fitting])
    calibration = line(apart, labels)
    sure = [gate_module.between(calibration, x) for x in apart]
    thresholds = {name: threshold(sure, labels, MOST_REFUSED[name]) for name in STRICTNESSES}
    subject, answer = both(names, fitting)
    fitted = Fitted(subject, answer, calibration, thresholds, {})
    told = [fitted.probability(known(case)) for case in reporting]
    found = [case.kind for case in reporting]
    return {
        "subject": asdict(subject),
        "answer": asdict(answer),
        "calibration": calibration,
        "thresholds": thresholds,
        "measured": {name: asdict(counted(told, found, least)) for name, least in thresholds.items()},
        "calibration_error": {
            "SQuAD2": error(told, found, (ANSWERABLE, UNANSWERABLE)),
            "with questions about something else": error(told, found, KINDS),
        },
    }


def both(names: Names, cases: Sequence[Case]) -> tuple[Regression, Regression]:
    """Whether on the subject, over all cases; whether answered, over those on the subject."""
    on = [case for case in cases if case.kind != OFF]
    return (
        regression(names[0], cases, [case.kind != OFF for case in cases], penalty=PENALTIES[0]),
        regression(names[1], on, [case.kind == ANSWERABLE for case in on], penalty=PENALTIES[1]),
    )


def left_out(names: Names, cases: Sequence[Case]) -> Floats:
    """The product of both regressions for each case, fitted without the cases of its article."""
    products = np.zeros(len(cases))
    for article in {case.article for case in cases}:
        subject, answer = both(names, [case for case in cases if case.article != article])
        for place, case in enumerate(cases):
            if case.article == article:
                products[place] = subject.probability(known(case)) * answer.probability(known(case))
    return products


def regression(names: Sequence[str], cases: Sequence[Case], labels: Sequence[bool], *, penalty: float) -> Regression:
    """The likeliest weights, none below zero as every measure speaks for an answer; ``penalty`` keeps them small."""
    rows = np.array([[known(case)[name] for name in names] for case in cases])
    wanted = np.array(labels, dtype=float)
    mean, spread = rows.mean(0), rows.std(0) + 1e-9
    scaled = (rows - mean) / spread

    def cost(given: Floats) -> float:
        z = scaled @ given[:-1] + given[-1]
        return float((np.logaddexp(0, z) - wanted * z).mean() + penalty * (given[:-1] ** 2).sum())

    found = minimize(
        cost, np.zeros(len(names) + 1), method="L-BFGS-B", bounds=[(0, None)] * len(names) + [(None, None)]
    ).x
    weights = found[:-1] / spread
    bias = float(found[-1] - weights @ mean)
    return Regression({name: round(float(each), 4) for name, each in zip(names, weights, strict=True)}, round(bias, 4))


def line(products: Floats, labels: NDArray[np.bool_]) -> list[tuple[float, float]]:
    """Platt's sigmoid (1999) over the logits of the products, as points of a line at steps of equal shares of cases.

    It may make probabilities less sure, never surer.
    """
    logits = np.log(products / (1 - products))

    def cost(given: Floats) -> float:
        z = given[0] * logits + given[1]
        return float((np.logaddexp(0, z) - labels * z).mean())

    slope, bias = minimize(cost, np.array([1.0, 0.0]), method="L-BFGS-B", bounds=[(0, 1), (None, None)]).x
    at = sorted({round(float(x), 4) for x in np.quantile(products, np.linspace(0, 1, STEPS + 1))})
    return [(x, round(float(1 / (1 + np.exp(-(slope * np.log(x / (1 - x)) + bias)))), 4)) for x in at if 0 < x < 1]


def threshold(sure: Sequence[float], labels: NDArray[np.bool_], most_refused: float) -> float:
    """The largest probability to ask for that declines no more than that share of what has an answer."""
    answerable = sorted(each for each, label in zip(sure, labels, strict=True) if label)
    return round(float(answerable[int(most_refused * len(answerable))]) - 5e-4, 3)


def counted(told: Sequence[float], kinds: Sequence[str], least: float) -> Rates:
    """What a threshold does with questions of each kind."""
    answered = {
        kind: [bool(sure >= least) for sure, each in zip(told, kinds, strict=True) if each == kind] for kind in KINDS
    }
    return Rates(
        answerable=len(answered[ANSWERABLE]),
        refused=answered[ANSWERABLE].count(False),
        unanswerable=len(answered[UNANSWERABLE]),
        answered=sum(answered[UNANSWERABLE]),
        off=len(answered[OFF]),
        strayed=sum(answered[OFF]),
    )


def of_model(said: Sequence[Said]) -> dict[str, Any]:
    """The likelihood of yes to ask a chat model for, and the rates, both on the same few questions for reporting."""
    some = [each for each in said if each.half == "reporting"]
    yes = np.array([each.likelihood for each in some], dtype=float)
    labels = np.array([each.kind == ANSWERABLE for each in some])
    found = [each.kind for each in some]
    thresholds = {name: threshold(list(yes), labels, MODEL_REFUSES[name]) for name in STRICTNESSES}
    measured = {name: asdict(counted(list(yes), found, least)) for name, least in thresholds.items()}
    return {"thresholds": thresholds, "measured_on_the_same_questions": measured}


def error(told: Sequence[float], kinds: Sequence[str], wanted: Sequence[str]) -> float:
    """The expected calibration error over the kinds that are wanted, in ten bins."""
    pairs = [(sure, kind == ANSWERABLE) for sure, kind in zip(told, kinds, strict=True) if kind in wanted]
    return round(calibration_error([sure for sure, _ in pairs], [label for _, label in pairs]), 4)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(argument) for argument in sys.argv[2:]])
