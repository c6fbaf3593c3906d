"""Word documents (DOCX): body, tables, lists with their numbers, formulas, text boxes, charts, notes and comments."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from basicchat.adapters.load.package import open_package
from basicchat.adapters.load.word import read_word
from basicchat.core.errors import UnreadableDocument
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import LoadedDocument

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
WHAT = "Word document"


class DocxLoader:
    """Reads DOCX. Pages are made by Word when it prints, so there is one page here, or parts of a long text."""

    media_types = frozenset({MEDIA_TYPE})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document. Raises `UnreadableDocument` or `PasswordRequired`."""
        with open_package(path, what=WHAT, password=password) as package:
            written, title, days = read_word(package), package.title(), package.days()
        pages, tables = written.document()
        if not pages:
            raise UnreadableDocument(
                "The Word document holds no text.", hint="If it holds pictures of text, add those."
            )
        shown = title or written.first_heading or Path(name or path.name).stem
        yield LoadedDocument(shown, pages, MEDIA_TYPE, metadata=days, tables=tables)
