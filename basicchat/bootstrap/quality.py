"""Checking the library with other settings, and writing those that are taken into ``settings.toml``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from basicchat.bootstrap import parts, settings_file
from basicchat.core.codec import from_json, to_json
from basicchat.core.errors import NotFound
from basicchat.core.protocols import ChatModel, Reranker
from basicchat.core.types import Scope
from basicchat.evaluate.asking import Ask, Asked
from basicchat.evaluate.cases import Question
from basicchat.evaluate.checking import Ways
from basicchat.evaluate.checkup import DEPTHS
from basicchat.evaluate.remembering import Remembering
from basicchat.evaluate.tune import Changes, Value
from basicchat.reason.engine import AnswerRequest
from basicchat.reason.modes.searching import look
from basicchat.reason.task import Task
from basicchat.retrieve.pipeline import Retriever
from basicchat.settings import RetrieveSettings, Settings, load

GROUP = "retrieve"


def ways(
    settings: Settings,
    retriever: Retriever,
    reranker: Reranker | None,
    models: Callable[[str | None], ChatModel | None],
) -> Ways:
    """Ways to search as an answer does, each with some settings changed, and a reranker that all of them share."""
    reader = None if reranker is None else Remembering(reranker)

    def way(changes: Changes) -> Ask:
        changed = _changed(settings, changes)
        varied = retriever.varied(config=parts.retrieve_config(changed), reranker=reader)
        config = replace(parts.answer_config(changed), top_k=max(DEPTHS))

        def ask(question: Question) -> Asked:
            request = AnswerRequest(question.text, scope=Scope(question.collection))
            found = look(Task(request, config, varied, models))
            return Asked(found.retrieval.hits, unseen=reader.take_owed() if reader else 0.0)

        return ask

    return way


def in_use(settings: Settings) -> Changes:
    """The settings of the search."""
    return settings.retrieve.model_dump()


@dataclass(frozen=True)
class Applied:
    """Settings that a proposal changed, and what the file said before; None where it said nothing."""

    changes: Mapping[str, Value]
    before: Mapping[str, Value | None]


def apply(settings: Settings, changes: Changes) -> Applied:
    """Write a proposal into ``settings.toml``, to be used from the next start on.

    What equals its default is left out of the file. Raises `InvalidInput` for a file that cannot be read.
    """
    file = _file(settings)
    kept = settings_file.read(file).get(GROUP, {})
    fresh = {name: field.default for name, field in RetrieveSettings.model_fields.items()}
    applied = Applied(dict(changes), {name: kept.get(name) for name in changes})
    settings_file.change_all(file, GROUP, {name: None if fresh[name] == it else it for name, it in changes.items()})
    _note(settings).parent.mkdir(parents=True, exist_ok=True)
    _note(settings).write_text(json.dumps(to_json(applied)), encoding="utf-8")
    return applied


def applied(settings: Settings) -> Applied | None:
    """The proposal that was applied last and can be undone; None where there is none."""
    try:
        return from_json(Applied, json.loads(_note(settings).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def undo(settings: Settings) -> Applied:
    """Write back what stood in the file before; what somebody has changed since stays. Raises `NotFound`."""
    done = applied(settings)
    if done is None:
        raise NotFound("No proposal was applied.", hint="There is nothing to undo.")
    file = _file(settings)
    kept = settings_file.read(file).get(GROUP, {})
    fresh = {name: field.default for name, field in RetrieveSettings.model_fields.items()}
    untouched = [name for name, value in done.changes.items() if kept.get(name, fresh[name]) == value]
    settings_file.change_all(file, GROUP, {name: done.before[name] for name in untouched})
    _note(settings).unlink()
    return done


def overruled(settings: Settings, changes: Changes) -> tuple[str, ...]:
    """Those of the changes that will not be used, because a variable of the environment says otherwise."""
    found = load(home=settings.home, profile=settings.profile).retrieve
    return tuple(name for name, value in changes.items() if getattr(found, name) != value)


def _changed(settings: Settings, changes: Changes) -> Settings:
    return settings.model_copy(update={GROUP: settings.retrieve.model_copy(update=dict(changes))})


def _file(settings: Settings) -> Path:
    return settings.home / "settings.toml"


def _note(settings: Settings) -> Path:
    return parts.state_folder(settings) / "proposal.json"
