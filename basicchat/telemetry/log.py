"""The log: JSON lines in the home, silent on the terminal unless asked.

What may be logged: names of things, counts, durations, codes of errors. Never a secret; and never the text of a
document, a question or an answer above debug level. Two processors see to it, whatever a caller passes.
"""

from __future__ import annotations

import logging
import logging.handlers
import re
import sys
import uuid
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import structlog

Level = Literal["debug", "info", "warning", "error"]

NAME = "basicchat"
MAX_BYTES = 5_000_000
BACKUPS = 3
SECRET = re.compile(
    r"(^|_)(password|passwd|secret|token|api_?key|key|authorization|cookie|credentials?)$", re.IGNORECASE
)
PRIVATE = frozenset(
    {"text", "question", "answer", "query", "prompt", "content", "quote", "passage", "message", "title"}
)
HIDDEN = "[hidden]"


def configure(*, file: Path | None = None, level: Level = "warning", stderr: bool = False) -> None:
    """Say where log lines go; called once by an entry point. With neither a file nor ``stderr``, nothing is written.

    The file turns over at 5 MB and three old ones are kept. Calling again replaces what was said before.
    """
    target = logging.getLogger(NAME)
    for handler in tuple(target.handlers):
        target.removeHandler(handler)
        handler.close()
    target.propagate = False
    target.setLevel(level.upper())
    for handler in _handlers(file, stderr):
        handler.setFormatter(_Line())
        target.addHandler(handler)


def logger(part: str) -> Any:
    """The logger of one part of the program, such as ``ingest``. Writes nothing until `configure` was called."""
    target = logging.getLogger(NAME)
    if not target.handlers:
        target.addHandler(logging.NullHandler())
        target.propagate = False
    chain: list[structlog.typing.Processor] = [
        structlog.stdlib.filter_by_level,
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
        hide_private,
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(default=str),
    ]
    plain = logging.getLogger(f"{NAME}.{part}")
    return structlog.wrap_logger(plain, processors=chain, wrapper_class=structlog.stdlib.BoundLogger).bind(part=part)


class _Line(logging.Formatter):
    """The JSON line as it is: the trace of an error is already inside it."""

    def format(self, record: logging.LogRecord) -> str:
        return record.getMessage()


@contextmanager
def correlation(identifier: str = "") -> Iterator[str]:
    """Mark every line logged inside with one identifier, so that the lines of one request can be found together."""
    chosen = identifier or uuid.uuid4().hex[:12]
    with structlog.contextvars.bound_contextvars(correlation_id=chosen):
        yield chosen


def hide_secrets(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank every value whose name says that it is a secret."""
    for name in event:
        if SECRET.search(name):
            event[name] = HIDDEN
    return event


def hide_private(_: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace texts of the user by their length, except at debug level."""
    if method == "debug":
        return event
    for name in PRIVATE & event.keys():
        event[name] = f"[{len(str(event[name]))} characters]"
    return event


def _handlers(file: Path | None, stderr: bool) -> Iterator[logging.Handler]:
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        yield logging.handlers.RotatingFileHandler(
            file, maxBytes=MAX_BYTES, backupCount=BACKUPS, encoding="utf-8", delay=True
        )
    if stderr:
        yield logging.StreamHandler(sys.stderr)
    if file is None and not stderr:
        yield logging.NullHandler()
