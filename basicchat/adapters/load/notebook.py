"""Jupyter notebooks: the cells and the text that they printed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from basicchat.adapters.load.encoding import read_text
from basicchat.adapters.load.html import read_html
from basicchat.adapters.load.markdown import headings_of
from basicchat.adapters.load.outline import Outline, stem_of
from basicchat.core.errors import UnreadableDocument
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import LoadedDocument

MEDIA_TYPE = "application/x-ipynb+json"
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_TICKS = re.compile(r"^ {0,3}(`{3,})", re.MULTILINE)


class NotebookLoader:
    """Reads IPYNB. Every cell is a place, ``cell 3``; code and what it printed stand in fences, pictures are left."""

    media_types = frozenset({MEDIA_TYPE})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document, a long one in parts. Raises `UnreadableDocument`."""
        notebook = _notebook(read_text(path))
        language = _language(notebook)
        outline = Outline()
        for number, cell in enumerate(_cells(notebook), start=1):
            outline.line("")
            outline.anchor(f"cell {number}")
            _write(outline, cell, language)
        metadata = {"language": language} if language else {}
        yield outline.document(MEDIA_TYPE, title=outline.first_heading(stem_of(path, name)), metadata=metadata)


def _notebook(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableDocument("The notebook is damaged: it is not JSON.") from error
    if not isinstance(found, dict):
        raise UnreadableDocument("This is not a notebook: it holds no cells.")
    return found


def _cells(notebook: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The cells, those of old notebooks too."""
    sheets = [notebook, *(sheet for sheet in _list(notebook.get("worksheets")) if isinstance(sheet, dict))]
    for sheet in sheets:
        yield from (cell for cell in _list(sheet.get("cells")) if isinstance(cell, dict))


def _language(notebook: dict[str, Any]) -> str:
    metadata = notebook.get("metadata")
    info = metadata.get("language_info") if isinstance(metadata, dict) else None
    return _joined(info.get("name")) if isinstance(info, dict) else ""


def _write(outline: Outline, cell: dict[str, Any], language: str) -> None:
    text = _joined(cell.get("source", cell.get("input")))
    kind = cell.get("cell_type")
    if kind == "heading":
        level = cell.get("level")
        outline.heading(level if isinstance(level, int) and 1 <= level <= 6 else 1, text)
    elif kind == "code":
        outline.block(_fenced(text, language))
        for output in _list(cell.get("outputs")):
            outline.block(_output(output) if isinstance(output, dict) else "")
    else:
        _markdown(outline, text)


def _markdown(outline: Outline, text: str) -> None:
    """Markdown as it stands, its headings known to the outline."""
    headings = {heading.start: heading for heading in headings_of(text)}
    offset = 0
    for line in text.split("\n"):
        if heading := headings.get(offset):
            outline.line("")
            outline.mark(heading.level, heading.text)
        outline.line(line)
        offset += len(line) + 1


def _output(output: dict[str, Any]) -> str:
    """What a cell printed, returned or failed with, as text."""
    if "traceback" in output or "ename" in output:
        return _fenced(f"{_joined(output.get('ename'))}: {_joined(output.get('evalue'))}")
    if "text" in output:
        return _fenced(_joined(output["text"]))
    data = output.get("data")
    shown = data if isinstance(data, dict) else {}
    if "text/markdown" in shown:
        return _joined(shown["text/markdown"])
    if "text/html" in shown and "<table" in (markup := _joined(shown["text/html"])):
        return read_html(markup)[1]
    return _fenced(_joined(shown.get("text/plain") or shown.get("text/latex")))


def _fenced(text: str, language: str = "") -> str:
    bare = _COLOURS.sub("", text).strip("\n")
    longest = max((len(ticks) for ticks in _TICKS.findall(bare)), default=2)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{bare}\n{fence}" if bare.strip() else ""


def _joined(value: object) -> str:
    """Text that a notebook keeps as one string or as lines."""
    lines = value if isinstance(value, list) else [value]
    text = "".join(line for line in lines if isinstance(line, str))
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
