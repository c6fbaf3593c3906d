"""Source code: its definitions are headings, its lines are places."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

from basicchat.adapters.load.encoding import read_text
from basicchat.adapters.load.parts import pages_of
from basicchat.core.errors import UnreadableDocument
from basicchat.core.languages import language_of
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import Anchor, Heading, LoadedDocument

MEDIA_TYPE = "text/x-source"
EXACT_LINES = 20_000
"""Lines of a file up to which every line is a place; beyond, every tenth is."""
MAX_PARSED = 2 * 2**20
"""Characters of Python that are parsed; a longer file is looked through line by line."""
TAB = 4

_Definition = tuple[int, int, str]
"""Line from 0, level from 1, and what is defined: ``class Ship``."""

_MODIFIERS = (
    r"(?:(?:export|default|declare|public|private|protected|internal|static|final|abstract|sealed|partial|async|override|"
    r"virtual|inline|open|data|case|unsafe|extern|const|suspend|local|readonly|pub(?:\([\w: ]+\))?)\s+)*"
)
_KINDS = (
    *("class", "interface", "struct", "enum", "trait", "impl", "module", "namespace", "object", "record", "protocol"),
    *("extension", "package", "union", "contract", "library", "actor", "mixin", "typealias", "message", "service"),
    *("function\\*?", "func", "fn", "fun", "def", "defp", "defn", "defn-", "defmodule", "defmacro", "sub", "proc"),
    *("procedure", "subroutine", "program", "macro_rules!", "macro", "resource", "variable", "output", "provider"),
)
_NAMED = re.compile(
    rf"^\s*\(?{_MODIFIERS}({'|'.join(_KINDS)})(?:<[^<>]*>)?\s+(?:\([^)]*\)\s*)?([\"\w$.:!?-][\"\w$.:!?<>', -]*?)"
    r"\s*(?=[({:;=|\[]|$|\bextends\b|\bimplements\b|\bis\b|\bwhere\b|\bfor\b)",
)
_ARROW = re.compile(
    r"^\s*(?:export\s+)?(?:const|let|var)\s+([\w$]+)\s*=\s*(?:async\s*)?(?:function\b|\(?[\w$,\s{}=]*\)?\s*=>)"
)
_GO_TYPE = re.compile(r"^type\s+(\w+)(?:\[[^\]]*\])?\s+(struct|interface)\b")
_SQL = re.compile(
    r"^\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:TEMP(?:ORARY)?\s+|UNIQUE\s+|MATERIALIZED\s+)*"
    r"(TABLE|VIEW|FUNCTION|PROCEDURE|TRIGGER|INDEX|TYPE|SCHEMA)\s+(?:IF\s+NOT\s+EXISTS\s+)?([\w.\"`\[\]]+)",
    re.IGNORECASE,
)
_SHELL = re.compile(r"^\s*([\w.-]+)\s*\(\)\s*\{?\s*$")
_C_LIKE = re.compile(r"^(\s*)(?:[\w:<>,~*&\[\]?@.]+\s+)+[*&]*([\w:~$]+)\s*\([^;{}]*\)?[^;=]*\{?\s*$")
_SECTION = re.compile(r"^\[+([^\[\]]+)\]+\s*$")
_TARGET = re.compile(r"^([\w./%-]+)\s*:(?!=)")
_NOT_NAMES = frozenset(
    {"if", "for", "while", "switch", "catch", "return", "else", "do", "new", "throw", "await", "elif"}
)
_COMMENTS = ("*", "//", "/*", "# ", "--", ";")
_BRACES = frozenset({"C", "C#", "C++", "D", "Dart", "Groovy", "Java", "JavaScript", "Objective-C", "PHP", "TypeScript"})
_BY_LANGUAGE = {"Shell": _SHELL, "TOML": _SECTION, "INI": _SECTION, "Makefile": _TARGET}
_NO_DEFINITIONS = frozenset({"CSS", "YAML", "diff", "Dockerfile"})


class CodeLoader:
    """Reads source code of any language: definitions are headings, lines are places. Nothing is run."""

    media_types = frozenset({MEDIA_TYPE})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document, a long one in parts. Raises `UnreadableDocument`."""
        shown = Path(name or path.name)
        text = read_text(path).rstrip()
        if not text:
            raise UnreadableDocument("The file is empty.")
        lines = text.split("\n")
        starts = [0]
        for line in lines:
            starts.append(starts[-1] + len(line) + 1)
        language = language_of(shown.name, first_line=lines[0])
        headings = [Heading(level, words, starts[line]) for line, level, words in definitions(text, language)]
        step = 1 if len(lines) <= EXACT_LINES else 10
        anchors = [Anchor(starts[line], f"line {line + 1}") for line in range(0, len(lines), step)]
        metadata = {"language": language} if language else {}
        yield LoadedDocument(shown.name, pages_of(text, headings, anchors=anchors), MEDIA_TYPE, metadata=metadata)


def definitions(text: str, language: str) -> list[_Definition]:
    """What the code defines, in order: by its syntax for Python, by how lines begin for other languages."""
    if language == "Python" and len(text) <= MAX_PARSED and (found := _of_python(text)) is not None:
        return found
    return list(_levelled(_found(text.split("\n"), language)))


def _of_python(text: str) -> list[_Definition] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what the code's author should hear
            tree = ast.parse(text)
        return sorted(_inside(tree, 1))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _inside(node: ast.AST, level: int) -> Iterator[_Definition]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            kind = "class" if isinstance(child, ast.ClassDef) else "def"
            first = min([child.lineno, *(each.lineno for each in child.decorator_list)])
            yield first - 1, level, f"{kind} {child.name}"
            yield from _inside(child, level + 1)
        elif isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield from _inside(child, level)


def _found(lines: Sequence[str], language: str) -> Iterator[tuple[int, int, str]]:
    """Line, indentation and words of what looks like a definition."""
    if language in _NO_DEFINITIONS:
        return
    for number, (line, following) in enumerate(zip(lines, [*lines[1:], ""], strict=True)):
        opens = line.endswith("{") or following.lstrip().startswith("{")
        if len(line) <= 400 and (words := _defined(line, language, opens=opens)):
            expanded = line.expandtabs(TAB)
            yield number, len(expanded) - len(expanded.lstrip()), words


def _defined(line: str, language: str, *, opens: bool) -> str:
    """What a line defines, empty for most lines. ``opens`` says that a block in braces follows."""
    if line.lstrip().startswith(_COMMENTS):
        return ""
    if special := _BY_LANGUAGE.get(language):
        match = special.match(line)
        return match[1].strip() if match else ""
    if match := _SQL.match(line):
        return f"{match[1].lower()} {match[2]}"
    if language == "SQL":
        return ""
    if match := _NAMED.match(line):
        return f"{match[1].rstrip('*')} {match[2].strip()}"
    if match := _GO_TYPE.match(line):
        return f"{match[2]} {match[1]}"
    if match := _ARROW.match(line):
        return f"function {match[1]}"
    if opens and language in _BRACES and (match := _C_LIKE.match(line)) and line.split()[0] not in _NOT_NAMES:
        return f"function {match[2]}" if match[2] not in _NOT_NAMES else ""
    return ""


def _levelled(found: Iterator[tuple[int, int, str]]) -> Iterator[_Definition]:
    """Levels from indentations: one more than the definitions that a line stands in."""
    above: list[int] = []
    for number, indentation, words in found:
        while above and above[-1] >= indentation:
            above.pop()
        above.append(indentation)
        yield number, len(above), words
