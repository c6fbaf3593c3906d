"""Text of models and documents made safe to show: it is data, never HTML, a picture or an outside link."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

_FENCE = re.compile(r"^( {0,3})(`{3,}(?=[^`\n]*$)|~{3,})[^\n]*$", re.MULTILINE)
_CODE_SPAN = re.compile(r"(?<![`\\])(`+)(?!`)([^\n]*?[^`\n])\1(?!`)")
_PICTURE_OR_LINK = re.compile(r"!?\[([^\]\n]*)\]\(\s*<?([^)\s>]*)>?[^)\n]*\)")
_AUTOLINK = re.compile(r"<((?:[a-z][a-z0-9+.-]*:|[^<>@\s]+@)[^<>\s]*)>", re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?:(?:https?|ftp)://|www\.|mailto:|xmpp:)[^\s<>`|\ue000-\ue002]*|[\w.+-]+@[\w-]+\.[\w.-]+", re.IGNORECASE
)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_KEEPS = "*_~|#+-"  # signs whose escape is kept: all that it can do is to show them
_BACKTICKS = re.compile(r"`+")
_RISKY_CELL = re.compile(r"[\[\]<]|://|www\.|@", re.IGNORECASE)
_CITATION = re.compile(r"\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~$:^=&])")
_BEGINS, _ENDS = "\ue000", "\ue001"  # of no alphabet: where a mark begins and ends, until it is written
_MARKED = re.compile(f"{_BEGINS}([^{_BEGINS}{_ENDS}\n]*){_ENDS}")
_KEPT = "\ue002"  # a backslash that escapes the sign behind it
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ue000-\ue002]")
_WRAPS = re.compile(r"[*_~]+")

MARK = "gray-background"
"""The directive of Streamlit's Markdown that a marked stretch is put in; the style sheet gives it its look."""


def plain(text: str) -> str:
    """Markdown that shows exactly this text, on one line. Addresses stand as code: escaped ones would become links."""
    line = " ".join(_CONTROL.sub("", text).split())
    parts: list[str] = []
    position = 0
    for address in _ADDRESS.finditer(line):
        parts += [_SPECIAL.sub(r"\\\1", line[position : address.start()]), f"`{address.group(0)}`"]
        position = address.end()
    parts.append(_SPECIAL.sub(r"\\\1", line[position:]))
    return _apart(parts)


def shorten(text: str, length: int) -> str:
    """At most ``length`` characters on one line, cut at a word with an ellipsis."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    cut = line[: length - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut).rstrip(",;:. ") + "…"


def answer_markdown(
    text: str, *, key: str, numbers: Collection[int] = (), doubted: Sequence[tuple[int, int]] = ()
) -> str:
    """The Markdown of an answer, with its citations as links ``#source-<key>-<number>`` that the page catches.

    Emphasis, lists, tables and code stay. Pictures and links become their text and address; HTML shows as typed;
    brackets that are not a citation in ``numbers`` show as brackets. ``doubted`` are stretches of the text, in order,
    to be marked; one that cuts through emphasis, a table or code is left unmarked.
    """

    def chip(match: re.Match[str]) -> str:
        cited = [int(number) for number in match.group(1).split(",")]
        if not all(number in numbers for number in cited):
            return match.group(0).replace("[", "\\[").replace("]", "\\]")
        return "".join(f"[{number}](#source-{key}-{number})" for number in cited)

    written = _outside_code(_with_marks(text, doubted), lambda prose: _neutral(prose, chip))
    marked = _MARKED.sub(lambda match: f":{MARK}[{match.group(1)}]", written)
    return marked.replace(_BEGINS, "").replace(_ENDS, "").replace(_KEPT, "").lstrip("\n")


def _with_marks(text: str, places: Sequence[tuple[int, int]]) -> str:
    parts: list[str] = []
    position = 0
    for start, end in places:
        parts.append(_CONTROL.sub("", text[position:start]))
        stretch = _CONTROL.sub("", text[start:end])
        parts.append(f"{_BEGINS}{stretch}{_ENDS}" if _can_be_wrapped(stretch) else stretch)
        position = end
    return "".join([*parts, _CONTROL.sub("", text[position:])])


def _can_be_wrapped(text: str) -> bool:
    """Whether Markdown can stand round it: one line, no cell of a table, no emphasis that goes on outside."""
    marks = [found.group() for found in _WRAPS.finditer(text)]
    plain_line = "\n" not in text and "|" not in text and not text.startswith(("```", "~~~"))
    return plain_line and all(marks.count(mark) % 2 == 0 for mark in marks)


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    """Apply ``change`` to everything but fenced blocks and code spans; a fence left open runs to the end.

    Blocks and spans are written anew so that every reader of Markdown sees them begin and end where this one does:
    what it takes for code and another for text would be text that nobody made safe.
    """
    parts: list[str] = []
    position = 0
    while opening := _FENCE.search(text, position):
        parts.append(_outside_spans(text[position : opening.start()], change))
        mark = opening.group(2)
        closing = re.compile(rf"^ {{0,3}}{re.escape(mark[0])}{{{len(mark)},}}[ \t]*$", re.MULTILINE)
        closed = closing.search(text, opening.end())
        position = closed.end() if closed else len(text)
        code = text[opening.end() : closed.start() if closed else len(text)]
        parts.append(_block(_unmarked(code), language=opening.group(0).strip().strip(mark[0]).strip()))
    parts.append(_outside_spans(text[position:], change))
    return "".join(parts)


def _block(code: str, *, language: str) -> str:
    """A fenced block at the edge of the page, after an empty line, behind a fence that nothing in it can close."""
    fence = "`" * max(3, 1 + max((len(run) for run in _BACKTICKS.findall(code)), default=0))
    named = language if re.fullmatch(r"[\w+#.-]{1,20}", language) else ""
    return f"\n\n{fence}{named}\n{code.strip(chr(10))}\n{fence}\n"


def _unmarked(code: str) -> str:
    return code.replace(_BEGINS, "").replace(_ENDS, "")


def _outside_spans(text: str, change: Callable[[str], str]) -> str:
    """As `_outside_code`, of code spans. One that a table could cut in two, with something live in it, is text."""
    parts: list[str] = []
    position = 0
    for span in _CODE_SPAN.finditer(text):
        if "|" in span.group(0) and _RISKY_CELL.search(span.group(0)):
            continue
        parts += [change(text[position : span.start()]), _unmarked(span.group(0))]
        position = span.end()
    parts.append(change(text[position:]))
    return _apart(parts)


def _neutral(prose: str, chip: Callable[[re.Match[str]], str]) -> str:
    prose = _ESCAPED.sub(_unescaped, prose)
    prose = _PICTURE_OR_LINK.sub(lambda match: f"{match.group(1)} ({match.group(2)})".lstrip(), prose)
    prose = _AUTOLINK.sub(lambda match: match.group(1), prose)
    parts: list[str] = []
    position = 0
    for address in _ADDRESS.finditer(prose):
        shown = address.group(0).rstrip(".,;:!?)'\"")
        parts += [_escaped(prose[position : address.start()], chip), f"`{shown}`"]
        position = address.start() + len(shown)
    parts.append(_escaped(prose[position:], chip))
    return _apart(parts)


def _apart(parts: Sequence[str]) -> str:
    """The parts in a row, a space between backticks of two of them: together they would mean something else."""
    written = ""
    for part in parts:
        touching = written.endswith("`") and part.startswith("`")
        written += f" {part}" if touching else part
    return written


def _escaped(prose: str, chip: Callable[[re.Match[str]], str]) -> str:
    """Brackets, angle brackets, dollars and stray backticks show as themselves; citations become chips."""
    parts: list[str] = []
    position = 0
    for citation in _CITATION.finditer(prose):
        parts += [_quiet(prose[position : citation.start()]), chip(citation)]
        position = citation.end()
    parts.append(_quiet(prose[position:]))
    return "".join(parts)


def _unescaped(match: re.Match[str]) -> str:
    """A sign without its backslash, as Markdown would show it: it is made safe like any other afterwards."""
    sign = match.group(1)
    return f"{_KEPT}{sign}" if sign in _KEEPS else sign


def _quiet(prose: str) -> str:
    return re.sub(r"([\\\[\]<$`&])", r"\\\1", prose).replace(_KEPT, "\\")
