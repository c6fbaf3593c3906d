"""What commands print: results on stdout, everything else on stderr.

Text of documents and models is data. Control characters in it never reach the terminal, so a document cannot
move the cursor, change the window's title or hide what stands above it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import TextIO

import click

from basicchat.core.errors import BasicChatError
from basicchat.core.types import Json, Progress

CONTROLS = {
    code: "\N{REPLACEMENT CHARACTER}" for code in (*range(0x20), 0x7F, *range(0x80, 0xA0)) if chr(code) not in "\n\t"
}
BIDI = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), "")
PROGRESS_WIDTH = 78


def printable(text: str) -> str:
    """The text as it may go to a terminal: no control characters but newline and tab, no overrides of direction."""
    return text.replace("\r\n", "\n").translate(CONTROLS | BIDI)


def one_line(text: str, width: int) -> str:
    """The text on one line of at most ``width`` characters, cut with an ellipsis."""
    line = " ".join(printable(text).split())
    return line if len(line) <= width else line[: width - 1].rstrip() + "…"


def counted(number: int, noun: str) -> str:
    """The number with its noun: ``1 page``, ``3 pages``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def speak_utf8() -> None:
    """Write UTF-8 to both streams, also into a pipe on Windows. What cannot be encoded is escaped, never an error."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(encoding="utf-8", errors="backslashreplace")


class Output:
    """Prints for one command, as JSON or for a person. Colours and progress appear on a terminal only."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._progress_shown = False

    def document(self, value: Mapping[str, Json]) -> None:
        """Print one JSON document on one line of stdout."""
        self._end_progress()
        click.echo(json.dumps(value, ensure_ascii=False))

    def say(self, text: str = "", *, dim: bool = False, bold: bool = False, colour: str | None = None) -> None:
        """Print a line of the result for a person; nothing with ``--json``."""
        if not self.as_json:
            self._end_progress()
            click.secho(printable(text), dim=dim, bold=bold, fg=colour)

    def piece(self, text: str) -> None:
        """Print a piece of a streamed answer at once; nothing with ``--json``."""
        if not self.as_json:
            self._end_progress()
            click.echo(printable(text), nl=False)
            sys.stdout.flush()

    def note(self, text: str) -> None:
        """Say something beside the result, on stderr."""
        self._end_progress()
        click.echo(printable(text), err=True)

    def progress(self, what: str, progress: Progress) -> None:
        """Show how far the work is, on one line of a terminal that is written over; nothing into a pipe."""
        if is_terminal(sys.stderr):
            self._progress_shown = True
            line = one_line(f"{what}: {describe(progress)}", PROGRESS_WIDTH)
            click.echo(f"\r{line:<{PROGRESS_WIDTH}}", err=True, nl=False)

    def failure(self, error: BasicChatError) -> None:
        """Tell an error: as JSON on stdout if asked for, and always as sentences on stderr."""
        if self.as_json:
            self.document({"error": error_document(error)})
        self._end_progress()
        click.secho(printable(f"Error: {error}"), err=True, fg="red")
        if error.hint:
            click.echo(printable(error.hint), err=True)

    def _end_progress(self) -> None:
        if self._progress_shown:
            self._progress_shown = False
            click.echo(f"\r{'':<{PROGRESS_WIDTH}}\r", err=True, nl=False)


def error_document(error: BasicChatError) -> dict[str, Json]:
    """An error as every ``--json`` output writes it."""
    return {"code": error.code, "message": str(error), "hint": error.hint}


def is_terminal(stream: TextIO) -> bool:
    """Whether a person watches this stream."""
    return stream.isatty()


def describe(progress: Progress) -> str:
    """How far the work is, in words."""
    if progress.unit == "bytes" and progress.total:
        return f"{progress.stage} {progress.done / 1e6:.0f} of {progress.total / 1e6:.0f} MB"
    amount = f"{progress.done} of {progress.total}" if progress.total else (str(progress.done) if progress.done else "")
    return " ".join(part for part in (progress.stage, amount, progress.unit if amount else "") if part)
