"""Talk with the model alone, without documents."""

from __future__ import annotations

from collections.abc import Iterator

from basicchat.core.errors import DependencyMissing
from basicchat.core.events import Event, Finished, Token
from basicchat.core.types import Answer
from basicchat.reason.context import chat_prompt_for, room
from basicchat.reason.generate import Reply, remarks, write
from basicchat.reason.task import Task

NAME = "chat"


def answer(task: Task) -> Iterator[Event]:
    """Let the model reply. Raises `DependencyMissing` where there is no chat model."""
    model = task.model
    if model is None:
        raise DependencyMissing("A chat model", hint="Fetch one with: basicchat models pull")
    info = model.info()
    space = room(info.context_window, max_tokens=task.config.max_tokens)
    prompt = chat_prompt_for(model, task.request.question, history=task.request.history, space=space)
    reply = Reply(0)
    first_token = None
    for event in write(task, model, prompt, reply, window=info.context_window):
        if first_token is None and isinstance(event, Token):
            first_token = task.elapsed
        yield event
    yield Finished(
        Answer(
            text=reply.text,
            abstained=False,
            mode=NAME,
            model=reply.answered or info.name,
            usage=reply.usage,
            timings={"first_token": first_token or task.elapsed, "total": task.elapsed},
            warnings=remarks(prompt, reply, window=info.context_window),
        )
    )
