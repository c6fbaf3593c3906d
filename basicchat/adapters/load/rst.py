"""reStructuredText, read line by line: headings are understood, every word is kept, no directive is carried out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from basicchat.adapters.load.encoding import read_text
from basicchat.adapters.load.outline import Outline, stem_of
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import LoadedDocument

MEDIA_TYPE = "text/x-rst"

_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1+$")
_BORDER = re.compile(r"[=\-+ ]*(?:={2,}|-{2,})[=\-+ ]*$")
_DIRECTIVE = re.compile(r"(\s*)\.\. (?:\|[^|]+\| )?([\w:.-]+)::[ \t]*(.*)$")
_TARGET = re.compile(r"\s*\.\. _[^:]*:[ \t]*(.*)$")
_NOTE = re.compile(r"(\s*)\.\. \[([^\]]+)\][ \t]+")
_OPTION = re.compile(r"\s+:(?:alt|caption|name|title):[ \t]*(.*)$")
_FIELD = re.compile(r"\s+:[\w-]+:(?:\s|$)")
_ROLE = re.compile(r":[\w:+.-]+:`([^`]*)`")
_LITERAL = re.compile(r"``(.+?)``")
_LINK = re.compile(r"`([^`<]+?)\s*<([^`>]+)>`__?")
_REFERENCE = re.compile(r"`([^`]+)`_{0,2}|\|(\w[^|]*)\|_?")
_STRONG = re.compile(r"(?<![\w*])(\*{1,2})(?=\S)(.+?)(?<=\S)\1(?![\w*])")


class RstLoader:
    """Reads reStructuredText: headings as Markdown, directives by their words."""

    media_types = frozenset({MEDIA_TYPE})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document, a long one in parts. Raises `UnreadableDocument`."""
        text = read_text(path).expandtabs(8)
        outline = _outline([line.rstrip() for line in text.split("\n")])
        outline.or_else(text)
        yield outline.document(MEDIA_TYPE, title=outline.first_heading(stem_of(path, name)))


def _outline(lines: Sequence[str]) -> Outline:
    outline, styles = Outline(), list[str]()
    literal = -1  # indentation of the paragraph that announced a literal block
    options = False
    number = 0
    while number < len(lines):
        line = lines[number]
        indent = len(line) - len(line.lstrip())
        if line and literal >= 0 and indent <= literal:
            literal = -1
        if literal >= 0:
            outline.line(line)
        elif found := _heading(lines, number):
            style, title, used = found
            if style not in styles:
                styles.append(style)
            outline.heading(1 + styles.index(style), inline(title))
            number += used
            continue
        elif directive := _DIRECTIVE.match(line):
            outline.line(_directive(directive))
            literal = indent if directive[2] in {"code", "code-block", "sourcecode", "parsed-literal"} else -1
            options = True
        elif not (options and _FIELD.match(line) and not _OPTION.match(line)):
            outline.line(_plain_line(line))
            literal = indent if line.endswith("::") else literal
            options = options and bool(_OPTION.match(line))
        number += 1
    return outline


def _heading(lines: Sequence[str], number: int) -> tuple[str, str, int] | None:
    """The style of the heading that begins at a line, its text and how many lines it takes."""
    first, second, third = (*lines[number : number + 3], "", "")[:3]
    if _ADORNMENT.match(first) and first == third and second.strip() and len(first) >= len(second.strip()):
        return first[0] * 2, second.strip(), 3
    if not first or first[0].isspace() or _ADORNMENT.match(first):
        return None
    if _ADORNMENT.match(second) and len(second) >= min(len(first), 4) and not _BORDER.match(first):
        return second[0], first, 2
    return None


def _directive(match: re.Match[str]) -> str:
    indent, kind, words = match.groups()
    if kind in {"code", "code-block", "sourcecode", "image", "figure", "contents", "toctree", "raw", "include"}:
        return f"{indent}{inline(words)}"
    return f"{indent}{kind.rpartition(':')[2].capitalize()}: {inline(words)}".rstrip(": ")


def _plain_line(line: str) -> str:
    if _ADORNMENT.match(line) and len(line) > 3:
        return ""
    if _BORDER.match(line):
        return ""
    if target := _TARGET.match(line):
        return target[1]
    if option := _OPTION.match(line):
        return inline(option[1])
    line = _NOTE.sub(r"\1[\2] ", line)
    return inline(line.removeprefix(".. ") if line.startswith(".. ") else line)


def inline(text: str) -> str:
    """One line without its inline marks; of roles the words, of links the words and the target."""
    text = re.sub(r"::$", ":", text)
    text = _ROLE.sub(lambda match: match[1].strip("~!"), text)
    text = _LINK.sub(r"\1 (\2)", text)
    text = _LITERAL.sub(r"`\1`", text) if "``" in text else _REFERENCE.sub(lambda match: match[1] or match[2], text)
    return _STRONG.sub(r"\2", text)
