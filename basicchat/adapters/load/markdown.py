"""Markdown as the common form of formats with structure: headings with offsets, HTML turned into Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from basicchat.core.types import Heading

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

_ATX = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$")
_SETEXT = re.compile(r"^ {0,3}(=+|-{2,})[ \t]*$")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_INLINE = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|[*_`]{1,3}|\\(?=[^\w\s])")
_BLANK_LINES = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)+")


def headings_of(text: str) -> tuple[Heading, ...]:
    """Headings of a Markdown text, both forms, those in fenced code left out. Inline markup is dropped."""
    return tuple(_headings(text))


def _headings(text: str) -> Iterator[Heading]:
    fence = ""
    previous, previous_start = "", 0
    offset = 0
    for line in text.splitlines(keepends=True):
        start, offset, bare = offset, offset + len(line), line.rstrip("\n")
        mark = _FENCE.match(bare)
        if fence:
            fence = "" if mark and mark[1].startswith(fence) else fence
            previous = ""
            continue
        if mark:
            fence, previous = mark[1], ""
        elif (atx := _ATX.match(bare)) and (words := plain(atx[2])):
            yield Heading(len(atx[1]), words, start)
            previous = ""
        elif (underline := _SETEXT.match(bare)) and (words := plain(previous)):
            yield Heading(1 if underline[1][0] == "=" else 2, words, previous_start)
            previous = ""
        else:
            previous, previous_start = (bare, start) if _may_be_setext(bare) else ("", start)


def _may_be_setext(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith(("|", ">", "- ", "* ", "+ "))


def plain(markdown: str) -> str:
    """One line of Markdown without its inline markup."""
    return " ".join(_INLINE.sub(lambda match: match[1] or "", markdown).split())


def markdown_of(soup: BeautifulSoup) -> str:
    """An HTML tree as Markdown: headings as ``#``, tables kept, links as their words, pictures left out."""
    from markdownify import MarkdownConverter

    converter = MarkdownConverter(
        heading_style="ATX", bullets="-", strip=["a", "img"], escape_asterisks=False, escape_underscores=False
    )
    text = str(converter.convert_soup(soup)).replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    return _BLANK_LINES.sub("\n\n", text).strip()
