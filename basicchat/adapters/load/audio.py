"""Audio: what is said in a recording, written down on this machine, with times."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from basicchat.adapters.load.options import DEFAULT_OPTIONS, LoadOptions
from basicchat.adapters.load.sound import RATE, blocks, open_sound
from basicchat.adapters.load.subtitles import clock
from basicchat.core.errors import DependencyMissing, UnreadableDocument
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import Anchor, Json, LoadedDocument, Page, Progress

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

MEDIA_TYPES = frozenset({"audio/wav", "audio/mpeg", "audio/mp4", "audio/flac", "audio/ogg"})
PAGE_SECONDS = 600
WEIGHTS = "model.bin"


@dataclass(frozen=True, slots=True)
class Said:
    """A stretch of speech: its words, and where it begins and ends, in seconds from the start of the recording."""

    start: float
    end: float
    text: str


class AudioLoader:
    """Writes down speech with a local Whisper model; every stretch knows its time.

    The model is loaded once, when used, from the folder ``options.speech_model``. A page is ten minutes; a line is a
    segment, and its anchor says when it was said.
    """

    media_types = MEDIA_TYPES

    def __init__(self, options: LoadOptions = DEFAULT_OPTIONS) -> None:
        self._folder = Path(options.speech_model) if options.speech_model else None
        self._threads = options.threads or max(1, (os.cpu_count() or 2) - 1)

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document. ``tell`` hears of seconds of the recording.

        Raises `DependencyMissing` where the package or the model is absent, and `UnreadableDocument` for a recording
        that cannot be played or in which nobody speaks.
        """
        if not path.is_file():
            raise UnreadableDocument("The file cannot be opened: it is not there.")
        model = self._model
        with open_sound(path) as sound:
            total = int(sound.seconds)
            tell(Progress("listening", 0, total, "seconds"))
            said: list[Said] = []
            language, seconds = "", 0.0
            for start, samples in blocks(sound):
                language = language or self._language(model, samples)
                for segment in _segments(model, samples, start, language):
                    said.append(segment)
                    tell(Progress("listening", int(segment.end), max(total, int(segment.end)), "seconds"))
                seconds = start + len(samples) / RATE
                tell(Progress("listening", int(seconds), max(total, int(seconds)), "seconds"))
        if not said:
            raise UnreadableDocument(
                "No speech was heard in the recording.",
                hint="If somebody speaks in it, make it louder and add it again.",
            )
        metadata: dict[str, Json] = {"duration_seconds": round(seconds, 1), "language": language}
        title = " ".join(sound.title.split()) or Path(name or path.name).stem
        yield LoadedDocument(title, tuple(pages_of(said)), sound.media_type, metadata=metadata)

    @cached_property
    def _model(self) -> WhisperModel:
        try:
            from faster_whisper import WhisperModel
        except ImportError as error:
            raise DependencyMissing("faster-whisper, which writes down speech,", extra="speech") from error
        if self._folder is None:
            raise DependencyMissing(
                "A model that writes down speech", hint="Name one with BASICCHAT_INGEST__SPEECH=whisper-base."
            )
        if not (self._folder / WEIGHTS).is_file():
            name = self._folder.name
            raise DependencyMissing(f"The model {name}", hint=f"Fetch it with: basicchat models pull {name}")
        try:
            return WhisperModel(
                str(self._folder),
                device="cpu",
                compute_type="int8",
                cpu_threads=self._threads,
                local_files_only=True,
            )
        except (RuntimeError, ValueError) as error:
            name = self._folder.name
            raise DependencyMissing(
                f"The whole model {name}",
                hint=f"Fetch it again: basicchat models remove {name}, then models pull {name}",
            ) from error

    @staticmethod
    def _language(model: WhisperModel, samples: Any) -> str:
        """The language of the first minutes; one language is kept for the whole recording."""
        if not model.model.is_multilingual:
            return "en"
        language, _, _ = model.detect_language(samples, vad_filter=True, language_detection_segments=4)
        return str(language)


def _segments(model: WhisperModel, samples: Any, start: float, language: str) -> Iterator[Said]:
    """What is said in a block that begins at ``start``, as it is recognised."""
    found, _ = model.transcribe(
        samples,
        language=language,
        vad_filter=True,
        condition_on_previous_text=False,  # else one misheard phrase can repeat itself to the end
    )
    for segment in found:
        text = " ".join(segment.text.split())
        if text:
            yield Said(start + segment.start, start + segment.end, text)


def pages_of(said: Sequence[Said]) -> Iterator[Page]:
    """Pages of ten minutes each, without those in which nobody speaks. A segment stands where it begins."""
    begins = sorted({int(segment.start) // PAGE_SECONDS * PAGE_SECONDS for segment in said})
    for number, begin in enumerate(begins, start=1):
        lines, anchors, offset = [], [], 0
        for segment in said:
            if begin <= segment.start < begin + PAGE_SECONDS:
                lines.append(segment.text)
                anchors.append(Anchor(offset, f"{clock(segment.start)}-{clock(segment.end)}"))
                offset += len(segment.text) + 1
        label = f"{clock(begin)}-{clock(begin + PAGE_SECONDS)}"
        yield Page(number, "\n".join(lines), label=label, anchors=tuple(anchors))
