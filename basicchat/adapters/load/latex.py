"""LaTeX, read as text: sections are headings, words are kept, formulas stay as they are written, nothing is run."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

from basicchat.adapters.load.encoding import read_text
from basicchat.adapters.load.outline import Outline, stem_of
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import LoadedDocument

MEDIA_TYPE = "text/x-tex"

_LEVELS = {
    "part": 1,
    "chapter": 1,
    "section": 2,
    "subsection": 3,
    "subsubsection": 4,
    "paragraph": 5,
    "subparagraph": 6,
}
_ARGUMENT = r"\{((?:[^{}]|\{(?:[^{}]|\{[^{}]{0,500}\}){0,2000}\}){0,5000})\}"
"""An argument with braces in it, as long as a footnote may be: what is never closed must not be sought to the end."""
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%.*")
_SECTION = re.compile(rf"\\({'|'.join(_LEVELS)})\*?\s*(?:\[[^\]]*\])?\s*{_ARGUMENT}")
_TITLE = re.compile(rf"\\title\s*(?:\[[^\]]*\])?\s*{_ARGUMENT}")
_AUTHOR = re.compile(rf"\\(?:author|date)\s*(?:\[[^\]]*\])?\s*{_ARGUMENT}")
_BODY = re.compile(r"\\begin\{document\}")
_VERBATIM = re.compile(r"\\begin\{(verbatim\*?|lstlisting|minted|comment)\}(.*?)\\end\{\1\}", re.DOTALL)
_MATHS = re.compile(
    r"(?<!\\)\$\$.{1,5000}?(?<!\\)\$\$|(?<![\\$])\$[^$\n]+?(?<!\\)\$|\\\[.{1,5000}?\\\]|\\\(.{1,5000}?\\\)"
    r"|\\begin\{((?:equation|align|gather|multline|eqnarray|displaymath|math)\*?)\}.{1,9000}?\\end\{\1\}",
    re.DOTALL,
)
_HELD = re.compile("\ue000(\\d+)\ue001")
_LINK = re.compile(rf"\\href\s*{_ARGUMENT}\s*{_ARGUMENT}")
_KEPT = re.compile(rf"\\(?:cite\w*|ref|eqref|autoref|cref|Cref|pageref)\*?\s*(?:\[[^\]]*\])*\s*{_ARGUMENT}")
_DROPPED = re.compile(
    rf"\\(?:label|vspace|hspace|includegraphics|usepackage|documentclass|bibliographystyle|pagestyle|thispagestyle|"
    rf"setlength|setcounter|addtolength|definecolor|color|graphicspath)\*?\s*(?:\[[^\]]*\])?\s*{_ARGUMENT}(?:{_ARGUMENT})?"
)
_ITEM = re.compile(r"\\item\s*(?:\[([^\]]*)\])?\s*")
_BIB_ITEM = re.compile(rf"\\bibitem\s*(?:\[[^\]]*\])?\s*{_ARGUMENT}\s*")
_NOTE = re.compile(rf"\\(?:footnote|thanks)\s*(?:\[[^\]]*\])?\s*{_ARGUMENT}")
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\s*\{(\w+\*?)\}(?:\[[^\]]*\])?(?:\{[^{}]*\})?")
_ACCENT = re.compile(r"\\(?:([`'^\"~=.])\s*|([uvHcdbkr])(?:\s+|(?=\{)))(?:\{\\?([A-Za-z])\}|\\?([A-Za-z]))")
_MARKS = dict(
    zip(
        "`'^\"~=.uvHcdbkr",
        "\u0300\u0301\u0302\u0308\u0303\u0304\u0307\u0306\u030c\u030b\u0327\u0323\u0331\u0328\u030a",
        strict=True,
    )
)
_LETTERS = {
    **dict(zip(("ss", "ae", "AE", "oe", "OE", "o", "O", "aa", "AA", "l", "L", "S", "P"), "ßæÆœŒøØåÅłŁ§¶", strict=True)),
    **dict.fromkeys(("dots", "ldots", "textellipsis"), "…"),
    **dict.fromkeys(("quad", "qquad"), " "),
    "LaTeX": "LaTeX",
    "TeX": "TeX",
    "copyright": "©",
    "euro": "€",
    "newline": "\n",
    "par": "\n\n",
    "pounds": "£",
    "textasciitilde": "~",
    "textbackslash": "\\",
    "textemdash": "\u2014",
    "textendash": "\u2013",
    "today": "",
}
_LETTER = re.compile(rf"\\({'|'.join(sorted(_LETTERS, key=len, reverse=True))})(?![A-Za-z])(?:\{{\}}|[ \t]*)")
_COMMAND = re.compile(r"\\[A-Za-z@]+\*?[ \t]*(?:\[[^\]]*\])?")
_ESCAPED = re.compile(r"\\([%&$#_{}])")
_BREAK = re.compile(r"\\\\(?:\[[^\]]*\])?|\\newline\b")
_DASHES = (("---", "\u2014"), ("--", "\u2013"), ("``", "\u201c"), ("''", "\u201d"), ("~", " "))


class LatexLoader:
    """Reads LaTeX: sections are headings, words are kept, formulas stay as they are written."""

    media_types = frozenset({MEDIA_TYPE})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document, a long one in parts. Raises `UnreadableDocument`."""
        text = read_text(path)
        outline = _outline(text)
        outline.or_else(text)
        yield outline.document(MEDIA_TYPE, title=outline.first_heading(stem_of(path, name)))


def _outline(source: str) -> Outline:
    held: list[str] = []

    def hold(text: str) -> str:
        held.append(text)
        return f"\ue000{len(held) - 1}\ue001"

    source = source.replace("\ue000", "").replace("\ue001", "")
    source = _VERBATIM.sub(lambda match: "" if match[1] == "comment" else f"\n\n{hold(match[2])}\n\n", source)
    source = "\n".join(_COMMENT.sub(r"\1", line) if "%" in line else line for line in source.split("\n"))
    source = _MATHS.sub(lambda match: hold(match[0]), source)

    def restored(text: str) -> str:
        return _HELD.sub(lambda match: held[int(match[1])], text)

    begin = _BODY.search(source)
    head, body = (source[: begin.start()], source[begin.end() :]) if begin else ("", source)
    outline = Outline()
    if title := _TITLE.search(source):
        outline.heading(1, restored(plain(title[1])))
    for fact in _AUTHOR.finditer(head):
        outline.block(restored(plain(fact[1])))
    _write(outline, _AUTHOR.sub("", _TITLE.sub("", body)), restored)
    return outline


def _write(outline: Outline, body: str, restored: Callable[[str], str]) -> None:
    done = 0
    for section in _SECTION.finditer(body):
        outline.block(restored(plain(body[done : section.start()])))
        outline.heading(_LEVELS[section[1]], restored(plain(section[2])))
        done = section.end()
    outline.block(restored(plain(body[done:])))


def plain(text: str) -> str:
    """LaTeX without its commands; the words in their arguments are kept."""
    text = _LINK.sub(r"\2 (\1)", text)
    text = _DROPPED.sub("", _KEPT.sub(r"[\1]", _NOTE.sub(r" (\1)", text)))
    text = _ITEM.sub(lambda match: f"\n- {match[1]}: " if match[1] else "\n- ", _BIB_ITEM.sub(r"\n[\1] ", text))
    text = _ENVIRONMENT.sub("\n", text)
    text = re.sub(r"(?<!\\)&", " | ", _BREAK.sub("\n", text))
    text = _LETTER.sub(lambda match: _LETTERS[match[1]], _ACCENT.sub(_accented, text))
    text = _COMMAND.sub("", text)
    for written, meant in _DASHES:
        text = text.replace(written, meant)
    text = re.sub(r"(?<!\\)[{}]", "", text)
    text = _ESCAPED.sub(r"\1", re.sub(r"\\[,;:!> ]", " ", text))
    return "\n".join(re.sub(r"[ \t]+", " ", line).strip() for line in text.split("\n"))


def _accented(match: re.Match[str]) -> str:
    mark, letter = match[1] or match[2], match[3] or match[4]
    return unicodedata.normalize("NFC", letter + _MARKS[mark])
