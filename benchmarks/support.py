"""How well it is told whether a passage supports a claim, on SciFact's claims and labelled rationales.

A case is a claim with an abstract that it cites: supported, contradicted, or without evidence. The rule is fitted on
the train claims, and so are its thresholds; everything is reported on the dev claims (SciFact's own split, ``test``
in its BEIR form). ``--fit`` prints new weights. What the cross-encoder said is kept in ``output/support-logits.json``.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from basicchat.adapters.rerank.onnx import OnnxReranker
from basicchat.core.grounding import CheckedSentence
from basicchat.core.types import Document, Passage
from basicchat.reason.measures import FEATURES, Measures, measure
from basicchat.reason.sentences import Sentence
from basicchat.reason.support import Grounds
from basicchat.reason.verify import check
from basicchat.settings import load
from benchmarks.table import REPOSITORY, evaluation_set, print_table

CACHE = REPOSITORY / "output" / "support-logits.json"
RIDGE = 1.0
SEED = 7
PLAIN = len(FEATURES) - 2  # features without the cross-encoder's


@dataclass
class Case:
    """A claim against an abstract: its label, the sentences that support it, and what was measured of each sentence."""

    claim: str
    label: str
    sentences: list[str]
    gold: frozenset[int]
    measures: list[Measures] = field(default_factory=list)
    logits: list[float] = field(default_factory=list)

    @property
    def supported(self) -> bool:
        """Whether the abstract supports the claim."""
        return self.label == "SUPPORT"

    def rows(self, *, logits: bool) -> NDArray[np.float64]:
        """A row of features for each sentence."""
        given = self.logits if logits else [None] * len(self.measures)
        return np.array([each.row(logit) for each, logit in zip(self.measures, given, strict=True)])


def main() -> None:
    """Measure, fit, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", action="store_true", help="print new weights")
    options = parser.parse_args()
    train, dev = list(cases("train")), list(cases("test"))
    read(train + dev)
    rules = {name: fit(train, columns) for name, columns in COLUMNS.items()}
    if options.fit:
        for name, rule in rules.items():
            print(name, [round(float(weight), 3) for weight in rule.weights], round(rule.abstract, 3))
    report(dev, rules)


@dataclass(frozen=True)
class Rule:
    """Weights of some columns, and the probabilities from which an abstract and a sentence count as supporting."""

    columns: tuple[int, ...]
    weights: NDArray[np.float64]
    abstract: float = 0.5
    sentence: float = 0.5

    def probabilities(self, case: Case) -> NDArray[np.float64]:
        """That each sentence supports the claim."""
        odds = case.rows(logits=True)[:, list(self.columns)] @ self.weights
        return np.asarray(1 / (1 + np.exp(-odds)))


EVERY = tuple(range(len(FEATURES)))
COLUMNS = {"words": EVERY[:PLAIN], "cross-encoder": (0, *EVERY[PLAIN:]), "both": EVERY}
VERDICTS = ("unsupported", "weak", "supported")
KINDS = ("of those that support", "of those that contradict", "of those without evidence", "of others")
LABELS = ("SUPPORT", "CONTRADICT", "NOT_ENOUGH_INFO", "OTHER")


def fit(train: Sequence[Case], columns: tuple[int, ...]) -> Rule:
    """The rule of these columns with its thresholds: those of the best F1 over claims and the abstracts they cite."""
    cited = [case for case in train if case.label != "OTHER"]
    rows = np.vstack([case.rows(logits=True)[:, list(columns)] for case in cited])
    rule = Rule(columns, fitted(rows, np.concatenate([_gold(case) for case in cited])))
    tops = np.array([rule.probabilities(case).max() for case in cited])
    each = np.concatenate([rule.probabilities(case) for case in cited])
    return replace(
        rule,
        abstract=_best(tops, np.array([case.supported for case in cited])),
        sentence=_best(each, np.concatenate([_gold(case) for case in cited]) > 0),
    )


def report(dev: Sequence[Case], rules: Mapping[str, Rule]) -> None:
    """Precision and recall of ``supported``, and how many abstracts of each kind are called that."""
    cited = [case for case in dev if case.label != "OTHER"]
    called = {
        name: [bool(rule.probabilities(case).max() >= rule.abstract) for case in dev] for name, rule in rules.items()
    }
    called["the product's verdict"] = [verdict(case) == "supported" for case in dev]
    abstracts = [
        (name, *_measured(*_paired(dev, said)), *(_share(dev, said, label) for label in LABELS))
        for name, said in called.items()
    ]
    counts = [sum(case.label == label for case in dev) for label in LABELS]
    kinds = (f"{kind} ({count})" for kind, count in zip(KINDS, counts, strict=True))
    header = ("rule", "said", "right", "precision", "recall", "F1")
    print_table("Abstracts called supporting: claims of SciFact's dev part", (*header, *kinds), abstracts)
    gold = np.concatenate([_gold(case) for case in cited]) > 0
    sentences = [
        (name, *_measured(np.concatenate([rule.probabilities(case) for case in cited]) >= rule.sentence, gold))
        for name, rule in rules.items()
    ]
    print_table("Sentences of cited abstracts called supporting", header, sentences)
    doubts = [(label, *_doubts([case for case in dev if case.label == label])) for label in LABELS]
    header = ("abstracts", "cases", "supported", "weak", "unsupported", "a denial or an opposite seen")
    print_table("What the product says", header, doubts)


def verdict(case: Case) -> str:
    """What the product says of a claim that cites this abstract."""
    return min((each.verdict for each in checked(case)), key=VERDICTS.index, default="unsupported")


def checked(case: Case) -> tuple[CheckedSentence, ...]:
    """The claim as an answer that cites the abstract."""
    passage, _ = laid_out(case)

    def score(claim: str, texts: Sequence[str]) -> list[float]:
        return [_logit(case, text) for text in texts]

    return check(f"{case.claim} [1]", Grounds([passage], question=""), score=score)


def _logit(case: Case, text: str) -> float:
    """That of the labelled sentence that holds most of a piece: the product cuts a few of them otherwise."""
    size = [SequenceMatcher(None, text, each, autojunk=False).find_longest_match().size for each in case.sentences]
    return case.logits[int(np.argmax(size))]


def _doubts(found: Sequence[Case]) -> tuple[object, ...]:
    said = [verdict(case) for case in found]
    against = sum(any(each.doubt in {"denial", "opposite"} for each in checked(case)) for case in found)
    return (len(found), *(said.count(each) for each in ("supported", "weak", "unsupported")), against)


def _paired(dev: Sequence[Case], said: Sequence[bool]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    pairs = [(told, case.supported) for case, told in zip(dev, said, strict=True) if case.label != "OTHER"]
    return np.array([told for told, _ in pairs]), np.array([gold for _, gold in pairs])


def _share(dev: Sequence[Case], said: Sequence[bool], label: str) -> str:
    own = [told for case, told in zip(dev, said, strict=True) if case.label == label]
    return f"{sum(own)} ({sum(own) / max(len(own), 1):.0%})"


def _measured(said: NDArray[np.bool_], gold: NDArray[np.bool_]) -> tuple[object, ...]:
    right, total = int((said & gold).sum()), int(said.sum())
    precision, recall = right / max(total, 1), right / max(int(gold.sum()), 1)
    return total, right, precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def _best(scores: NDArray[np.float64], gold: NDArray[np.bool_]) -> float:
    """The threshold with the best F1."""
    tried = np.unique(np.quantile(scores, np.linspace(0, 1, 501)))
    return float(max(tried, key=lambda least: float(str(_measured(scores >= least, gold)[-1]))))


def _gold(case: Case) -> NDArray[np.float64]:
    return np.array([float(place in case.gold) for place in range(len(case.sentences))])


def cases(part: str) -> Iterator[Case]:
    """Every claim with every abstract it cites, and with one other abstract, drawn by chance, as a wrong citation."""
    folder = evaluation_set("scifact")
    abstracts = {row["_id"]: row for row in _rows(folder / "corpus.jsonl.gz")}
    ids = sorted(abstracts)
    dice = random.Random(SEED)  # noqa: S311 - no secret
    for row in _rows(folder / f"claims_{part}.jsonl.gz"):
        for cited in row["cited_doc_ids"]:
            if cited not in abstracts:
                continue
            evidence = [each for each in row["evidence"] if each["doc_id"] == cited]
            label = evidence[0]["label"] if evidence else "NOT_ENOUGH_INFO"
            gold = {place for each in evidence if each["label"] == "SUPPORT" for place in each["sentences"]}
            yield Case(row["text"], label, abstracts[cited]["sentences"], frozenset(gold))
        yield Case(row["text"], "OTHER", abstracts[dice.choice(ids)]["sentences"], frozenset())


def read(found: Sequence[Case]) -> None:
    """Measure every sentence, and ask the cross-encoder about those that it was not asked about before."""
    for case in found:
        case.measures = list(measured(case))
    known: dict[str, list[float]] = json.loads(CACHE.read_text()) if CACHE.is_file() else {}
    settings = load()
    reranker = OnnxReranker(settings.models_folder / settings.models.reranker)
    fresh = 0
    for case in found:
        key = json.dumps([case.claim, case.sentences])
        if key not in known:
            known[key] = reranker.score(case.claim, case.sentences)
            fresh += 1
            if fresh % 200 == 0:
                _keep(known)
        case.logits = known[key]
    if fresh:
        _keep(known)


def measured(case: Case) -> Iterator[Measures]:
    """What is measured of each sentence, with the abstract as the passage."""
    passage, places = laid_out(case)
    grounds = Grounds([passage], question="")
    for place in places:
        yield measure(case.claim, passage, place, grounds)


def laid_out(case: Case) -> tuple[Passage, list[Sentence]]:
    """The abstract as a passage, and where its labelled sentences stand."""
    text, places = "", []
    for sentence in case.sentences:
        places.append(Sentence(len(text), len(text) + len(sentence)))
        text += sentence + " "
    return _passage(text), places


def fitted(rows: NDArray[np.float64], labels: NDArray[np.float64], *, ridge: float = RIDGE) -> NDArray[np.float64]:
    """Weights of a logistic regression by Newton's method, with a penalty on all but the bias."""
    weights = np.zeros(rows.shape[1])
    penalty = np.diag([0.0, *[ridge] * (rows.shape[1] - 1)])
    for _ in range(30):
        likely = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (labels - likely) - penalty @ weights
        curve = (rows * (likely * (1 - likely))[:, None]).T @ rows + penalty
        weights = weights + np.linalg.solve(curve, slope)
    return weights


def _passage(text: str) -> Passage:
    document = Document("d", "default", "d", "d", "text/plain", "d", 1, 1, 0.0)
    return Passage(1, document, 1, 0, len(text), text, ("c",), 1.0)


def _keep(known: dict[str, list[float]]) -> None:
    CACHE.parent.mkdir(exist_ok=True)
    CACHE.write_text(json.dumps(known))


def _rows(file: Path) -> list[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


if __name__ == "__main__":
    main()
