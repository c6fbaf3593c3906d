"""What becomes of real files of every format: read, or refused by name, and how many of their words were found.

Word recall of a file is sum(min(E[w], F[w])) / sum(E[w]) over the words w of the expected Markdown, with E and F how
often it is there and in what we read; see `basicchat.evaluate.parsing`. A file that was refused counts as 0 when
there is something to expect, unless it is one that asks for a password. Name formats to see their files one by one.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from basicchat.adapters.load import default_loaders
from basicchat.core.errors import BasicChatError, PasswordRequired
from basicchat.core.protocols import Loader
from basicchat.evaluate.parsing import missing_words, word_recall
from basicchat.ingest.detect import media_type_of
from benchmarks.table import evaluation_set, print_table

EXPECTED = ".expected.md"
PASSWORDS = {"pdf_password": "1234"}
"""Passwords that the evaluation set gives for its locked files, by folder."""


@dataclass(frozen=True)
class Reading:
    """How reading one file ended. ``recall`` is None where nothing is known to be expected."""

    file: str
    ok: bool
    recall: float | None
    error: str
    missing: Sequence[str]
    seconds: float


def read(path: Path, loaders: Mapping[str, Loader], *, password: str = "") -> Reading:
    """Read a file as the product does, beside what is expected of it."""
    expected = path.with_name(path.name + EXPECTED)
    wanted = expected.read_text(encoding="utf-8") if expected.exists() else None
    started = time.perf_counter()
    try:
        text, error = _text(path, loaders, password=password), ""
    except BasicChatError as caught:
        text, error = "", f"{caught.code}: {caught}"
    took = time.perf_counter() - started
    recall = None if wanted is None else word_recall(wanted, text) if not error else 0.0
    missing = [] if wanted is None else missing_words(wanted, text)
    return Reading(path.name, not error, recall, error, missing, took)


def _text(path: Path, loaders: Mapping[str, Loader], *, password: str) -> str:
    kind = media_type_of(path)
    loader = loaders.get(kind or "")
    if loader is None:
        raise BasicChatError(f"no reader for {kind or path.suffix}")
    try:
        documents = list(loader.load(path))
    except PasswordRequired:
        documents = list(loader.load(path, password=password))
    pages = (f"{page.label}\n{page.text}" for document in documents for page in document.pages)
    return "\n".join([*(document.title for document in documents), *pages])


def read_format(folder: Path, loaders: Mapping[str, Loader]) -> list[Reading]:
    """Every file of one format."""
    paths = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.endswith(EXPECTED))
    return [read(path, loaders, password=PASSWORDS.get(folder.name, "")) for path in paths]


def main(only: Sequence[str] = ()) -> None:
    """Read every file of the set and print the tables."""
    root = evaluation_set("docs-docling")
    loaders = {kind: loader for loader in default_loaders() for kind in loader.media_types}
    rows, failed = [], []
    for folder in sorted(path for path in root.iterdir() if path.is_dir() and (not only or path.name in only)):
        readings = read_format(folder, loaders)
        recalls = [reading.recall for reading in readings if reading.recall is not None]
        mean = sum(recalls) / len(recalls) if recalls else None
        lost = [reading for reading in readings if not reading.ok]
        failed += [(folder.name, reading.file, reading.error) for reading in lost]
        seconds = sum(reading.seconds for reading in readings)
        shown = "no reference" if mean is None else f"{mean:.3f}"
        rows.append((folder.name, len(readings), len(readings) - len(lost), len(lost), shown, seconds))
        if only:
            header = ("file", "word recall", "missing")
            print_table(f"Files of {folder.name}", header, [_row(each) for each in readings])
    print_table("Formats", ("format", "files", "read", "refused by name", "mean word recall", "seconds"), rows)
    if failed:
        print_table("Files that were refused", ("format", "file", "error"), failed)


def _row(reading: Reading) -> tuple[object, ...]:
    recall = "" if reading.recall is None else f"{reading.recall:.3f}"
    return reading.file, recall, reading.error or " ".join(reading.missing[:25])


if __name__ == "__main__":
    main(sys.argv[1:])
