"""What every way of several steps shares: one search first, steps that are told, a simpler way when it fails."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from basicchat.core.errors import BadReply, BasicChatError, Cancelled, DependencyMissing, QueryTooLong, UserError
from basicchat.core.events import Event, Finished, Token
from basicchat.core.protocols import ChatModel
from basicchat.core.types import Answer, Hit, Message, Passage, Usage
from basicchat.reason.context import Prompt, Room, room, safe_count
from basicchat.reason.generate import Reply, remarks
from basicchat.reason.modes import chat, direct
from basicchat.reason.modes.searching import Found, answerable, decline, look, rough_tokens
from basicchat.reason.steps import Manner, Steps
from basicchat.reason.support import Grounds
from basicchat.reason.task import Task

Build = Callable[[Sequence[Passage]], tuple[Message, ...]]
"""From passages to the messages of a prompt over them."""


@dataclass(frozen=True)
class Desk:
    """What a way works with: the task, what the first search found, the model, and the steps so far."""

    task: Task
    found: Found
    model: ChatModel
    steps: Steps

    @property
    def question(self) -> str:
        """The question as the conversation makes it understood."""
        return self.found.searched

    @property
    def window(self) -> int:
        """Tokens of the model's window."""
        return self.model.info().context_window

    @property
    def space(self) -> Room:
        """How the window is shared out for a whole answer."""
        return room(self.window, max_tokens=self.task.config.max_tokens)

    def passages(self, hits: Sequence[Hit], *, share: int = 1) -> tuple[Passage, ...]:
        """Passages of these hits, numbered from 1, in one ``share``-th of the tokens that passages may take."""
        budget = min(self.task.config.passage_tokens, self.space.prompt // 2) // share

        def count(text: str) -> int:
            return safe_count(self.model.count_tokens((Message("user", text),)))

        return self.task.retriever.passages(hits, budget=budget, count=count)

    def fitted(self, build: Build, passages: Sequence[Passage]) -> Prompt:
        """The prompt over as many of the passages as fit, last ones dropped first. Raises `QueryTooLong`."""
        kept = tuple(passages)
        while True:
            messages = build(kept)
            counted = self.model.count_tokens(messages)
            if safe_count(counted) <= self.space.prompt:
                return Prompt(messages, kept, counted, self.space.reply)
            if not kept:
                raise QueryTooLong(f"The question takes {safe_count(counted)} tokens of {self.space.prompt}.")
            kept = kept[:-1]

    def reply(self, passages: Sequence[Passage]) -> Reply:
        """An empty reply over these passages, whose citations are settled as everywhere."""
        grounds = Grounds(passages, question=self.question)
        return Reply(len(passages), settle=grounds.settle if passages else None)

    def drafted(self, prompt: Prompt, manner: Manner) -> Generator[Event, None, Reply]:
        """A whole reply that nobody sees yet."""
        text = yield from self.steps.say(self.model, prompt.messages, manner)
        return self.taken(prompt, text)

    def taken(self, prompt: Prompt, text: str) -> Reply:
        """What a model said, as a reply: citations resolved, refusals known."""
        reply = self.reply(prompt.passages)
        reply.feed(text)
        reply.close()
        return reply

    def streamed(self, prompt: Prompt, reply: Reply) -> Iterator[Event]:
        """Let the model write ``reply`` for all to see, as the last step."""
        manner = Manner(prompt.reply_tokens, temperature=self.task.config.temperature)
        with closing(self.steps.deltas(self.model, prompt.messages, manner)) as deltas:
            for delta in deltas:
                if piece := reply.feed(delta.text):
                    yield Token(piece)
                if delta.done:
                    reply.usage = delta.usage or reply.usage
                    reply.finish_reason = delta.finish_reason
                if reply.over:
                    break
        if piece := reply.close():
            yield Token(piece)

    def counted(self, answer: Answer) -> Answer:
        """An answer that was made outside the steps; what it took is counted among theirs."""
        self.steps.add(answer.usage)
        return answer

    def concluded(self, prompt: Prompt, reply: Reply, *, mode: str, results: Sequence[str] = ()) -> Iterator[Event]:
        """The end of an answer whose words ``reply`` holds and everybody saw: sources, the check, `Finished`.

        ``results`` are what tools gave for it.
        """
        if prompt.passages:
            events = direct.concluded(
                self.task, self.found, self.model, prompt, reply, self.window, self.task.elapsed, results
            )
            yield from told(events, lambda answer: replace(answer, mode=mode))
            return
        yield Finished(
            Answer(
                text=reply.text,
                abstained=False,
                mode=mode,
                model=self.model.info().name,
                timings={"total": self.task.elapsed},
                warnings=remarks(prompt, reply, window=self.window),
            )
        )


Way = Callable[[Desk], Iterator[Event]]
"""Yields events and ends with one `Finished`, or raises a `BasicChatError`: then a simpler way is taken."""


def stepwise(task: Task, way: Way, *, title: str, goes: Callable[[Task, Found], bool] = answerable) -> Iterator[Event]:
    """Search, decline when the evidence is thin, else go ``way``; ``title`` is what the reader calls it.

    ``goes`` says whether to go: a way that draws on more than documents need not be held back by thin evidence.
    Where there are no documents the model thinks without passages. A way that fails before a word of the answer was
    shown gives way to direct, or to chat without documents, and a warning says why; one that fails later raises.
    """
    found = look(task)
    yield found.event
    documents = task.retriever.document_count(task.request.scope)
    if documents and not goes(task, found):
        passages = task.retriever.passages(found.retrieval.hits, budget=task.config.passage_tokens, count=rough_tokens)
        yield from decline(task, found, passages, mode=direct.NAME)
        return
    steps = Steps(task)
    shown = False
    try:
        if task.model is None:
            raise DependencyMissing("A chat model", hint="Fetch one with: basicchat models pull")
        with closing(_generator(way(Desk(task, found, task.model, steps)))) as events:
            for event in told(events, lambda answer: _with_steps(answer, steps)):
                shown = shown or isinstance(event, Token)
                yield event
    except (UserError, Cancelled):
        raise
    except BasicChatError as error:
        if shown or (task.model is None and not documents):
            raise
        warning = f"“{title}” did not work out, so the answer was made in the simplest way: {error}"
        simpler = direct.answer_from(task, found) if documents else chat.answer(task)
        yield from told(simpler, lambda answer: _with_steps(answer, steps, warning))


def told(events: Iterator[Event], change: Callable[[Answer], Answer]) -> Iterator[Event]:
    """The events, with the answer at the end changed."""
    for event in events:
        yield Finished(change(event.answer)) if isinstance(event, Finished) else event


def ended(desk: Desk, prompt: Prompt, reply: Reply, *, mode: str, results: Sequence[str] = ()) -> Iterator[Event]:
    """What follows a reply: that the documents do not say, or sources and check. Raises `BadReply` for an empty one."""
    if reply.declined:
        yield from declined(desk, prompt, mode=mode)
        return
    if not reply.text.strip():
        info = desk.model.info()
        raise BadReply("The model gave no answer.", provider=info.provider, model=info.name)
    yield from desk.concluded(prompt, reply, mode=mode, results=results)


def declined(desk: Desk, prompt: Prompt, *, mode: str) -> Iterator[Event]:
    """End with an answer that says that the documents do not."""
    yield from decline(desk.task, desk.found, prompt.passages, mode=mode, model=desk.model.info().name)


def _generator(events: Iterator[Event]) -> Generator[Event, None, None]:
    yield from events


def _with_steps(answer: Answer, steps: Steps, *warnings: str) -> Answer:
    """The answer with its steps and all that models read and wrote for it."""
    spent = steps.usage
    beside = answer.usage if warnings else Usage()
    usage = replace(
        answer.usage,
        prompt_tokens=(spent.prompt_tokens or 0) + (beside.prompt_tokens or 0),
        completion_tokens=(spent.completion_tokens or 0) + (beside.completion_tokens or 0),
    )
    return replace(answer, steps=steps.taken, usage=usage, warnings=answer.warnings + warnings)
