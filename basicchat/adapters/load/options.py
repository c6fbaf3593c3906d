"""What loaders may be told. Plain values, so that they can be sent to the process that reads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How to read what can be read in more than one way.

    ``speech_model`` is the folder of the model that writes down speech, empty where none is set. ``threads`` is how
    many threads a model may use while it reads, 0 for one less than the machine has cores. ``ocr`` is what recognises
    text in pictures: ``auto``, ``rapidocr``, ``tesseract`` or ``off``; ``ocr_languages`` are Tesseract's names of
    languages, joined by ``+``.
    """

    speech_model: str = ""
    threads: int = 0
    ocr: str = "auto"
    ocr_languages: str = "eng"


DEFAULT_OPTIONS = LoadOptions()
