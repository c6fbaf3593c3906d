"""Tesseract, where the system has it: the program is run on each picture and its table of words is read."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from basicchat.adapters.load.ocr_layout import Piece, Reading
from basicchat.core.errors import DependencyMissing, UnreadableDocument

if TYPE_CHECKING:
    from PIL.Image import Image


PROGRAM = "tesseract"
SECONDS = 50.0
"""Time for one picture. A page of small print takes about ten; a reading process that is silent for 60 is ended."""
READABLE = 60.0
"""Confidence, in per cent, of a word that is one. A picture without any such word is one without text."""
SURE = 85.0
"""Mean confidence below which the picture is read a second time, as one block."""
WIDTH = 1600
"""Pictures narrower than this are enlarged: Tesseract wants letters of some 20 pixels."""
UPSIDE_DOWN = 60.0
"""Mean confidence below which it is also read the other way up: few words do not tell it how a page is turned."""
LAYOUT, BLOCK = "1", "6"
"""Page segmentation: find the layout and which way up it is; take it as one block of lines."""


class TesseractEngine:
    """Runs the program with those of ``languages`` that are installed, English if none is, else any."""

    name = "tesseract"
    dpi = 300

    def __init__(self, languages: Sequence[str] = ("eng",)) -> None:
        self._wanted = tuple(languages)

    @staticmethod
    def installed() -> bool:
        """Whether the program is there."""
        return shutil.which(PROGRAM) is not None

    @cached_property
    def languages(self) -> str:
        """What is given as ``-l``. Raises `DependencyMissing` where no language is installed."""
        there = set(_run("--list-langs").decode("utf-8", "replace").split("\n")[1:]) - {"", "osd"}
        chosen = (
            [language for language in self._wanted if language in there] or sorted(there & {"eng"}) or sorted(there)
        )
        if not chosen:
            raise DependencyMissing("A language of Tesseract", hint="Install one: apt install tesseract-ocr-eng")
        return "+".join(chosen if self._wanted else chosen[:1])

    def read(self, image: Image) -> Reading:
        """One piece a word, in the order of the layout that was found. Raises `UnreadableDocument` after `SECONDS`."""
        picture, scale = _prepared(image)
        best = self._best(picture)
        if _confidence(best) < UPSIDE_DOWN:
            with image.rotate(180) as turned:
                other = self._best(_prepared(turned)[0])
            if _worth(other) > _worth(best):
                best = [_turned(word, image.width * scale, image.height * scale) for word in other]
        return _reading(best, scale)

    def glance(self, image: Image) -> Reading:
        """As `read`, without a second look where the first was not sure."""
        picture, scale = _prepared(image)
        return _reading(self._words(picture, LAYOUT), scale)

    def _best(self, picture: bytes) -> list[Word]:
        first = self._words(picture, LAYOUT)
        return first if _confidence(first) >= SURE else max(first, self._words(picture, BLOCK), key=_worth)

    def _words(self, picture: bytes, segmentation: str) -> list[Word]:
        table = _run("-", "-", "--psm", segmentation, "-l", self.languages, "tsv", picture=picture)
        return list(_words(table.decode("utf-8", "replace")))


Word = tuple[str, float, tuple[float, float, float, float], int]
"""Text, confidence in per cent, corners in pixels, number of its line."""


def _run(*arguments: str, picture: bytes = b"") -> bytes:
    program = shutil.which(PROGRAM)
    if program is None:
        raise DependencyMissing("Tesseract", hint="Install it: apt install tesseract-ocr")
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program; the picture goes in by the pipe
            (program, *arguments),
            input=picture,
            capture_output=True,
            timeout=SECONDS,
            check=True,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},  # more threads make it slower
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableDocument("Recognising the text of a picture took too long.") from error
    except (OSError, subprocess.CalledProcessError) as error:
        raise UnreadableDocument("The text of a picture cannot be recognised.") from error
    return done.stdout


def _prepared(image: Image) -> tuple[bytes, float]:
    """Greyscale, small pictures enlarged, contrast stretched; and how much larger it is.

    Chosen on every second of the receipts that the benchmark of recognition reads.
    """
    from PIL import Image as Images
    from PIL import ImageOps

    grey = ImageOps.grayscale(image)
    scale = max(1.0, min(WIDTH / grey.width, 4.0, 8 * WIDTH / grey.height))
    if scale > 1.1:
        grey = grey.resize((round(grey.width * scale), round(grey.height * scale)), Images.Resampling.LANCZOS)
    else:
        scale = 1.0
    buffer = io.BytesIO()
    ImageOps.autocontrast(grey, cutoff=1).save(buffer, format="PNG", compress_level=1)
    return buffer.getvalue(), scale


def _reading(words: Sequence[Word], scale: float) -> Reading:

    if not any(confidence >= READABLE and len(text) > 1 for text, confidence, _, _ in words):
        return Reading(())
    pieces = (
        Piece(text, left / scale, top / scale, right / scale, bottom / scale, line)
        for text, _, (left, top, right, bottom), line in words
    )
    return Reading(tuple(pieces), ordered=True, confidence=_confidence(words))


def _words(table: str) -> Iterator[Word]:
    line, last = -1, None
    for row in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        text, confidence = (row.get("text") or "").strip(), float(row.get("conf") or -1)
        if not text or confidence < 0:
            continue
        if (place := (row["block_num"], row["par_num"], row["line_num"])) != last:
            line, last = line + 1, place
        left, top = int(row["left"]), int(row["top"])
        yield text, confidence, (left, top, left + int(row["width"]), top + int(row["height"])), line


def _worth(words: Sequence[Word]) -> float:
    """Letters that it is sure of."""
    return sum(len(text) * max(0.0, confidence - 50.0) for text, confidence, _, _ in words)


def _confidence(words: Sequence[Word]) -> float:
    """The mean over all letters, 0 where there is none."""
    letters = sum(len(text) for text, _, _, _ in words)
    return sum(len(text) * confidence for text, confidence, _, _ in words) / letters if letters else 0.0


def _turned(word: Word, across: float, down: float) -> Word:
    """The place of a word of a picture that was read upside down."""
    text, confidence, (left, top, right, bottom), line = word
    return text, confidence, (across - right, down - bottom, across - left, down - top), line
