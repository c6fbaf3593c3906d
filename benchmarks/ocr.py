"""How well text in pictures is recognised, by engine: receipts that were scanned, and pages of clear print.

Word recall (see `basicchat.evaluate.parsing`) of four fields that somebody would ask for (company, date, address,
total) and of all lines, as people wrote them down. What Tesseract is given (size, contrast, layout of the page) was
chosen on every second receipt, by number; the table shows those and the others apart. Clear print is the pages of real
PDF, drawn and read again, against the text that the files hold; they are few. Name engines to run those alone.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from basicchat.adapters.load import pdfium
from basicchat.adapters.load.ocr import Engine, engine_for, recognise
from basicchat.adapters.load.options import LoadOptions
from basicchat.adapters.load.pdf_scan import picture_of
from basicchat.adapters.load.pdf_text import normalise
from basicchat.core.errors import DependencyMissing
from basicchat.evaluate.parsing import word_recall
from benchmarks.table import evaluation_set, machine, print_table

if TYPE_CHECKING:
    from PIL.Image import Image

ENGINES = ("tesseract", "rapidocr", "auto")
PRINT = (("NIKE_2019_10K", 51), ("NETFLIX_2017_10K", 30), ("ADOBE_2022_10K", 40))
"""Filings and pages, from 0, that are read as clear print."""


@dataclass(frozen=True)
class Sample:
    """A picture and what it says: fields that matter, and everything."""

    image: Image
    fields: str
    lines: str


def receipts() -> list[Sample]:
    """The scanned receipts, by number."""
    from PIL import Image

    folder = evaluation_set("ocr-sroie")
    with gzip.open(folder / "truth.jsonl.gz", "rt", encoding="utf-8") as file:
        truth: list[dict[str, Any]] = sorted(map(json.loads, file), key=lambda one: str(one["_id"]))
    return [
        Sample(
            Image.open(folder / f"{one['_id']}.jpg").convert("RGB"),
            " ".join(one["key"].values()),
            "\n".join(one["lines"]),
        )
        for one in truth
    ]


def clear_print(engine: Engine) -> Iterator[Sample]:
    """Pages of filings as pictures, as a scan of them would be drawn for ``engine``."""
    folder: Path = evaluation_set("financebench") / "pdfs"
    for name, index in PRINT:
        with (
            pdfium.open_pdf(folder / f"{name}.pdf") as document,
            pdfium.LOCK,
            pdfium.open_page(document, index) as (sheet, textpage),
        ):
            text = normalise(textpage.get_text_range()).text
            yield Sample(picture_of(sheet, dpi=engine.dpi), text, text)


@dataclass(frozen=True)
class Score:
    """Recall of the fields and of all words, and seconds, of one picture."""

    fields: float
    words: float
    seconds: float


def score(sample: Sample, engine: Engine) -> Score:
    """How well ``engine`` reads one picture."""
    started = time.perf_counter()
    text = recognise(sample.image, engine, number=1).text
    took = time.perf_counter() - started
    return Score(word_recall(sample.fields, text), word_recall(sample.lines, text), took)


def _row(name: str, title: str, scores: Sequence[Score]) -> tuple[object, ...]:
    fields, words = fmean(one.fields for one in scores), fmean(one.words for one in scores)
    return name, title, len(scores), f"{fields:.3f}", f"{words:.3f}", fmean(one.seconds for one in scores)


def main(only: Sequence[str] = ()) -> None:
    """Read everything with every engine that is installed and print the table."""
    print(machine())
    found = receipts()
    rows: list[Sequence[object]] = []
    for name in only or ENGINES:
        try:
            engine = engine_for(LoadOptions(ocr=name))
            score(found[0], engine)  # loads what it needs
        except DependencyMissing as missing:
            print(f"{name}: {missing} {missing.hint}")
            continue
        scores = [score(sample, engine) for sample in found]
        rows.append(_row(name, "receipts it was set up on", scores[0::2]))
        rows.append(_row(name, "the other receipts", scores[1::2]))
        rows.append(_row(name, "all receipts", scores))
        rows.append(_row(name, "clear print", [score(sample, engine) for sample in clear_print(engine)]))
    header = ("engine", "pictures", "count", "recall of fields", "recall of all words", "seconds each")
    print_table("Recognition of text", header, rows)


if __name__ == "__main__":
    main(sys.argv[1:])
