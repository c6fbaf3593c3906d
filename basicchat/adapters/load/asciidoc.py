"""AsciiDoc, read line by line: headings and tables are understood, every word is kept, nothing is included."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from basicchat.adapters.load.encoding import read_text
from basicchat.adapters.load.outline import Outline, stem_of
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import LoadedDocument

MEDIA_TYPE = "text/asciidoc"

_HEADING = re.compile(r"(={1,6}|#{1,6})[ \t]+(\S.*?)(?:[ \t]+\1)?$")
_UNDERLINE = re.compile(r"(=|-|~|\^|\+)\1{2,}$")
_UNDERLINE_LEVELS = "=-~^+"
_TABLE = re.compile(r"[|,:!]={3,}$")
_VERBATIM = re.compile(r"(-{4,}|\.{4,}|`{3,}|\+{4,})")
_COMMENT_BLOCK = re.compile(r"/{4,}$")
_DELIMITER = re.compile(r"(?:={4,}|\*{4,}|_{4,}|-{2}|'{3,}|<{3,})$")
_ATTRIBUTES = re.compile(r"\[(?:\[.*\]|[^\]]*)\]$")
_ENTRY = re.compile(r":!?[\w-]+!?:(?:\s|$)")
_CAPTION = re.compile(r"^\.(?=[^\s.])")
_CELL = re.compile(r"(?:(?<=\s)|^)(?:\d*(?:\.\d+)?[+*])?(?:[<^>](?:\.[<^>])?)?[adehlmsv]?\|")
_LINK = re.compile(r"(?:link:|xref:|mailto:)?([^\s\[\]]+)\[([^\]]*)\]")
_MACRO = re.compile(r"(?:image|video|audio|icon|include)::?([^\s\[\]]*)\[([^\]]*)\]")
_CROSS_REFERENCE = re.compile(r"<<[^,>]*,?([^>]*)>>")
_MARKS = re.compile(r"(?<![\w*_`#])([*_`#]{1,2})(?=\S)(.+?)(?<=\S)\1(?![\w*_`#])")


class AsciidocLoader:
    """Reads AsciiDoc: headings, lists, tables and listings as Markdown."""

    media_types = frozenset({MEDIA_TYPE})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document, a long one in parts. Raises `UnreadableDocument`."""
        reading = _Reading()
        text = read_text(path)
        for line in text.split("\n"):
            reading.take(line.rstrip())
        outline = reading.finish()
        outline.or_else(text)
        yield outline.document(MEDIA_TYPE, title=outline.first_heading(stem_of(path, name)))


class _Reading:
    """Where in the structure the reading is: within a listing, a table or plain text."""

    def __init__(self) -> None:
        self._outline = Outline()
        self._held = ""  # a line that the next one may underline
        self._fence = ""
        self._table = ""
        self._cells: list[str] = []

    def take(self, line: str) -> None:
        if self._fence:
            self._in_fence(line)
        elif self._table:
            self._in_table(line)
        elif self._held and _UNDERLINE.match(line) and abs(len(line) - len(self._held)) <= 2:
            self._outline.heading(1 + _UNDERLINE_LEVELS.index(line[0]), inline(self._held))
            self._held = ""
        else:
            self._release()
            self._begin(line)

    def finish(self) -> Outline:
        self._release()
        self._row()
        return self._outline

    def _begin(self, line: str) -> None:
        if heading := _HEADING.match(line):
            self._outline.heading(len(heading[1]), inline(heading[2]))
        elif _TABLE.match(line):
            self._table = line
            self._outline.line("")
        elif _COMMENT_BLOCK.match(line):
            self._fence = line
        elif fence := _VERBATIM.match(line):
            self._fence = fence[1]
            self._outline.line("```")
        elif _DELIMITER.match(line) or line == "+":
            self._outline.line("")
        elif _ATTRIBUTES.match(line) or _ENTRY.match(line):
            self._outline.line(line)
        elif not line.startswith("//"):
            self._held = line
            if not line:
                self._outline.line("")

    def _release(self) -> None:
        if self._held:
            self._outline.line(inline(_CAPTION.sub("", self._held, count=1)))
            self._held = ""

    def _in_fence(self, line: str) -> None:
        comment = self._fence[0] == "/"
        if line.startswith(self._fence):
            self._fence = ""
            line = "```"
        if not comment:
            self._outline.line(line)

    def _in_table(self, line: str) -> None:
        if line == self._table:
            self._row()
            self._table = ""
            self._outline.line("")
            return
        cells = _CELL.split(line)
        if len(cells) == 1:  # a cell that goes on
            self._cells[-1:] = [" ".join([*self._cells[-1:], line.strip()])]
        elif not cells[0].strip():
            self._row()
            self._cells = [cell.strip() for cell in cells[1:]]
        else:
            self._cells += [cell.strip() for cell in cells]
        if not line:
            self._row()

    def _row(self) -> None:
        if any(self._cells):
            self._outline.line(f"| {' | '.join(inline(cell) for cell in self._cells)} |")
        self._cells = []


def inline(text: str) -> str:
    """One line without its inline marks; of links and pictures the words, else the target."""
    text = _MACRO.sub(lambda match: match[2].split(",")[0].strip(" \"'") or match[1], text)
    text = _CROSS_REFERENCE.sub(lambda match: match[1].strip() or match[0].strip("<>"), text)
    text = _LINK.sub(lambda match: f"{match[2]} ({match[1]})" if match[2] else match[1], text)
    return _MARKS.sub(r"\2", text)
