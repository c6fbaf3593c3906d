"""The reasoning engine: a question in, events out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import cast

from basicchat.core.errors import BasicChatError, DependencyMissing, InvalidInput, UnknownMode
from basicchat.core.events import Event, Failed
from basicchat.core.protocols import ChatModel
from basicchat.core.types import Answer
from basicchat.reason.gate import STRICTNESSES
from basicchat.reason.modes import MODES, Mode
from basicchat.reason.modes.direct import scoring
from basicchat.reason.parts import parts_of
from basicchat.reason.repair import repaired
from basicchat.reason.task import AnswerConfig, AnswerRequest, Task
from basicchat.retrieve.pipeline import Retriever
from basicchat.telemetry.trace import Recorder
from basicchat.toolbox import Toolbox

__all__ = ["AnswerConfig", "AnswerEngine", "AnswerRequest"]


class AnswerEngine:
    """Answers questions over a library with whatever model there is.

    ``models`` gives the chat model of a name, or the one in use for None; it gives None when there is none now.
    ``tools`` are for the modes that use any.
    """

    def __init__(
        self,
        *,
        retriever: Retriever,
        models: Callable[[str | None], ChatModel | None],
        config: AnswerConfig,
        tools: Toolbox | None = None,
    ) -> None:
        self._retriever = retriever
        self._models = models
        self._config = config
        self._tools = tools

    def stream(self, request: AnswerRequest) -> Iterator[Event]:
        """Answer as events, ending with exactly one `Finished` or `Failed`.

        The `Token` texts joined are the text of the answer. Closing the iterator stops the model. Raises
        `UnknownMode` and `InvalidInput` at once; every other `BasicChatError` becomes the `Failed` at the end.
        """
        mode = MODES.get(request.mode)
        if mode is None:
            known = ", ".join(sorted(MODES))
            raise UnknownMode(f"There is no mode {request.mode!r}.", hint=f"Choose one of: {known}.")
        if request.strictness not in (None, *STRICTNESSES):
            known = ", ".join(STRICTNESSES)
            raise InvalidInput(f"There is no strictness {request.strictness!r}.", hint=f"Choose one of: {known}.")
        if not request.question.strip():
            raise InvalidInput("The question is empty.", hint="Type a question.")
        recorder = Recorder(request.question, split=partial(parts_of, request.question))
        retriever = self._retriever.watched(recorder.searched)
        return _run(mode, Task(request, self._config, retriever, self._models, self._tools, recorder=recorder))

    def repair(self, request: AnswerRequest, answer: Answer) -> Answer:
        """The answer to a question without sentences that nothing supports: one further call of the model.

        Raises `DependencyMissing` where there is no chat model, and what `repaired` raises.
        """
        model = self._models(request.model)
        if model is None:
            raise DependencyMissing("A chat model", hint="Fetch one with: basicchat models pull")
        score = scoring(self._retriever)
        return repaired(answer, request.question, model, max_tokens=self._config.max_tokens, score=score)


def _run(mode: Mode, task: Task) -> Iterator[Event]:
    try:
        with closing(cast("closing[Iterator[Event]]", mode(task))) as events:  # type: ignore[type-var]
            for event in cast("Iterator[Event]", events):
                yield task.recorder.seen(event)
    except BasicChatError as error:
        yield Failed(error.code, str(error), error.hint, error.retryable)
