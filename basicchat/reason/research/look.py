"""Looking for the sources of one part: which documents speak of it, and what the web has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from basicchat.core.research import Inquiry
from basicchat.core.types import Citation, Hit
from basicchat.reason.attribute import quote
from basicchat.reason.modes.searching import answerable, likelihood, look, rough_tokens
from basicchat.reason.research.desk import Place, Tools, WebText
from basicchat.reason.sentences import Sentence

TOP_K = 24  # passages of a search: enough to see which documents speak of something
NEAREST = 3
NEAREST_TOKENS = 400


@dataclass(frozen=True, slots=True)
class Source:
    """A document that is worth reading for a part."""

    document_id: str
    title: str


@dataclass(frozen=True, slots=True)
class Looked:
    """What a search for one part came to.

    ``sources`` are to be read, best first, none where the evidence is too thin; ``nearest`` is what came nearest.
    """

    question: str
    sources: tuple[Source, ...]
    web: tuple[WebText, ...] = ()
    nearest: tuple[Citation, ...] = ()
    likelihood: float | None = None
    remarks: tuple[str, ...] = ()
    skipped: bool = False
    """Nothing was looked for, as the budget was spent."""


def looked(place: Place, tools: Tools, inquiry: Inquiry, question: str) -> Looked:
    """Search the documents for a part, and the web where the person allowed it."""
    place = replace(place, task=replace(place.task, config=replace(place.task.config, top_k=TOP_K)))
    found = look(place.task)
    place.tell()
    hits = found.retrieval.hits
    likely = answerable(place.task, found)
    passages = place.task.retriever.passages(hits[:NEAREST], budget=NEAREST_TOKENS, count=rough_tokens)
    web = tools.web(question) if tools.web is not None and inquiry.web else None
    remarks = found.retrieval.warnings + ((web.problem,) if web is not None and web.problem else ())
    return Looked(
        question=question,
        sources=sources_of(hits, most=inquiry.most_sources) if likely else (),
        web=web.texts if web is not None else (),
        nearest=tuple(quote(each, Sentence(0, len(each.text))) for each in passages),
        likelihood=likelihood(place.task, found),
        remarks=remarks,
    )


def sources_of(hits: Sequence[Hit], *, most: int) -> tuple[Source, ...]:
    """The documents of these hits, each once, in the order of its best one, at most ``most``."""
    documents = dict.fromkeys((hit.document.id, hit.document.title or hit.document.source) for hit in hits)
    return tuple(Source(document_id, title) for document_id, title in list(documents)[:most])
