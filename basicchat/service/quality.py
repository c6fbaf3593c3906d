"""Checking one's own library: what is found, what is refused, and better settings where there are some.

The last check is kept beside the library. It holds figures and ids, no text of documents or questions.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from basicchat.core.codec import from_json, to_json
from basicchat.core.errors import NotFound
from basicchat.core.events import Event, answer_of
from basicchat.core.protocols import ChatModel, JobContext, JobQueue, Store, Tell
from basicchat.core.types import DEFAULT_COLLECTION, Answer, Chunk, Job, Json, Progress, Scope
from basicchat.evaluate import tune
from basicchat.evaluate.cases import Question
from basicchat.evaluate.checking import Check, Checked, Passages, Ways
from basicchat.evaluate.checkup import Checkup
from basicchat.evaluate.tune import Changes
from basicchat.evaluate.wording import words_of
from basicchat.reason.engine import AnswerRequest

CHECK = "check"
"""The kind of the jobs that check a library. Their result is the moment of the check."""

QUESTIONS = 100
"""Asked about a library unless somebody wants more or fewer."""

MOST = 20_000
"""Passages that are looked at; of a larger library as many of each document as there is room for, by chance."""

Report = Callable[[str, Progress], None]


class Answering(Protocol):
    """What makes an answer now."""

    def stream(self, request: AnswerRequest) -> Iterator[Event]:
        """Answer as events."""


@dataclass(frozen=True)
class Wish:
    """What to check: at most ``count`` questions about a collection. ``model`` writes them; empty for none."""

    collection: str = DEFAULT_COLLECTION
    count: int = QUESTIONS
    model: str = ""


class Quality:
    """Checks the library. ``begin`` gives the ways to search for one check, ``now`` are the settings of the search.

    ``file`` is where the last check is kept.
    """

    def __init__(
        self,
        *,
        store: Store,
        jobs: JobQueue,
        begin: Callable[[], Ways],
        engine: Answering,
        models: Callable[[str | None], ChatModel | None],
        now: Changes,
        reranks: bool,
        file: Path,
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._begin = begin
        self._engine = engine
        self._models = models
        self._candidates = tuple(tune.offered(now, reranks=reranks))
        self._file = file
        jobs.register(CHECK, self._run)

    def submit(self, collection: str = DEFAULT_COLLECTION, count: int = QUESTIONS, model: str = "") -> Job:
        """Check in the background. A check that has not ended is returned instead; one that was stopped begins anew."""
        wish = Wish(collection, count, model)
        return self._jobs.submit(CHECK, to_json(wish), title="Checking your library", key=CHECK)

    def job(self) -> Job | None:
        """The check that was asked for last in the background."""
        return next(iter(self._jobs.find(kind=CHECK)), None)

    def last(self) -> Checkup | None:
        """The last check that ended; None where there is none that this version can read."""
        try:
            return from_json(Checkup, json.loads(self._file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def checked(
        self,
        collection: str = DEFAULT_COLLECTION,
        count: int = QUESTIONS,
        model: str = "",
        report: Report | None = None,
    ) -> Json:
        """Check now: a `Checked` as JSON, which also travels from another process. Raises as `check` does."""

        def tell(step: Progress) -> None:
            if report is not None:
                report(collection, step)

        return to_json(self.check(Wish(collection, count, model), tell))

    def check(self, wish: Wish, tell: Tell) -> Checked:
        """Check now, and keep what was found. What ``tell`` raises stops it, and then nothing is kept.

        Raises `NotFound` where there is nothing to ask about or no such model, and what a search raises.
        """
        tell(Progress("making questions"))
        check = Check(
            passages=self._passages(wish.collection),
            count=wish.count,
            ways=self._begin(),
            answer=self._answer,
            candidates=self._candidates,
            tell=tell,
            model=self._model(wish.model),
        )
        done = check.run()
        self._keep(done.checkup)
        return done

    def _run(self, payload: Json, context: JobContext) -> Json:
        def tell(step: Progress) -> None:
            context.progress(stage=step.stage, done=step.done, total=step.total, unit=step.unit)

        return self.check(from_json(Wish, cast(dict[str, Json], payload)), tell).checkup.made_at

    def _keep(self, found: Checkup) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        part = self._file.with_suffix(".part")
        part.write_text(json.dumps(to_json(found)), encoding="utf-8")
        part.replace(self._file)

    def _model(self, name: str) -> ChatModel | None:
        if not name:
            return None
        model = self._models(name)
        if model is None:
            raise NotFound("No chat model is ready to write questions.", hint="Check without one, or fetch a model.")
        return model

    def _answer(self, question: Question) -> Answer:
        request = AnswerRequest(question.text, mode="extractive", scope=Scope(question.collection), fresh=True)
        return answer_of(self._engine.stream(request))

    def _passages(self, collection: str) -> Passages:
        """Passages of the collection, at most `MOST`, and all of its words."""
        with self._store.begin() as unit:
            documents = unit.documents.find(collection)
        room = max(1, MOST // max(1, len(documents)))
        chunks: list[Chunk] = []
        words: set[str] = set()
        for document in documents:
            with self._store.begin() as unit:
                own = unit.documents.chunks(document.id)
            words.update(word for chunk in own for word in words_of(chunk.text))
            draw = random.Random(document.id)  # noqa: S311 - no secret
            chunks += own if len(own) <= room else draw.sample(list(own), room)
        return Passages(collection, chunks, {document.id: document for document in documents}, words)
