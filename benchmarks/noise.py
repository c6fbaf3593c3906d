"""RGB (Chen et al. 2024): answers among noise, refusals where no passage answers, and falsified documents.

    python -m benchmarks.noise                                   answers quoted without a chat model
    python -m benchmarks.noise --model NAME --questions 30       written by a chat model, so many questions a row

Every question has a library of its own, of at most five passages: right ones and noise in a given ratio, noise alone,
or right ones whose fact was changed. Nothing was fitted on RGB. Each question is asked once, with the gate as open as
it goes; what a stricter one declines follows from the probability that stands in the answer. What RGB calls noise is
about the subject; the last column says for how many of the questions that should be declined it names the answer after
all.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from basicchat.evaluate.answers import contains
from basicchat.evaluate.cases import EvaluationSet
from basicchat.evaluate.readers.noise import read
from basicchat.reason.gate import STRICTNESSES, Gate, Strictness
from basicchat.retrieve.language import in_english
from benchmarks.answered import Answered, answered
from benchmarks.table import evaluation_set, print_table

MIXES = ("0", "20", "40", "60", "80", "negative", "falsified")
FEW = ("40", "80", "negative", "falsified")
"""For a chat model, which takes seconds where quoting takes a tenth of one."""
FILES = ("en_fact", "zh_fact")
HEADER = ("passages", "gate", "questions", "declined", "right", "holds the changed fact",
          "all words unsupported", "noise names the answer")  # fmt: skip


def main() -> None:
    """Ask and print a table for every file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="", help="a chat model; without one, sentences are quoted")
    parser.add_argument("--files", nargs="+", default=FILES, help="files of RGB that have falsified passages")
    parser.add_argument("--questions", type=int, default=50, help="questions of each row at most")
    parser.add_argument("--fresh", action="store_true", help="ask again what was asked before")
    options = parser.parse_args()
    for file in options.files:
        rows = [
            row
            for mix in (FEW if options.model else MIXES)
            for row in _rows(mix, read(evaluation_set("rgb"), file, mix).limited(options.questions), options)
        ]
        print_table(f"RGB {file}, {options.model or 'quotes without a chat model'}", HEADER, rows)


def _rows(mix: str, evaluation: EvaluationSet, options: argparse.Namespace) -> Iterator[Sequence[object]]:
    """A row for each strictness."""
    found = answered(
        evaluation,
        mode="direct" if options.model else "extractive",
        model=options.model,
        fresh=options.fresh,
        strictness="helpful",
        name=f"rgb-{evaluation.questions[0].collection.partition('-')[0]}-{mix}",
    )
    texts = {source.collection: "" for source in evaluation.sources}
    for source in evaluation.sources:
        texts[source.collection] += f"{source.text}\n"
    named = sum(contains(texts[each.question.collection], each.question.answers) for each in found)
    for strictness in STRICTNESSES:
        given = [each for each in found if not declined(each, strictness)]
        right = sum(contains(each.answer.text, each.question.answers) for each in given)
        trapped = sum(contains(each.answer.text, ((each.question.trap,),)) for each in given)
        yield (
            f"{mix} % noise" if mix.isdigit() else mix,
            strictness,
            len(found),
            len(found) - len(given),
            int(right),
            int(trapped) if mix == "falsified" else "",
            sum(_unsupported(each) for each in given),
            int(named) if mix == "negative" else "",
        )


def declined(each: Answered, strictness: Strictness) -> bool:
    """Whether a gate of this strictness, or the model, declines what the most open gate let through."""
    answer = each.answer
    most, *_, words = Gate().fitted  # English by both models, other languages by words alone
    least = (most if in_english(each.question.text) else words).thresholds[strictness]
    return answer.abstained or (answer.likelihood is not None and answer.likelihood < least)


def _unsupported(each: Answered) -> bool:
    """Whether no sentence of the answer is borne out by a passage."""
    checked = each.answer.sentences
    return bool(checked) and all(sentence.verdict == "unsupported" for sentence in checked)


if __name__ == "__main__":
    main()
