"""Our stand-alone questions beside those that people wrote, on the conversations of MTRAG.

Two measures. How like a person's rewrite ours is, over all 396 of them: F1 of the words, and the cosine of the two by
the embedder. And recall@5 of the rated turns: which share of a turn's passages is among the first five of the 350
passages that all rated turns carry. 79 of the 159 rated turns have a person's rewrite, by the id of conversation and
turn; the others (most are of two collections without any rewrites) are shown without a person's row. Turns without
passages are left out.

The conversations are dealt into two halves, those with both kinds of data first. Rules and constants were chosen on
the fitting half. The set of rewrites carries no answers, so there the history is the questions alone; a rated turn
has both.

``--rerank`` also orders the first passages with the reranker, as long as it takes. ``--model NAME`` sets that chat
model beside the rules, on the first 60 turns that have a person's rewrite and lean on the conversation.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from basicchat import bootstrap
from basicchat.adapters.embed.onnx import OnnxEmbedder
from basicchat.bootstrap import parts
from basicchat.core.protocols import ChatModel
from basicchat.core.types import Message, Query, Scope
from basicchat.reason.rewrite.config import RewriteConfig
from basicchat.reason.rewrite.plan import plan
from basicchat.reason.rewrite.standalone import RULES, Rules, leans, stand_alone
from basicchat.reason.rewrite.topics import turns
from basicchat.resilience.deadline import Deadline
from basicchat.settings import Settings
from benchmarks.table import evaluation_set, print_table, scratch_settings

HALVES = ("fitting", "reporting")
DEPTH = 40  # chunks to look through for five different passages
SAMPLE = 60
ABLATION: Mapping[str, Rules] = {
    "all rules": RULES,
    "without continuations": replace(RULES, continuations=False),
    "without pronouns": replace(RULES, pronouns=-1),
    "without few words": replace(RULES, few=-1),
    "without new names": replace(RULES, new_names=False),
    "topics of the last question alone": replace(RULES, turns=1),
    "without recency": replace(RULES, recency=1.0),
    "without what answers take up": replace(RULES, answered=0.0),
    "without preferring longer phrases": replace(RULES, longer=0.0),
    "leaning always": replace(RULES, few=99, new_names=False),
}


@dataclass(frozen=True)
class Turn:
    """A question in its conversation; what a person made of it, and the passages that answer it, as far as known."""

    conversation: str
    half: str
    question: str
    history: tuple[Message, ...]
    human: str = ""
    passages: frozenset[str] = frozenset()


Rewrite = Callable[[Turn], str]
Rank = Callable[[str], Sequence[str]]


def main() -> None:
    """Read, ingest, ask, print the tables."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rerank", action="store_true")
    arguments.add_argument("--model", default="")
    chosen = arguments.parse_args()
    rewrites, rated, pool = read(evaluation_set("mtrag"))
    with scratch_settings() as settings, ExitStack() as closing:
        embedder = OnnxEmbedder(settings.models_folder / settings.models.embedder)
        like = Likeness(embedder)
        rank = closing.enter_context(searching(settings, pool, rerank=False))
        ways: dict[str, Rewrite] = {
            "question alone": alone,
            "rules": by_rules(RULES),
            "person": lambda turn: turn.human,
        }
        likeness_table(rewrites, ways, like)
        recall_table(rated, ways, rank, "without reranker")
        ablation_table(rewrites, rated, like, rank)
        if chosen.model:
            model_table(settings, chosen.model, rewrites, rated, like, rank)
    if chosen.rerank:
        with scratch_settings() as settings, searching(settings, pool, rerank=True) as rank:
            recall_table(rated, ways, rank, "with reranker")


def alone(turn: Turn) -> str:
    """The question as it was asked."""
    return turn.question


def by_rules(rules: Rules) -> Rewrite:
    """The product's rules."""
    return lambda turn: stand_alone(turn.question, turn.history, rules=rules)


def likeness_table(rewrites: Sequence[Turn], ways: Mapping[str, Rewrite], like: Likeness) -> None:
    """Likeness to a person's rewrite: of all turns, and of those that a person changed."""
    rows = []
    for half in HALVES:
        own = [turn for turn in rewrites if turn.half == half]
        changed = [turn for turn in own if turn.history and words(turn.human) != words(turn.question)]
        for name, rewrite in ways.items():
            f1, cosine = like.means(own, rewrite)
            rows.append((half, name, len(own), f1, cosine, len(changed), *like.means(changed, rewrite)))
    header = ("conversations", "form", "turns", "F1", "cosine", "changed by a person", "F1", "cosine")
    print_table("Likeness to a person's rewrite", header, rows)


def recall_table(rated: Sequence[Turn], ways: Mapping[str, Rewrite], rank: Rank, title: str) -> None:
    """recall@5 of the rated turns, those with and those without a person's rewrite."""
    rows = []
    for half in HALVES:
        own = [turn for turn in rated if turn.half == half]
        both, without = [turn for turn in own if turn.human], [turn for turn in own if not turn.human]
        for name, rewrite in ways.items():
            person = name == "person"
            others = "" if person else f"{recall(without, rewrite, rank):.3f}"
            everything = "" if person else f"{recall(own, rewrite, rank):.3f}"
            rows.append((half, name, len(both), f"{recall(both, rewrite, rank):.3f}", len(without), others, everything))
    header = ("conversations", "form", "turns with a person's", "recall@5", "turns without", "recall@5", "all")
    print_table(f"Passages of the rated turns, {title}", header, rows)


def ablation_table(rewrites: Sequence[Turn], rated: Sequence[Turn], like: Likeness, rank: Rank) -> None:
    """Each rule left out, on the half that the rules were chosen on.

    Leaning: whether the rules and a person agree that something of the conversation has to be added.
    """
    own = [turn for turn in rewrites if turn.half == HALVES[0] and turn.history]
    asked = [turn for turn in rated if turn.half == HALVES[0]]
    rows = []
    for name, rules in ABLATION.items():
        f1, cosine = like.means(own, by_rules(rules))
        found = f"{recall(asked, by_rules(rules), rank):.3f}"
        rows.append((name, found, f"{f1:.4f}", f"{cosine:.4f}", *(f"{each:.2f}" for each in leaning(own, rules))))
    header = ("rules", f"recall@5 ({len(asked)})", f"F1 ({len(own)})", "cosine", "leaning precision", "leaning recall")
    print_table("Rules one by one, fitting half", header, rows)


def model_table(
    settings: Settings, name: str, rewrites: Sequence[Turn], rated: Sequence[Turn], like: Likeness, rank: Rank
) -> None:
    """A chat model beside the rules, on turns that lean; a turn that is rated too has its answers."""
    passages = {(turn.conversation, turn.question): turn for turn in rated}
    own = [
        passages.get((turn.conversation, turn.question), turn)
        for turn in rewrites
        if turn.history and leans(turn.question, turns(turn.history))
    ][:SAMPLE]
    server = parts.embedded_server(settings, bootstrap.model_files(settings))
    try:
        asked = Asked(server.chat_model(name))
        ways: dict[str, Rewrite] = {
            "question alone": alone,
            "rules": by_rules(RULES),
            name: asked,
            "person": lambda turn: turn.human,
        }
        some = [turn for turn in own if turn.passages]
        rows = [(way, len(own), *like.means(own, ways[way]), len(some), recall(some, ways[way], rank)) for way in ways]
    finally:
        server.close()
    print_table("A chat model beside the rules", ("form", "turns", "F1", "cosine", "rated", "recall@5"), rows)
    median = statistics.median(asked.seconds)
    print(f"\n{asked.refused} of {len(own)} lines were turned down or failed; {median:.2f} s a line (median).")


class Asked:
    """Rewrites by a chat model through the product's plan, each question once."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model
        self._known: dict[Turn, str] = {}
        self.refused = 0
        self.seconds: list[float] = []

    def __call__(self, turn: Turn) -> str:
        """The first text of the plan."""
        if turn not in self._known:
            started = time.perf_counter()
            config = RewriteConfig(follow_ups="model", model_seconds=60.0)
            planned = plan(turn.question, turn.history, config=config, model=lambda: self._model, deadline=Deadline())
            self.seconds.append(time.perf_counter() - started)
            self.refused += bool(planned.warnings)
            self._known[turn] = planned.question
        return self._known[turn]


class Likeness:
    """How like two questions are."""

    def __init__(self, embedder: OnnxEmbedder) -> None:
        self._vector = cache(embedder.embed_query)

    def means(self, own: Sequence[Turn], rewrite: Rewrite) -> tuple[float, float]:
        """The means of F1 and cosine between our form and a person's."""
        pairs = [(rewrite(turn), turn.human) for turn in own]
        cosines = [float(np.dot(self._vector(ours), self._vector(theirs))) for ours, theirs in pairs]
        return statistics.fmean(f1(ours, theirs) for ours, theirs in pairs), statistics.fmean(cosines)


def words(text: str) -> list[str]:
    """Lowercased runs of letters and digits."""
    return re.findall(r"[^\W_]+", text.lower())


def f1(ours: str, theirs: str) -> float:
    """F1 of the words of two texts, each word as often as it stands there."""
    first, second = Counter(words(ours)), Counter(words(theirs))
    total = first.total() + second.total()
    return 2 * (first & second).total() / total if total else 1.0


def recall(own: Sequence[Turn], rewrite: Rewrite, rank: Rank) -> float:
    """The mean share of a turn's passages among the first five."""
    return statistics.fmean(len(turn.passages & set(rank(rewrite(turn))[:5])) / len(turn.passages) for turn in own)


def leaning(own: Sequence[Turn], rules: Rules) -> tuple[float, float]:
    """Precision and recall of `leans`; true is a turn to which a person added a word of the conversation."""
    pairs = []
    for turn in own:
        said = set(words(" ".join(message.content for message in turn.history)))
        added = (set(words(turn.human)) - set(words(turn.question))) & said
        content = {word for word in added if len(word) > 3}
        pairs.append((leans(turn.question, turns(turn.history)[-rules.turns :], rules=rules), bool(content)))
    right = sum(ours and theirs for ours, theirs in pairs)
    return right / max(1, sum(ours for ours, _ in pairs)), right / max(1, sum(theirs for _, theirs in pairs))


@contextmanager
def searching(settings: Settings, pool: Sequence[dict[str, str]], *, rerank: bool) -> Iterator[Rank]:
    """The ids of the passages that the product finds for a text, best first, over the pool of all passages."""
    models = settings.models if rerank else settings.models.model_copy(update={"reranker": ""})
    retrieve = settings.retrieve.model_copy(update={"rerank_seconds": 600.0})
    file = settings.home / "pool.jsonl"
    file.write_text("".join(json.dumps(passage) + "\n" for passage in pool), encoding="utf-8")
    with bootstrap.open_assistant(settings.model_copy(update={"models": models, "retrieve": retrieve})) as assistant:
        (outcome,) = assistant.ingest([file])
        if outcome.error:
            sys.exit(f"The passages could not be taken in: {outcome.error}")

        @cache
        def rank(text: str) -> Sequence[str]:
            hits = assistant.retriever.search(Query(text, Scope(), DEPTH)).hits
            return list(dict.fromkeys(hit.document.external_id or "" for hit in hits))

        yield rank


def read(folder: Path) -> tuple[list[Turn], list[Turn], list[dict[str, str]]]:
    """The turns with a person's rewrite, the rated turns that have passages, and the pool of passages."""
    people: dict[str, dict[str, str | list[str]]] = {}
    for name in ("clapnq", "cloud"):
        with gzip.open(folder / f"rewrite_{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            people |= {row["_id"]: row | {"set": name} for row in map(json.loads, lines)}
    with gzip.open(folder / "human_eval_subset.json.gz", "rt", encoding="utf-8") as text:
        rated = json.load(text)
    tasks = {task["task_id"]: task for task in rated["tasks"]}
    half = _dealt(
        {_conversation(name): str(row["set"]) for name, row in people.items()},
        {_conversation(name): task["Collection"] for name, task in tasks.items()},
    )
    rewrites = [
        Turn(
            _conversation(name),
            half[_conversation(name)],
            str(row["last_turn"]).strip(),
            tuple(Message("user", said) for said in row["history"][:-1]),
            str(row["human_rewrite"]),
        )
        for name, row in people.items()
    ]
    asked = [
        Turn(
            _conversation(name),
            half[_conversation(name)],
            task["input"][-1]["text"].strip(),
            tuple(
                Message("user" if said["speaker"] == "user" else "assistant", said["text"])
                for said in task["input"][:-1]
            ),
            str(people[name]["human_rewrite"]) if name in people else "",
            frozenset(passage["document_id"] for passage in task["contexts"]),
        )
        for name, task in tasks.items()
        if task["contexts"]
    ]
    pool = [
        {"_id": passage["document_id"], "title": passage.get("title") or "", "text": passage["text"]}
        for passage in rated["documents"]
    ]
    return rewrites, asked, pool


def _conversation(name: str) -> str:
    return name.partition("<::>")[0]


def _dealt(rewritten: Mapping[str, str], rated: Mapping[str, str]) -> dict[str, str]:
    """The half of each conversation: in turn, ordered by what there is of it, its collection, and its id."""

    def place(name: str) -> tuple[int, str, str]:
        kinds = (name in rewritten) + 2 * (name in rated)
        return kinds, rewritten.get(name) or rated.get(name, ""), name

    ordered = sorted({*rewritten, *rated}, key=place)
    return {name: HALVES[number % 2] for number, name in enumerate(ordered)}


if __name__ == "__main__":
    main()
