"""Every benchmark that prints tables: how it is called for a short and for a full run, and how long it may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Benchmark:
    """A command of this package. ``minutes`` and ``short_minutes`` are limits, several times what two cores need."""

    name: str
    about: str
    minutes: int
    short_minutes: int
    arguments: tuple[str, ...] = ()
    short: tuple[str, ...] = ()

    def command(self, *, short: bool) -> tuple[str, ...]:
        """What follows ``python -m``."""
        return (f"benchmarks.{self.name}", *(self.short if short else self.arguments))


SMALL_MODEL = ("--model", "qwen2.5-coder-0.5b-instruct-q4_k_m")

BENCHMARKS = (
    Benchmark("grader", "the grader of free answers beside people", 10, 10),
    Benchmark("start", "from the command to a page", 10, 10),
    Benchmark("sync", "following a folder", 30, 30),
    Benchmark("citations", "numbers in answers and what they stand for", 60, 30, short=("--written", "0")),
    Benchmark("support", "whether a passage says what a sentence says", 60, 60),
    Benchmark("conflicts", "sources that disagree", 60, 60),
    Benchmark("abstention", "the gate before the model", 60, 60),
    Benchmark("noise", "answers among noise, and none where there is only noise", 30, 30),
    Benchmark("retrieval", "finding, step by step", 360, 30, short=("squad2", "--questions", "30")),
    Benchmark("rewriting", "follow-ups that stand alone", 60, 60),
    Benchmark("rewriting_steps", "further steps before the search", 120, 30, short=("--sets", "hotpotqa100")),
    Benchmark("cache", "earlier answers", 90, 90),
    Benchmark("extractive", "answers without a model", 60, 60),
    Benchmark("speculation", "guessing words before they are written", 60, 20, short=("--questions", "1")),
    Benchmark("follow_ups", "what a model reads in a conversation", 60, 20, short=("--conversations", "1")),
    Benchmark("first_token", "time to the first token", 60, 60),
    Benchmark("formats", "files of many formats", 60, 60),
    Benchmark("ocr", "text in pictures", 120, 120),
    Benchmark("ingest", "taking files in", 60, 20, short=("--files", "2")),
    Benchmark(
        "latency",
        "searches in libraries of every size",
        360,
        60,
        short=("--chunks", "10000", "--questions", "20"),
    ),
    Benchmark("router", "which questions take several steps", 30, 30),
    Benchmark(
        "modes",
        "what each way of answering is worth",
        *(320, 15),
        arguments=(*SMALL_MODEL, "--questions", "50", "--minutes", "300"),
        short=(*SMALL_MODEL, "--questions", "4", "--minutes", "10"),
    ),
    Benchmark(
        "research",
        "deep research, killed twice",
        *(120, 40),
        arguments=SMALL_MODEL,
        short=(*SMALL_MODEL, "--parts", "3", "--sources", "1", "--minutes", "30"),
    ),
    Benchmark(
        "calling",
        "choosing and calling tools",
        *(120, 15),
        arguments=(*SMALL_MODEL, "--each", "40", "--minutes", "110"),
        short=(*SMALL_MODEL, "--each", "4", "--minutes", "10"),
    ),
    Benchmark(
        "injection",
        "instructions planted in documents",
        *(120, 15),
        arguments=(*SMALL_MODEL, "--cases", "60", "--minutes", "110"),
        short=(*SMALL_MODEL, "--cases", "4", "--minutes", "10"),
    ),
    Benchmark("switch", "another embedder while questions are asked", 60, 60),
    Benchmark("delete", "removing and looking all over", 60, 60),
    Benchmark("responsive", "answering while files are taken in", 60, 40, short=("20",), arguments=("60",)),
    Benchmark("memory", "memory after thousands of files", 120, 30, short=("100",)),
    Benchmark("kills", "killed again and again", 240, 30, short=("0", "3")),
)
"""In the order in which they run: the quick ones first."""

NO_TABLES = frozenset({"abstention_models", "cache_pairs", "recipe"})
"""Commands of this package that prepare something for another one."""
