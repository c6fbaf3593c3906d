"""Ways of answering, one file each: a name and a function from a `Task` to events. A new mode adds one line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from basicchat.core.events import Event
from basicchat.reason.modes import auto, chat, direct, extractive
from basicchat.reason.task import Task

Mode = Callable[[Task], Iterator[Event]]
"""Yields events and ends with one `Finished`, or raises a `BasicChatError`, which the engine turns into `Failed`."""

MODES: Mapping[str, Mode] = {
    auto.NAME: auto.answer,
    direct.NAME: direct.answer,
    extractive.NAME: extractive.answer,
    chat.NAME: chat.answer,
}
