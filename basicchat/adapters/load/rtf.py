"""Rich text (RTF), through striprtf."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from basicchat.adapters.load.parts import pages_of
from basicchat.core.errors import UnreadableDocument
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import LoadedDocument

MEDIA_TYPE = "application/rtf"
MAX_BYTES = 256 * 2**20
"""Pictures stand in RTF as text, so files are long; more than this is not held in memory."""

_BLANK = re.compile(r"\n\s*\n\s*")


class RtfLoader:
    """Reads the words of RTF; headings look like other paragraphs in it."""

    media_types = frozenset({MEDIA_TYPE})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document. Raises `UnreadableDocument`."""
        from striprtf.striprtf import rtf_to_text

        try:
            data = path.read_bytes() if path.stat().st_size <= MAX_BYTES else b""
            if not data.lstrip().startswith(b"{\\rtf"):
                raise UnreadableDocument("This is not an RTF file, or it is too long.")
            text = str(rtf_to_text(data.decode("latin-1"), encoding="cp1252", errors="replace"))  # type: ignore[no-untyped-call]
        except (OSError, ValueError, LookupError, RecursionError, TypeError, AttributeError) as error:
            raise UnreadableDocument("The RTF file is damaged.") from error
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").replace("\xa0", " ")
        pages = pages_of(_BLANK.sub("\n\n", text).strip())
        if not pages:
            raise UnreadableDocument("The RTF file holds no text.")
        yield LoadedDocument(Path(name or path.name).stem, pages, MEDIA_TYPE)
