"""How well the words of a question tell whether it takes several steps: HotpotQA against SQuAD2.

Fitted on one half, reported on the other: SQuAD2 split by article, HotpotQA by question. Both kinds count alike.
"""

from __future__ import annotations

import numpy as np

from basicchat.evaluate.cases import Question, halves
from basicchat.evaluate.readers import read_set
from basicchat.reason import route
from benchmarks.table import evaluation_set, print_table

ROUNDS = 4000
RATE = 0.3
RIDGE = 0.01


def main() -> None:
    """Fit, print the weights, and the accuracy on both halves with these weights and with those of the program."""
    several = halves(read_set("hotpotqa", evaluation_set("hotpotqa100")).questions)
    single = halves(read_set("squad2", evaluation_set("squad2")).answerable().questions)
    weights = fit(several[0], single[0])
    print("WEIGHTS = (" + ", ".join(f"{weight:.2f}" for weight in weights[:-1]) + ")")
    print(f"BIAS = {weights[-1]:.2f}")
    shipped = np.array([*route.WEIGHTS, route.BIAS])
    rows = []
    for name, own in (("fitted now", weights), ("in the program", shipped)):
        for half, (two, one) in enumerate(zip(several, single, strict=True)):
            right = [int((judged(own, two) > 0).sum()), int((judged(own, one) <= 0).sum())]
            shares = [right[0] / len(two), right[1] / len(one)]
            told = (f"{right[0]} of {len(two)}", f"{right[1]} of {len(one)}", f"{sum(shares) / 2:.3f}")
            rows.append((name, ("fitting", "reporting")[half], *told))
    header = ("weights", "half", "several steps, known", "one step, known", "mean of both shares")
    print_table("Telling questions that take several steps", header, rows)


def judged(weights: np.ndarray, questions: tuple[Question, ...]) -> np.ndarray:
    """The logit of each question."""
    values = np.array([[*route.features(question.text), 1.0] for question in questions])
    return np.asarray(values @ weights)


def fit(several: tuple[Question, ...], single: tuple[Question, ...]) -> np.ndarray:
    """Weights and bias of a logistic regression by gradient descent; each kind has half of the weight."""
    values = np.array([[*route.features(question.text), 1.0] for question in (*several, *single)])
    truth = np.array([1.0] * len(several) + [0.0] * len(single))
    share = np.where(truth == 1, 0.5 / len(several), 0.5 / len(single))
    weights = np.zeros(values.shape[1])
    for _ in range(ROUNDS):
        wrong = 1 / (1 + np.exp(-values @ weights)) - truth
        weights -= RATE * (values.T @ (share * wrong) + RIDGE * np.append(weights[:-1], 0.0) / len(weights))
    return weights


if __name__ == "__main__":
    main()
