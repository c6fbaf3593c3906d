"""An inquiry over a small library in memory, which can be killed at any step and gone on with."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from basicchat.core.generations import Generation
from basicchat.core.protocols import ChatModel
from basicchat.core.research import Inquiry, Note, Report
from basicchat.core.types import Chunk, Document, Page
from basicchat.ingest.generations import Generations
from basicchat.reason.gate import Gate
from basicchat.reason.research.course import Course, Run
from basicchat.reason.research.desk import Tools, Web
from basicchat.reason.task import AnswerConfig
from basicchat.retrieve.pipeline import RetrieveConfig, Retriever
from basicchat.testing.chat import ScriptedChatModel
from basicchat.testing.embedding import HashingEmbedder, OverlapReranker
from basicchat.testing.indexes import MemoryLexicalIndex, MemoryVectorIndex
from basicchat.testing.notebook import MemoryNotebook
from basicchat.testing.store import MemoryStore

TEXTS = {
    "rome": "The Colosseum stands in Rome. It was finished in 80 AD.\n\nIt held 50,000 spectators.",
    "paris": "The Eiffel Tower stands in Paris. It is 330 metres tall.\n\n"
    "Gustave Eiffel built it for the fair of 1889.",
}
QUESTION = "What is known of the Colosseum and the Eiffel Tower?"
PLAN = json.dumps({"questions": ["When was the Colosseum finished?", "How tall is the Eiffel Tower?"]})
ASKED = Inquiry(QUESTION, parts=("When was the Colosseum finished?", "How tall is the Eiffel Tower?"), most_sources=1)
SAID = ("It was finished in 80 AD [1].", "It is 330 metres tall [1].", "It was finished in 80 AD [1].")
STUDY = "study"


class Killed(BaseException):
    """The process is gone."""


class Shelf:
    """The documents of a store in memory."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store

    def documents(self, collection: str) -> Sequence[Document]:
        with self.store.begin() as unit:
            return unit.documents.find(collection)

    def chunks(self, document_id: str) -> Sequence[Chunk]:
        with self.store.begin() as unit:
            return unit.documents.chunks(document_id)

    def page(self, document_id: str, number: int) -> Page | None:
        with self.store.begin() as unit:
            return unit.documents.page(document_id, number)


def library(texts: dict[str, str]) -> tuple[Retriever, Shelf]:
    """Documents of one page each; every paragraph is a chunk."""
    store, embedder = MemoryStore(), HashingEmbedder()
    vectors, lexical = MemoryVectorIndex(), MemoryLexicalIndex()
    for name, text in texts.items():
        chunks, start = [], 0
        for ordinal, part in enumerate(text.split("\n\n")):
            chunks.append(Chunk(f"{name}-{ordinal}", name, ordinal, 1, start, start + len(part), part))
            start += len(part) + 2
        document = Document(name, "default", f"{name}.txt", name, "text/plain", name, 1, len(chunks), 0.0)
        with store.begin() as unit:
            unit.documents.add(document, [Page(1, text)], chunks)
        vectors.add("default", chunks, embedder.embed_passages([chunk.text for chunk in chunks]))
        lexical.add("default", chunks)
    retriever = Retriever(
        generations=Generations(Generation("first", embedder, vectors)),
        lexical=lexical,
        store=store,
        reranker=OverlapReranker(),
        config=RetrieveConfig(rerank_seconds=None),
    )
    return retriever, Shelf(store)


@dataclass
class Bench:
    """One inquiry over one notebook. `run` goes on with it; ``die`` says when it is killed."""

    model: ChatModel | None
    inquiry: Inquiry = ASKED
    texts: dict[str, str] = field(default_factory=lambda: dict(TEXTS))
    web: Web | None = None
    notebook: MemoryNotebook = field(default_factory=MemoryNotebook)
    begun: Counter[str] = field(default_factory=Counter)
    finished: Counter[str] = field(default_factory=Counter)
    events: list[object] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.retriever, self.shelf = library(self.texts)
        self.notebook.begin(STUDY, self.inquiry, at=0.0)

    def run(
        self, *, die: Callable[[str, int], bool] = lambda when, step: False, tell: Callable[[], None] | None = None
    ) -> Report:
        """The report; raises `Killed` ``before``, ``within`` or ``after`` a step, counted from 1."""
        number = 0

        def keep(name: str, run: Run) -> Note:
            nonlocal number
            number += 1
            if die("before", number):
                raise Killed
            known = {note.name: note for note in self.notebook.notes(STUDY)}
            if name not in known:
                self.begun[name] += 1
                note = run()
                if die("within", number):
                    raise Killed
                self.notebook.keep(STUDY, note)
                self.finished[name] += 1
            if die("after", number):
                raise Killed
            return next(note for note in self.notebook.notes(STUDY) if note.name == name)

        config = AnswerConfig(gate=Gate(same_embedder=False, same_reranker=False))
        tools = Tools(self.retriever, self.shelf, lambda name: self.model, config, self.web)
        course = Course(self.inquiry, tools, keep, tell or (lambda: None), now=lambda: 1.0)
        steps = course.run()
        while True:
            try:
                self.events.append(next(steps))
            except StopIteration as end:
                return end.value


@pytest.fixture
def bench() -> Callable[..., Bench]:
    return Bench


@pytest.fixture
def scripted() -> Callable[..., ScriptedChatModel]:
    """A model that writes a paragraph a source and a summary, and what is put before that."""
    return lambda *before: ScriptedChatModel([*before, *SAID])
