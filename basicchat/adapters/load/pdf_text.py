"""From the characters PDFium gives to the text of a page, with a way back for every offset.

The loader keeps the text; the renderer makes it again and needs the way back to mark a passage.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

_LIGATURES = {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st"}
_CHANGES = {
    "\r\n": "\n",
    "\r": "\n",
    "\u2028": "\n",
    "\u2029": "\n",
    "\xa0": " ",
    "\u2007": " ",
    "\u202f": " ",
    # PDFium's mark for a hyphen at the end of a line. Whether the word is written with a hyphen or was only broken
    # there is not said; "third-party" read as "thirdparty" would be worse than "inter-national".
    "\ufffe": "-",
    "\x02": "-",
    "\u2011": "-",
    "\uf0b7": "\u2022",  # the bullet of the Symbol font
    **_LIGATURES,
}
_CHANGED = re.compile("|".join(map(re.escape, _CHANGES)) + r"|[\x00-\x08\x0b-\x1f\x7f\xad\u200b\ufeff\uffff]")
_EDGES = "".join(map(chr, range(0x21))) + "\x7f\xa0\xad\u2007\u200b\u2028\u2029\u202f\ufeff\uffff"


@dataclass(frozen=True, slots=True)
class PageText:
    """The text of a page. ``_starts`` are offsets of pieces of ``text``, ``_raw`` where they came from."""

    text: str
    _starts: tuple[int, ...]
    _raw: tuple[int, ...]

    def raw_offset(self, offset: int) -> int:
        """Where the character at ``offset`` of the text stood before normalising."""
        index = bisect_right(self._starts, offset) - 1
        return self._raw[index] + offset - self._starts[index]


def normalise(raw: str) -> PageText:
    """Plain line ends and spaces, no soft hyphens or control characters, ligatures spelled out, ends trimmed."""
    pieces: list[str] = []
    done, end = len(raw) - len(raw.lstrip(_EDGES)), len(raw.rstrip(_EDGES))
    starts, origins = [0], [done]
    length = 0
    for match in _CHANGED.finditer(raw, done, end):
        kept, new = raw[done : match.start()], _CHANGES.get(match.group(), "")
        pieces += (kept, new)
        length += len(kept)
        if new:
            starts.append(length)
            origins.append(match.start())
            length += len(new)
        done = match.end()
        starts.append(length)
        origins.append(done)
    pieces.append(raw[done : max(done, end)])
    return PageText("".join(pieces), tuple(starts), tuple(origins))
