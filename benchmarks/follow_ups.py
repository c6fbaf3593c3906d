"""What a model reads in a conversation about the same sources, with and without going on from what it read before.

    python -m benchmarks.follow_ups                          five conversations of five turns, smallest everyday model
    python -m benchmarks.follow_ups --model NAME --conversations 3

A conversation is five of SQuAD2's questions about one passage, asked one after the other in a library of all passages.
Tokens are counted by the server, so that other work on the machine changes nothing: what a turn reads is its prompt
without the tokens that the server still knew. Both ways have the same questions; an answer counts as right when it
holds the gold answer.
"""

from __future__ import annotations

import argparse
import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from basicchat import bootstrap
from basicchat.core.events import answer_of
from basicchat.core.types import Answer
from basicchat.evaluate.answers import contains
from basicchat.evaluate.asking import lay_out
from basicchat.evaluate.cases import EvaluationSet, Question
from basicchat.evaluate.readers.spans import read_squad
from basicchat.settings import Settings
from benchmarks.table import evaluation_set, print_table, scratch_settings

MODEL = "qwen2.5-coder-0.5b-instruct-q4_k_m"
TURNS = 5
WAYS = {"everything anew": 0, "going on": 4096}
"""Tokens that a conversation may have."""


@dataclass(frozen=True)
class Asked:
    """An answer of a conversation, ``turn`` from 0."""

    turn: int
    question: Question
    answer: Answer

    @property
    def read(self) -> int:
        """Tokens of the prompt that were not known."""
        usage = self.answer.usage
        return (usage.prompt_tokens or 0) - (usage.reused_tokens or 0)

    @property
    def right(self) -> bool:
        """Whether the answer holds a gold answer."""
        return not self.answer.abstained and bool(contains(self.answer.text, self.question.answers))


def main() -> None:
    """Ask both ways, print what each turn read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=MODEL, help="a chat model of the built-in server")
    parser.add_argument("--conversations", type=int, default=5)
    options = parser.parse_args()
    whole = read_squad(evaluation_set("squad2")).answerable()
    chosen = conversations(whole, options.conversations)
    rows, first = [], 0.0
    for way, tokens in WAYS.items():
        with scratch_settings() as settings:
            asked = list(_asked(_with(settings, options.model, tokens), whole, chosen))
        read = [statistics.median(each.read for each in asked if each.turn == turn) for turn in range(TURNS)]
        first = first or read[0]
        later = [sum(each.read for each in asked if each.turn) / sum(each.read for each in asked if not each.turn)]
        seconds = [_seconds(asked, turns) for turns in ((0,), tuple(range(1, TURNS)))]
        share = later[0] / (TURNS - 1)
        rows.append(
            (way, *map(round, read), f"{share:.0%}", *seconds, f"{sum(e.right for e in asked)} of {len(asked)}")
        )
    header = ("way", *(f"turn {turn + 1}" for turn in range(TURNS)), "a later turn, of the first",
              "s to read, first", "later", "right")  # fmt: skip
    print_table(
        f"Tokens read in a turn, median of {options.conversations} conversations, {options.model}", header, rows
    )


def _seconds(asked: Sequence[Asked], turns: Sequence[int]) -> float:
    return statistics.median(each.answer.usage.prompt_seconds or 0.0 for each in asked if each.turn in turns)


def conversations(whole: EvaluationSet, count: int) -> list[list[Question]]:
    """So many passages with five questions, spread over the whole set."""
    about: dict[tuple[str, ...], list[Question]] = defaultdict(list)
    for question in whole.questions:
        about[question.gold].append(question)
    long = [questions[:TURNS] for questions in about.values() if len(questions) >= TURNS]
    return [long[number * len(long) // count] for number in range(count)]


def _asked(settings: Settings, whole: EvaluationSet, chosen: Sequence[Sequence[Question]]) -> Iterator[Asked]:
    with bootstrap.open_assistant(settings) as assistant:
        for place, collection in lay_out(whole, settings.home):
            assistant.ingest([place], collection=collection)
        for questions in chosen:
            conversation = assistant.chats.create()
            for turn, question in enumerate(questions):
                events = assistant.chats.send(conversation.id, question.text, mode="direct", fresh=True)
                yield Asked(turn, question, answer_of(events))


def _with(settings: Settings, model: str, tokens: int) -> Settings:
    return settings.model_copy(
        update={
            "ollama": settings.ollama.model_copy(update={"enabled": False}),
            "models": settings.models.model_copy(update={"chat": model}),
            "answer": settings.answer.model_copy(update={"conversation_tokens": tokens}),
        }
    )


if __name__ == "__main__":
    main()
