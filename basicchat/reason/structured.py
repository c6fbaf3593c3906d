"""JSON from a model: constrained by a schema where the server can, checked, and asked for once more where it fails."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from basicchat.core.errors import BadReply
from basicchat.core.events import Event
from basicchat.core.protocols import ChatModel
from basicchat.core.types import Json, Message
from basicchat.reason.prompts import fitting
from basicchat.reason.steps import Manner, Steps

T = TypeVar("T")

REPAIRS = 1  # further tries after a reply that does not fit


def asked_for(
    steps: Steps,
    model: ChatModel,
    messages: Sequence[Message],
    *,
    schema: Mapping[str, Json],
    read: Callable[[Json], T],
    tokens: int,
) -> Generator[Event, None, T]:
    """What ``read`` makes of a reply that keeps to ``schema``.

    ``read`` raises `ValueError` with a sentence for a value that will not do; the model is shown that sentence once
    and may reply again. Raises `BadReply` when that will not do either, and what `Steps.say` raises.
    """
    told = tuple(messages)
    manner = Manner(tokens, schema=schema)
    problem = ""
    for attempt in range(1 + REPAIRS):
        reply = yield from steps.say(model, told, replace(manner, seed=attempt))
        try:
            return read(json_in(reply))
        except ValueError as error:
            problem = str(error)
        told = (*messages, Message("assistant", reply), Message("user", fitting.request(problem)))
    info = model.info()
    raise BadReply(f"The model's reply does not fit: {problem}", provider=info.provider, model=info.name)


def json_in(reply: str) -> Json:
    """The JSON of a reply, also where it stands between other words. Raises `ValueError`."""
    start, end = reply.find("{"), reply.rfind("}")
    if start < 0 or end < start:
        raise ValueError("it holds no JSON object")
    try:
        value: Json = json.loads(reply[start : end + 1])
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON: {error}") from error
    return value


def texts_of(value: Json, name: str, *, most: int) -> tuple[str, ...]:
    """The texts in the list ``name`` of an object, trimmed, each once, at most ``most``. Raises `ValueError`."""
    listed = value.get(name) if isinstance(value, dict) else None
    if not isinstance(listed, list):
        raise ValueError(f"it needs a list called {name!r}")
    texts = [" ".join(text.split()) for text in listed if isinstance(text, str)]
    kept = tuple(dict.fromkeys(text for text in texts if text))[:most]
    if not kept:
        raise ValueError(f"the list {name!r} holds no text")
    return kept
