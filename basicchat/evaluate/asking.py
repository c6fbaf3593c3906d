"""Taking a set in and asking its questions, through whatever finds and answers."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from basicchat.core.errors import BasicChatError, error_from
from basicchat.core.events import Event, Failed, Retrieved, answer_of
from basicchat.core.types import DEFAULT_COLLECTION, Answer, Hit
from basicchat.evaluate.cases import EvaluationSet, Question, Source, page_key
from basicchat.evaluate.rows import KEPT, Row

SEARCH = "search"
"""The way that makes no answer; every other one is a mode of answering."""


@dataclass(frozen=True)
class Asked:
    """What a question came to. ``answer`` is None where only a search was made.

    ``unseen`` are seconds that the clock did not see, because a part was done before for another question.
    """

    hits: tuple[Hit, ...]
    answer: Answer | None = None
    unseen: float = 0.0


Ask = Callable[[Question], Asked]
"""Finds, and answers where that is wanted."""

Name = Callable[[Hit], str]
"""What gold calls a hit."""

Stream = Callable[[Question], Iterator[Event]]
"""The events of an answer."""

Search = Callable[[Question], Sequence[Hit]]
"""Passages for a question that has no history, best first."""


def lay_out(evaluation: EvaluationSet, folder: Path) -> Iterator[tuple[Path, str]]:
    """Write what is to be taken in into a folder: files or folders, each with its collection.

    Files of the set stay where they are. Of sources, each collection becomes one file of JSON Lines, or a folder of
    Markdown files where the set says so.
    """
    for file in evaluation.files:
        yield file, DEFAULT_COLLECTION
    collections: dict[str, list[Source]] = {}
    for source in evaluation.sources:
        collections.setdefault(source.collection, []).append(source)
    for number, (collection, sources) in enumerate(collections.items()):
        if evaluation.as_files:
            place = folder / str(number)
            place.mkdir()
            for source in sources:
                (place / f"{source.id}.md").write_text(source.text, encoding="utf-8")
        else:
            place = folder / f"{number}.jsonl"
            lines = ({"_id": source.id, "title": source.title, "text": source.text} for source in sources)
            place.write_text("".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines), encoding="utf-8")
        yield place, collection


def searching(search: Search, stream: Stream) -> Ask:
    """Search alone. A question with a history goes the way of answering as far as its search: only that knows turns."""

    def ask(question: Question) -> Asked:
        if not question.history:
            return Asked(tuple(search(question)))
        for event in stream(question):
            match event:
                case Retrieved(hits=hits):
                    return Asked(hits)
                case Failed(code=code, message=message, hint=hint):
                    raise error_from(code, message, hint)
        return Asked(())

    return ask


def answering(stream: Stream) -> Ask:
    """The whole way to an answer. Raises the error that kept an answer from being made."""

    def ask(question: Question) -> Asked:
        hits: list[Hit] = []

        def watched() -> Iterator[Event]:
            for event in stream(question):
                if isinstance(event, Retrieved):
                    hits.extend(event.hits)
                yield event

        answer = answer_of(watched())
        return Asked(tuple(hits), answer)

    return ask


def run(
    evaluation: EvaluationSet,
    ask: Ask,
    *,
    name: Name | None = None,
    report: Callable[[int, int], None] | None = None,
) -> Iterator[Row]:
    """Ask every question in order; one row each. ``report`` hears (questions done, questions).

    ``name`` says under which name gold knows a hit, `page_name` or `source_name` by the set where it is not given.

    Raises what ``ask`` raises: a figure over half of the questions would be no figure.
    """
    name = name or (page_name if evaluation.by_page else source_name)
    for done, question in enumerate(evaluation.questions, start=1):
        started = time.perf_counter()
        try:
            asked = ask(question)
        except BasicChatError as error:
            error.add_note(f"while asking {question.id}")
            raise
        seconds = time.perf_counter() - started
        yield _row(question, asked, seconds + asked.unseen, name)
        if report is not None:
            report(done, len(evaluation.questions))


def source_name(hit: Hit) -> str:
    """The id that the author gave, else the file's name without suffix."""
    return hit.document.external_id or PurePath(hit.document.source).stem


def page_name(hit: Hit) -> str:
    """The page of the file that the hit stands on."""
    return page_key(PurePath(hit.document.source).stem, hit.chunk.page)


def names_of(hits: Iterable[Hit], name: Name) -> tuple[str, ...]:
    """What was found under the names that gold uses, each once where its best passage stands."""
    return tuple(dict.fromkeys(map(name, hits)))


def confidence(hits: Sequence[Hit]) -> float | None:
    """The probability that the best hit answers the question, as the reranker has it: the logistic of its logit.

    None where no hit was reranked.
    """
    logits = [hit.scores["rerank"] for hit in hits if "rerank" in hit.scores]
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, max(logits))))) if logits else None


def _row(question: Question, asked: Asked, seconds: float, name: Name) -> Row:
    answer = asked.answer
    return Row(
        id=question.id,
        question=question.text,
        gold=question.gold,
        answerable=question.answerable,
        answers=question.answers,
        ranking=names_of(asked.hits, name)[:KEPT],
        seconds=round(seconds, 4),
        answer=None if answer is None else answer.text,
        refused=answer is not None and answer.abstained,
        trap=question.trap,
        confidence=confidence(asked.hits),
        group=question.group,
    )
