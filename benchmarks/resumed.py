"""Asking a model of the built-in server as long as time allows, each reply kept at once, so that a run goes on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from basicchat.bootstrap.parts import embedded_server, model_files
from basicchat.core.protocols import ChatModel
from basicchat.settings import load

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")


def ask_until(
    until: float, name: str, left: Sequence[T], ask: Callable[[ChatModel, T], DataclassInstance], file: Path
) -> None:
    """Ask the model ``name`` what is left, one after the other, until `time.monotonic` is ``until``.

    What ``ask`` makes of each is a line of JSON in ``file``.
    """
    if not left:
        return
    settings = load()
    with closing(embedded_server(settings, model_files(settings))) as server, file.open("a", encoding="utf-8") as lines:
        model = server.chat_model(name)
        for each in left:
            if time.monotonic() >= until:
                return
            lines.write(json.dumps(asdict(ask(model, each)), ensure_ascii=False) + "\n")
            lines.flush()
