"""How long an answer without a language model takes, over 13 real filings in one library.

The first question is left out: it loads the models. Every later question is new to the library.
"""

from __future__ import annotations

import gzip
import json
import time

from basicchat import bootstrap
from benchmarks.table import evaluation_set, percentile, print_table, scratch_settings

ROUNDS = 3


def main() -> None:
    """Ingest, ask every question, print the table."""
    folder = evaluation_set("financebench")
    with gzip.open(folder / "questions.jsonl.gz", "rt", encoding="utf-8") as lines:
        questions = [json.loads(line)["question"] for line in lines]
    with scratch_settings() as settings, bootstrap.open_assistant(settings) as assistant:
        outcomes = assistant.ingest([folder / "pdfs"])
        assistant.ask("What is this about?", mode="extractive")
        seconds = []
        for _ in range(ROUNDS):
            for question in questions:
                started = time.perf_counter()
                assistant.ask(question, mode="extractive", fresh=True)
                seconds.append(time.perf_counter() - started)
    chunks = sum(outcome.chunks for outcome in outcomes)
    row = (len(outcomes), chunks, len(seconds), percentile(seconds, 0.5), percentile(seconds, 0.95), max(seconds))
    print_table("Extractive answers", ("files", "passages", "questions", "p50 s", "p95 s", "longest s"), [row])


if __name__ == "__main__":
    main()
