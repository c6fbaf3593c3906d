"""How often an earlier answer is given again: rightly, to the same question, and wrongly, to one that only looks so.

The pairs come from `benchmarks.cache_pairs`. The similarity is chosen on the fitting half of the articles; what is
reported for the other half was not looked at while rules and similarity were made. Then a hit is timed in the
product, with the default models, at 1,000 kept answers.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from basicchat import bootstrap
from basicchat.adapters.cache.sqlite import SqliteCache
from basicchat.bootstrap import parts
from basicchat.bootstrap.embedders import configured
from basicchat.core.protocols import Embedder, Vector
from basicchat.core.types import Answer, Citation
from basicchat.reason.sameness import normalised, same_question
from basicchat.service.earlier import SIMILARITY, Circumstances, EarlierAnswers, Kept
from basicchat.settings import Settings
from benchmarks.cache_pairs import HALVES, Pair, pairs
from benchmarks.table import percentile, print_table, scratch_settings

SHARE_KEPT = 0.999  # of the paraphrases whose words agree: what the similarity may cost
COSINES = (0.85, 0.9, 0.95, 0.98, 0.99)
GREETINGS = ("Hello", "Hi", "Hey", "OK", "So", "Well")
ANSWERS = 1_000
HITS = 200

Judge = Callable[[Pair], bool]


def main() -> None:
    """Embed every question once, print rates of every half and rule, then times."""
    with scratch_settings() as settings:
        embedder = bootstrap.embedder(settings, configured(settings))
        found = pairs()
        cosines = measured(found, embedder)
        report_choice(found, cosines)
        report_ways(found, cosines)
        report_rules(found, cosines)
        report_times(embedder, sorted({pair.first for pair in found}))
        report_product(settings)


def measured(found: Sequence[Pair], embedder: Embedder) -> Mapping[Pair, float]:
    """The cosine of the two questions of each pair."""
    texts = sorted({text for pair in found for text in (pair.first, pair.second)})
    vectors = {text: np.asarray(embedder.embed_query(text)) for text in texts}
    return {pair: float(vectors[pair.first] @ vectors[pair.second]) for pair in found}


def report_choice(found: Sequence[Pair], cosines: Mapping[Pair, float]) -> None:
    """What the similarity is chosen by."""
    fits = [cosines[pair] for pair in found if pair.half == "fitting" and pair.same and _words(pair)]
    chosen = np.floor(float(np.quantile(fits, 1 - SHARE_KEPT)) * 100) / 100
    row = (len(fits), SHARE_KEPT, float(chosen), SIMILARITY)
    print_table(
        "The similarity, from the fitting half", ("paraphrases whose words agree", "to keep", "gives", "in use"), [row]
    )


def report_ways(found: Sequence[Pair], cosines: Mapping[Pair, float]) -> None:
    """False hits and hits of each way to tell, in both halves."""
    ways: dict[str, Judge] = {"the very same text": _text}
    for cosine in COSINES:
        ways[f"cosine {cosine}"] = lambda pair, least=cosine: cosines[pair] >= least  # type: ignore[misc]
    ways["words"] = _words
    ways["words and cosine (in use)"] = _in_use(cosines)
    rows = []
    for half in HALVES:
        near, same = ([pair for pair in found if pair.half == half and pair.same is kind] for kind in (False, True))
        for name, judge in ways.items():
            false, right = sum(map(judge, near)), sum(map(judge, same))
            rows.append((half, name, len(near), false, false / len(near), len(same), right, right / len(same)))
    header = ("articles", "told by", "near misses", "false hits", "rate", "paraphrases", "hits", "rate")
    print_table("Earlier answers: false hits and hits", header, rows)


def report_rules(found: Sequence[Pair], cosines: Mapping[Pair, float]) -> None:
    """Hits by the rule that made the pairs, in the half to report."""
    judge = _in_use(cosines)
    rows = []
    for same, rule in sorted({(pair.same, pair.rule) for pair in found}, reverse=True):
        own = [pair for pair in found if pair.half == "reporting" and (pair.same, pair.rule) == (same, rule)]
        hits = sum(map(judge, own))
        rows.append(("paraphrase" if same else "near miss", rule, len(own), hits, hits / (len(own) or 1)))
        for pair in [pair for pair in own if not same and judge(pair)]:
            print(f"false hit, {rule}: {pair.first} | {pair.second}")
    print_table("By rule, reporting half", ("kind", "rule", "pairs", "hits", "rate"), rows)


@dataclass(frozen=True)
class Timed:
    """What was timed, in milliseconds."""

    name: str
    milliseconds: Sequence[float]

    @property
    def row(self) -> tuple[object, ...]:
        """A row of the table."""
        times = self.milliseconds
        return self.name, len(times), percentile(times, 0.5), percentile(times, 0.95), max(times)


def report_times(embedder: Embedder, questions: Sequence[str]) -> None:
    """Lookups among `ANSWERS` answers of usual size in a real file, with embedding where a lookup embeds."""
    here = Circumstances("owner", "default", (), "s", "e", "m", "w", "direct", "settings")
    kept, asked = questions[:ANSWERS], questions[:HITS]
    with tempfile.TemporaryDirectory(prefix="basicchat-bench-") as folder:
        cache = SqliteCache(Path(folder) / "answers.sqlite", limit=50_000_000)
        answers = EarlierAnswers(cache)
        for question in kept:
            answers.keep(here, Kept(question, 1.0, _answer(question)), _unit(question, embedder.dimension))
        for question in asked:
            answers.keep(here, Kept(question, 1.0, _answer(question)), embedder.embed_query(question))
        again = EarlierAnswers(cache)
        rows = [
            _timed(
                "first lookup, which reads every question", lambda _: again.near(here, "x", embedder.embed_query), [""]
            ),
            _timed("same question", lambda text: answers.same(here, text), asked),
            _timed(
                "other words, embedded and compared",
                lambda text: answers.near(here, f"Hello, {text}", embedder.embed_query),
                asked,
            ),
            _timed("embedding one question", embedder.embed_query, [f"{text} again" for text in asked]),
        ]
        cache.close()
    print_table(
        f"Lookups among {len(kept)} answers, ms", ("lookup", "times", "p50", "p95", "max"), [row.row for row in rows]
    )


def report_product(settings: Settings) -> None:
    """Whole answers by the product: made, and given again. Telling the model in use is timed by itself.

    The answers are quotes, which need no chat model: whether a small model's answer is good enough to be kept is
    another question.
    """
    question = "When was the lighthouse of Orla built?"
    providers = parts.providers(settings, parts.model_files(settings))
    with bootstrap.open_assistant(settings, doing="benchmark") as assistant:
        note = settings.home / "orla.md"
        note.write_text("# Orla\n\nThe lighthouse of Orla was built by Maren Holt in 1874.\n", encoding="utf-8")
        assistant.ingest([note])
        assistant.ask("Who built it?", mode="extractive")  # loads the models

        def fresh(text: str) -> None:
            assert assistant.ask(text, mode="extractive", fresh=True).earlier is None

        def given_again(text: str) -> None:
            assert assistant.ask(text, mode="extractive").earlier is not None

        def model_in_use(_: str) -> None:
            providers.look_again()
            providers.answering()

        rows = [
            _timed("quotes, made now", fresh, [question] * 20),
            _timed("given again, same question", given_again, [question] * HITS),
            _timed(
                "given again, other words",
                given_again,
                [f"{hello}, {please} {question}" for hello in GREETINGS for please in ("please,", "tell me")],
            ),
            _timed("telling the model in use, at most every 5 s", model_in_use, [""] * 20),
        ]
    providers.close()
    print_table("Whole answers, ms", ("answer", "times", "p50", "p95", "max"), [row.row for row in rows])


def _timed(name: str, call: Callable[[str], object], texts: Sequence[str]) -> Timed:
    times = []
    for text in texts:
        started = time.perf_counter()
        call(text)
        times.append((time.perf_counter() - started) * 1000)
    return Timed(name, times)


def _answer(question: str) -> Answer:
    citations = tuple(Citation(n, "d" * 64, "report.pdf", "The report", n, 0, 400, question * 8) for n in range(1, 9))
    return Answer(question * 6, False, "direct", "m", citations)


def _unit(question: str, dimension: int) -> Vector:
    vector = np.random.default_rng(len(question)).normal(size=dimension)
    return (vector / np.linalg.norm(vector)).astype(np.float32)  # type: ignore[return-value]


def _words(pair: Pair) -> bool:
    return same_question(pair.first, pair.second)


def _text(pair: Pair) -> bool:
    return normalised(pair.first) == normalised(pair.second)


def _in_use(cosines: Mapping[Pair, float]) -> Judge:
    return lambda pair: _text(pair) or (_words(pair) and cosines[pair] >= SIMILARITY)


if __name__ == "__main__":
    main()
