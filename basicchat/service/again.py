"""Round the engine that answers: an answer that was made before, and still holds, is given again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from basicchat.core.errors import BasicChatError
from basicchat.core.events import Event, Finished, Token, Verified
from basicchat.core.generations import Serving
from basicchat.core.protocols import Store
from basicchat.core.types import Answer, Earlier, ModelInfo, Usage
from basicchat.reason.engine import AnswerRequest
from basicchat.reason.followup import is_small_talk
from basicchat.reason.rewrite.standalone import leans
from basicchat.reason.rewrite.topics import turns
from basicchat.service.earlier import Circumstances, EarlierAnswers, Embed, Kept

USER = "owner"
"""Whose answers these are. There is one user; another one must never share them."""

FROM_DOCUMENTS = ("auto", "direct", "extractive")
"""Modes whose answers can be kept: those that draw on documents."""


class Engine(Protocol):
    """Answers questions."""

    def stream(self, request: AnswerRequest) -> Iterator[Event]:
        """Answer as events, ending with exactly one `Finished` or `Failed`."""

    def repair(self, request: AnswerRequest, answer: Answer) -> Answer:
        """The answer without sentences that nothing supports."""


@dataclass(frozen=True)
class AnsweringAgain:
    """Asks ``engine`` unless an earlier answer fits, and keeps what it answers where that can be given again.

    Given again is an answer to the same question in the same `Circumstances`. Kept is an answer that is whole,
    cites its sources, comes without a warning and was made without a history, when nothing changed meanwhile.
    ``model`` describes the chat model of a name, or the one in use; ``settings`` tells all that an answer depends on
    besides. The events are those of an engine. Whatever is wrong with the cache, the engine answers.
    """

    engine: Engine
    answers: EarlierAnswers
    store: Store
    generations: Serving
    model: Callable[[str | None], ModelInfo | None]
    settings: str
    clock: Callable[[], float] = time.time

    def stream(self, request: AnswerRequest) -> Iterator[Event]:
        """Answer as events, ending with exactly one `Finished` or `Failed`. Raises what the engine's does."""
        if (
            request.specialist
            or request.mode not in FROM_DOCUMENTS
            or is_small_talk(request.question)
            or _leans(request)
        ):
            return self.engine.stream(request)
        return self._answered(request)

    def repair(self, request: AnswerRequest, answer: Answer) -> Answer:
        """The engine's repair. Raises what that raises."""
        return self.engine.repair(request, answer)

    def _answered(self, request: AnswerRequest) -> Iterator[Event]:
        started = time.perf_counter()
        before = self._circumstances(request)
        kept = None if before is None or request.fresh else self._found(before, request)
        if kept is not None:
            yield from _told(kept, started)
            return
        events = self.engine.stream(request)
        try:
            yield from self._watched(request, before, events)
        finally:
            if close := getattr(events, "close", None):
                close()

    def _watched(
        self, request: AnswerRequest, before: Circumstances | None, events: Iterator[Event]
    ) -> Iterator[Event]:
        """The engine's events. An answer is kept before its `Finished` is handed on: nobody need ask for more."""
        verified: Verified | None = None
        for event in events:
            if isinstance(event, Verified):
                verified = event
            if isinstance(event, Finished) and before is not None:
                self._settle(request, before, event.answer, verified)
            yield event

    def _found(self, circumstances: Circumstances, request: AnswerRequest) -> Kept | None:
        """An earlier answer. Within a conversation only the very same question will do: others may mean more there."""
        kept = self.answers.same(circumstances, request.question)
        if kept is not None or request.history:
            return kept
        return self._with_embedder(lambda embed: self.answers.near(circumstances, request.question, embed))

    def _settle(self, request: AnswerRequest, before: Circumstances, answer: Answer, verified: Verified | None) -> None:
        """Keep an answer that may be given again; one that was asked for afresh takes the place of the earlier one."""
        if request.fresh:
            self._with_embedder(lambda embed: self.answers.drop(before, request.question, embed))
        if request.history or not _may_be_given_again(answer, before, verified) or not self._still(request, before):
            return
        checked = (verified.supported, verified.total) if verified else (None, None)
        kept = Kept(request.question, self.clock(), replace(answer, trace=""), *checked)  # a trace is of one making
        self._with_embedder(lambda embed: self.answers.keep(before, kept, embed(request.question)))

    def _circumstances(self, request: AnswerRequest) -> Circumstances | None:
        """What an answer depends on now; None where that cannot be told, so that nothing is given again or kept."""
        try:
            info = None if request.mode == "extractive" else self.model(request.model)
            with self.generations.serving() as generation:
                embedder = f"{generation.name} {generation.embedder.name}"
            return Circumstances(
                user=USER,
                collection=request.scope.collection,
                document_ids=tuple(sorted(set(request.scope.document_ids))),
                stamp=self._stamp(request.scope.collection),
                embedder=embedder,
                model=info.name if info else "",
                weights=f"{info.provider} {info.digest} {info.size_bytes} {info.context_window}" if info else "",
                mode=request.mode,
                settings=f"{self.settings} {request.strictness}",
                chunk_ids=request.scope.chunk_ids,
            )
        except BasicChatError:  # the engine meets the same error, and tells it
            return None

    def _stamp(self, collection: str) -> str:
        with self.store.begin() as unit:
            if not (stamp := unit.documents.stamp(collection)):  # of a version that knew no stamps
                unit.documents.touch(collection)
                stamp = unit.documents.stamp(collection)
        self.answers.see(collection, stamp)
        return stamp

    def _still(self, request: AnswerRequest, before: Circumstances) -> bool:
        """Whether nothing changed, and every document was searched: one that is half indexed may hold the answer."""
        try:
            with self.store.begin() as unit:
                half = any(each.collection == before.collection for each in unit.documents.unindexed())
        except BasicChatError:
            return False
        return not half and self._circumstances(request) == before

    def _with_embedder(self, use: Callable[[Embed], Kept | None]) -> Kept | None:
        try:
            with self.generations.serving() as generation:
                return use(generation.embedder.embed_query)
        except BasicChatError:  # without an embedder questions cannot be compared
            return None


def _leans(request: AnswerRequest) -> bool:
    """Whether the question means what it means only after what was said before."""
    before = turns(request.history)
    return bool(before) and leans(request.question, before)


def _may_be_given_again(answer: Answer, circumstances: Circumstances, verified: Verified | None) -> bool:
    """Whether it is whole, cites passages, leaves no doubt, and was made by the model that was to make it."""
    grounded = bool(answer.citations) and not (verified and verified.unsupported)
    wanted = ("direct", circumstances.model) if circumstances.model else ("extractive", None)
    return (
        grounded
        and (answer.mode, answer.model) == wanted
        and not answer.abstained
        and not answer.warnings
        and answer.earlier is None
    )


def _told(kept: Kept, started: float) -> Iterator[Event]:
    """An earlier answer as the events of an engine."""
    yield Token(kept.answer.text)
    if kept.supported is not None and kept.checked is not None:
        yield Verified(kept.supported, kept.checked)
    yield Finished(
        replace(
            kept.answer,
            usage=Usage(),
            timings={"total": time.perf_counter() - started},
            earlier=Earlier(kept.question, kept.made_at),
        )
    )
