"""Ways of answering, one file each: a name and a function from a `Task` to events. A new mode adds one line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from basicchat.core.events import Event
from basicchat.reason.modes import (
    agent,
    auto,
    chain_of_thought,
    chat,
    debate,
    direct,
    extractive,
    multi_step,
    plan_and_execute,
    program,
    tree_of_thought,
)
from basicchat.reason.task import Task

Mode = Callable[[Task], Iterator[Event]]
"""Yields events and ends with one `Finished`, or raises a `BasicChatError`, which the engine turns into `Failed`."""

MODES: Mapping[str, Mode] = {
    auto.NAME: auto.answer,
    direct.NAME: direct.answer,
    extractive.NAME: extractive.answer,
    chat.NAME: chat.answer,
    chain_of_thought.NAME: chain_of_thought.answer,
    multi_step.NAME: multi_step.answer,
    plan_and_execute.NAME: plan_and_execute.answer,
    tree_of_thought.NAME: tree_of_thought.answer,
    debate.NAME: debate.answer,
    agent.NAME: agent.answer,
    program.NAME: program.answer,
}
