"""A small library in memory, and an engine over it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from basicchat.core.events import Event, Failed, Finished, Token
from basicchat.core.generations import Generation
from basicchat.core.protocols import ChatModel
from basicchat.core.types import Answer, Chunk, Document, Message, Page, Passage
from basicchat.ingest.generations import Generations
from basicchat.reason.engine import AnswerConfig, AnswerEngine, AnswerRequest
from basicchat.reason.gate import Gate, Strictness
from basicchat.retrieve.pipeline import RetrieveConfig, Retriever
from basicchat.testing.embedding import HashingEmbedder, OverlapReranker
from basicchat.testing.indexes import MemoryLexicalIndex, MemoryVectorIndex
from basicchat.testing.store import MemoryStore
from basicchat.toolbox import Toolbox

TEXTS = {
    "rome": "The Colosseum stands in Rome. It was finished in 80 AD.\n\nIt held 50,000 spectators.",
    "paris": "The Eiffel Tower stands in Paris. It is 330 metres tall.\n\n"
    "Gustave Eiffel built it for the fair of 1889.",
}
DOCUMENT = Document("d", "default", "report.pdf", "The report", "application/pdf", "d", 9, 9, 0.0)


def passage(number: int, text: str, *, start: int = 0, page: int = 1, document: Document = DOCUMENT) -> Passage:
    """A passage as if from a page."""
    return Passage(number, document, page, start, start + len(text), text, (f"c{number}",), 1.0)


def library(texts: dict[str, str], *, reranked: bool = True, media_type: str = "text/plain") -> Retriever:
    """Searches documents of one page each; every paragraph is a chunk."""
    store, embedder = MemoryStore(), HashingEmbedder()
    vectors, lexical = MemoryVectorIndex(), MemoryLexicalIndex()
    for name, text in texts.items():
        chunks, start = [], 0
        for ordinal, part in enumerate(text.split("\n\n")):
            chunks.append(Chunk(f"{name}-{ordinal}", name, ordinal, 1, start, start + len(part), part))
            start += len(part) + 2
        document = Document(name, "default", f"{name}.txt", name, media_type, name, 1, len(chunks), 0.0)
        with store.begin() as unit:
            unit.documents.add(document, [Page(1, text)], chunks)
        vectors.add("default", chunks, embedder.embed_passages([chunk.text for chunk in chunks]))
        lexical.add("default", chunks)
    return Retriever(
        generations=Generations(Generation("first", embedder, vectors)),
        lexical=lexical,
        store=store,
        reranker=OverlapReranker() if reranked else None,
        config=RetrieveConfig(rerank_seconds=None),
    )


class Asking:
    """An engine over the small library; `events` asks it."""

    def __init__(
        self,
        model: ChatModel | None = None,
        *,
        texts: dict[str, str] | None = None,
        reranked: bool = True,
        media_type: str = "text/plain",
        tools: Toolbox | None = None,
        **config: object,
    ) -> None:
        config.setdefault("gate", Gate(same_embedder=False, same_reranker=False))
        self.retriever = library(TEXTS if texts is None else texts, reranked=reranked, media_type=media_type)
        self.engine = AnswerEngine(
            retriever=self.retriever,
            models=lambda name: model,
            config=AnswerConfig(**config),  # type: ignore[arg-type]
            tools=tools,
        )

    def events(
        self,
        question: str,
        *,
        mode: str = "auto",
        history: Sequence[Message] = (),
        strictness: Strictness | None = None,
    ) -> list[Event]:
        """Every event, checked for what each stream promises."""
        request = AnswerRequest(question, mode=mode, history=tuple(history), strictness=strictness)
        events = list(self.engine.stream(request))
        assert isinstance(events[-1], Finished | Failed)
        assert not any(isinstance(event, Finished | Failed) for event in events[:-1])
        if isinstance(events[-1], Finished):
            assert "".join(event.text for event in events if isinstance(event, Token)) == events[-1].answer.text
        return events

    def answer(
        self,
        question: str,
        *,
        mode: str = "auto",
        history: Sequence[Message] = (),
        strictness: Strictness | None = None,
    ) -> Answer:
        """The answer that the events end with."""
        last = self.events(question, mode=mode, history=history, strictness=strictness)[-1]
        assert isinstance(last, Finished), last
        return last.answer

    def failure(self, question: str, *, mode: str = "auto") -> Failed:
        """The failure that the events end with."""
        last = self.events(question, mode=mode)[-1]
        assert isinstance(last, Failed), last
        return last


@pytest.fixture
def asking() -> Callable[..., Asking]:
    return Asking


@pytest.fixture
def make_passage() -> Callable[..., Passage]:
    return passage
