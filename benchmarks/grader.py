"""How far the grader of free answers agrees with people, on FinanceBench's human-labelled answers.

The questions, sorted by id, go by turns to a half for fitting the constants of `basicchat.evaluate.grade.GradeConfig`
and a half for reporting, with all their answers. The constants that agree best on the first half are printed beside
those that are shipped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from basicchat.evaluate.grade import CORRECT, FITTED, INCORRECT, REFUSED, GradeConfig, grade
from basicchat.evaluate.lines import records
from benchmarks.table import evaluation_set, print_table

LABELS = {"Correct Answer": CORRECT, "Incorrect Answer": INCORRECT, "Refusal": REFUSED}
TOLERANCES = (0.0, 0.001, 0.002, 0.005, 0.01, 0.02)
WORDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
CLOSINGS = (0, 1, 2, 3, 5)


@dataclass(frozen=True)
class Labelled:
    """An answer of some model and what people said of it."""

    question_id: str
    question: str
    gold: str
    answer: str
    label: str

    def graded(self, config: GradeConfig) -> str:
        """What the grader says of it."""
        return grade(self.question, ((self.gold,),), self.answer, config).label


def main() -> None:
    """Print the agreement on both halves, what was said against what, and how the constants were chosen."""
    answers = list(labelled())
    reporting = reporting_half(answers)
    fitting = [answer for answer in answers if answer not in reporting]
    best = max(configurations(), key=lambda config: agreement(fitting, config)[1])
    print_table("Best constants on the fitting half", ("", "tolerance", "words", "closing"), [
        ("fitted now", best.tolerance, best.words, best.closing),
        ("shipped", FITTED.tolerance, FITTED.words, FITTED.closing),
    ])  # fmt: skip
    rows = []
    for name, half in (("fitting", fitting), ("reporting", reporting)):
        questions = len({answer.question_id for answer in half})
        rows.append((name, questions, len(half), *agreement(half, FITTED), *agreement(half, FITTED, binary=True)))
    header = ("half", "questions", "answers", "accuracy", "kappa", "accuracy: correct or not", "kappa: correct or not")
    print_table("Agreement of the grader with people", header, rows)
    said = Counter((answer.label, answer.graded(FITTED)) for answer in reporting)
    table = [(label, *(said[label, graded] for graded in LABELS.values())) for label in LABELS.values()]
    print_table("People (rows) and grader (columns), reporting half", ("", *LABELS.values()), table)


def labelled() -> Iterator[Labelled]:
    """The labelled answers of the set."""
    for record in records(evaluation_set("financebench") / "human_labelled_answers.jsonl.gz"):
        yield Labelled(
            record["financebench_id"],
            str(record["question"]),
            str(record["gold_answer"]),
            str(record["model_answer"]),
            LABELS[record["human_label"]],
        )


def reporting_half(answers: Sequence[Labelled]) -> list[Labelled]:
    """The answers to every second question, which nothing was fitted on."""
    ids = sorted({answer.question_id for answer in answers})
    return [answer for answer in answers if answer.question_id in ids[1::2]]


def configurations() -> Iterator[GradeConfig]:
    """Every combination that is tried, the plainest first: ties go to those."""
    for closing, words, tolerance in product(CLOSINGS, WORDS, TOLERANCES):
        yield GradeConfig(tolerance=tolerance, words=words, closing=closing)


def agreement(
    answers: Sequence[Labelled], config: GradeConfig = FITTED, *, binary: bool = False
) -> tuple[float, float]:
    """Accuracy against the labels, and Cohen's kappa; ``binary`` asks only whether an answer is correct."""
    pairs = [(answer.label, answer.graded(config)) for answer in answers]
    if binary:
        pairs = [(str(one == CORRECT), str(other == CORRECT)) for one, other in pairs]
    return sum(one == other for one, other in pairs) / len(pairs), kappa(pairs)


def kappa(pairs: Sequence[tuple[str, str]]) -> float:
    """Agreement beyond chance, (p_o - p_e) / (1 - p_e) (Cohen 1960); 1 where both always say one and the same."""
    observed = sum(one == other for one, other in pairs) / len(pairs)
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    expected = sum(first[label] * second[label] for label in first) / len(pairs) ** 2
    return (observed - expected) / (1 - expected) if expected < 1 else 1.0


if __name__ == "__main__":
    main()
