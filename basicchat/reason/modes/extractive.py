"""Quote the best sentences. Needs no chat model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from basicchat.core.events import Event, Finished, Token
from basicchat.core.grounding import CheckedSentence
from basicchat.core.spans import on_page
from basicchat.core.types import Answer
from basicchat.reason.attribute import quote as citation_of
from basicchat.reason.conflicts import conflicts
from basicchat.reason.extract import BETWEEN, Quote, best_quotes, rendered
from basicchat.reason.modes.searching import Found, answerable, decline, look, rough_tokens
from basicchat.reason.sentences import Sentence
from basicchat.reason.sources import source_facts
from basicchat.reason.support import Grounds
from basicchat.reason.task import Task

NAME = "extractive"

SCORE_SECONDS = 0.2  # what the reranker may spend on sentences: passages took up to 0.6, a second is the limit


def answer(task: Task) -> Iterator[Event]:
    """Search, and quote or decline."""
    found = look(task)
    yield found.event
    yield from quote(task, found)


def quote(task: Task, found: Found, *, warnings: tuple[str, ...] = ()) -> Iterator[Event]:
    """Quote from what was found already, or decline. ``warnings`` say why no model wrote, where one should have."""
    passages = task.retriever.passages(found.retrieval.hits, budget=task.config.passage_tokens, count=rough_tokens)

    def score(texts: Sequence[str]) -> list[float]:
        return task.retriever.score(found.searched, texts, seconds=SCORE_SECONDS)

    quotes = best_quotes(found.searched, passages, score=score) if answerable(task, found) else []
    if not quotes:
        yield from decline(task, found, passages, mode=NAME, warnings=warnings)
        return
    text = rendered(quotes)
    first_token = task.elapsed
    yield Token(text)
    cited = [
        citation_of(piece.passage, Sentence(piece.start - piece.passage.start, piece.end - piece.passage.start))
        for piece in quotes
    ]
    citations = tuple({citation.number: citation for citation in reversed(cited)}.values())[::-1]
    sentences = tuple(_borne_out(quotes))
    yield Finished(
        Answer(
            text=text,
            abstained=False,
            mode=NAME,
            model=None,
            citations=citations,
            passages=passages,
            timings={"retrieve": found.seconds, "first_token": first_token, "total": task.elapsed},
            warnings=found.retrieval.warnings + warnings,
            sentences=sentences,
            conflicts=conflicts(text, sentences, passages),
            sources=source_facts(text, sentences, citations, Grounds(passages, question=found.searched)),
        )
    )


def _borne_out(quotes: Sequence[Quote]) -> Iterator[CheckedSentence]:
    """Each quote of `rendered`: it is supported by where it comes from."""
    place = 0
    for quote in quotes:
        end = place + len(rendered([quote]))
        number = quote.passage.number
        start_there, end_there = on_page(
            quote.passage, quote.start - quote.passage.start, quote.end - quote.passage.start
        )
        yield CheckedSentence(place, end, "supported", 1.0, (number,), number, start_there, end_there)
        place = end + len(BETWEEN)
