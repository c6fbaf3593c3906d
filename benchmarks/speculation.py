"""Speculative decoding in llama.cpp: words guessed from the prompt or by a smaller model, then checked in one step.

    python -m benchmarks.speculation                       six document answers, the larger everyday model
    python -m benchmarks.speculation --questions 3 --model qwen2.5-coder-0.5b-instruct-q4_k_m

Every way answers the same questions of SQuAD2 from the product's own prompt at temperature 0, by turns and each time
another one first, so that other work on the machine meets all of them. Only the time for writing counts; "of plain" is
the median over the questions. Threads are the product's: one core is left free for writing, all read, also guesses.
Guesses are checked by the model itself (Leviathan et al. 2023); where two words are as likely, reading several at once
may still round otherwise than one by one, so the last column says how many texts are the same.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xllamacpp

from basicchat.core.types import Document, Passage
from basicchat.evaluate.cases import EvaluationSet, Question
from basicchat.evaluate.readers.spans import read_squad
from basicchat.reason.prompts import direct
from basicchat.settings import load
from benchmarks.table import evaluation_set, print_table

MODEL = "qwen2.5-coder-1.5b-instruct-q4_k_m"
DRAFT = "qwen2.5-coder-0.5b-instruct-q4_k_m"
PASSAGES = 4
WINDOW = 4096
REPLY_TOKENS = 120
HEADER = ("way", "tokens", "tokens/s", "of plain", "guessed", "accepted", "same texts")


@dataclass(frozen=True)
class Way:
    """A kind of guessing, with its parameters; ``kind`` is llama.cpp's name for it, empty for none."""

    name: str
    kind: str = ""
    part: str = ""
    values: Mapping[str, float] = field(default_factory=dict)


WAYS = (
    Way("plain"),
    Way("words of the prompt, 3 then up to 4", "NGRAM_SIMPLE", "ngram_simple", {"size_n": 3, "size_m": 4}),
    Way("words of the prompt, 3 then up to 8", "NGRAM_SIMPLE", "ngram_simple", {"size_n": 3, "size_m": 8}),
    Way("words of the prompt, looked up", "NGRAM_MAP_K", "ngram_map_k", {"size_n": 3, "size_m": 8}),
    Way("smaller model, up to 3", "DRAFT_SIMPLE", "draft", {"n_max": 3, "p_min": 0.5}),
)


@dataclass
class Sum:
    """What a way came to."""

    tokens: int = 0
    milliseconds: float = 0.0
    a_token: list[float] = field(default_factory=list)
    guessed: int = 0
    accepted: int = 0
    texts: list[str] = field(default_factory=list)

    def add(self, reply: Mapping[str, Any]) -> None:
        """One more reply."""
        timings = reply["timings"]
        self.tokens += int(timings["predicted_n"])
        self.milliseconds += float(timings["predicted_ms"])
        self.a_token.append(float(timings["predicted_ms"]) / max(1, int(timings["predicted_n"])))
        self.guessed += int(timings.get("draft_n", 0))
        self.accepted += int(timings.get("draft_n_accepted", 0))
        self.texts.append(reply["choices"][0]["message"]["content"])

    @property
    def speed(self) -> float:
        """Tokens a second."""
        return 1000 * self.tokens / self.milliseconds


def main() -> None:
    """Ask, print a row for every way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=MODEL)
    parser.add_argument("--questions", type=int, default=6)
    options = parser.parse_args()
    folder = load().models_folder
    ways = [way for way in WAYS if way.part != "draft" or options.model != DRAFT]
    servers = {way.name: _server(folder, options.model, way) for way in ways}
    sums = {way.name: Sum() for way in ways}
    for turn, messages in enumerate(prompts(read_squad(evaluation_set("squad2")).answerable(), options.questions)):
        body = {"messages": messages, "temperature": 0, "max_tokens": REPLY_TOKENS, "cache_prompt": True}
        order = list(servers.items())
        for name, server in order[turn % len(order) :] + order[: turn % len(order)]:
            reply = server.handle_chat_completions(body)
            sums[name].add(json.loads(reply) if isinstance(reply, str) else reply)
    plain = sums[WAYS[0].name]
    rows = [
        (name, sum_.tokens, sum_.speed,
         statistics.median(one / other for one, other in zip(plain.a_token, sum_.a_token, strict=True)), sum_.guessed,
         f"{sum_.accepted / sum_.guessed:.0%}" if sum_.guessed else "",
         f"{sum(one == other for one, other in zip(sum_.texts, plain.texts, strict=True))} of {len(plain.texts)}")
        for name, sum_ in sums.items()
    ]  # fmt: skip
    print_table(f"Speculative decoding, {options.model}", HEADER, rows)


def prompts(whole: EvaluationSet, count: int) -> Iterator[list[dict[str, str]]]:
    """The messages for questions spread over the set: the passage that answers, and those before and behind it."""
    places = {source.id: place for place, source in enumerate(whole.sources)}
    for number in range(count):
        question = whole.questions[number * len(whole.questions) // count]
        first = max(0, min(places[question.gold[0]] - 1, len(whole.sources) - PASSAGES))
        yield _messages(question, [whole.sources[first + step].text for step in range(PASSAGES)])


def _messages(question: Question, texts: Sequence[str]) -> list[dict[str, str]]:
    passages = [
        Passage(number, Document(str(number), "default", "text", "text", "text/plain", str(number), 1, 1, 0.0),
                1, 0, len(text), text, (str(number),), 1.0)
        for number, text in enumerate(texts, start=1)
    ]  # fmt: skip
    shown = [
        {"role": role, "content": text}
        for pair in direct.example()
        for role, text in zip(("user", "assistant"), pair, strict=True)
    ]
    system = {"role": "system", "content": direct.SYSTEM}
    return [system, *shown, {"role": "user", "content": direct.user(question.text, passages)}]


def _server(folder: Path, model: str, way: Way) -> Any:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(folder / model / "model.gguf")
    parameters.n_ctx, parameters.n_parallel, parameters.verbosity = WINDOW, 1, 1
    parameters.n_batch = parameters.n_ubatch = 256
    parameters.warmup, parameters.use_jinja = False, True
    cores = os.cpu_count() or 1
    draft = parameters.speculative.draft
    parameters.cpuparams.n_threads = draft.cpuparams.n_threads = max(1, cores - 1)
    parameters.cpuparams_batch.n_threads = draft.cpuparams_batch.n_threads = cores
    if way.kind:
        kinds = xllamacpp.common_speculative_type
        parameters.speculative.types = [getattr(kinds, f"COMMON_SPECULATIVE_TYPE_{way.kind}")]
        for name, value in way.values.items():
            setattr(getattr(parameters.speculative, way.part), name, value)
        if way.part == "draft":
            draft.mparams.path = str(folder / DRAFT / "model.gguf")
    return xllamacpp.Server(parameters)


if __name__ == "__main__":
    main()
