"""Subtitles (WebVTT, SRT): what was said, with the time it was said at."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

from basicchat.adapters.load.encoding import read_text
from basicchat.adapters.load.outline import Outline, stem_of
from basicchat.core.errors import UnreadableDocument
from basicchat.core.protocols import Tell, silent
from basicchat.core.types import LoadedDocument

MEDIA_TYPE = "text/vtt"
PAUSE_SECONDS = 4.0
"""A silence this long begins a new paragraph."""

_TIMING = re.compile(r"^[ \t]*((?:\d+:)?\d\d:\d\d[,.]\d{1,3})[ \t]+-->[ \t]+((?:\d+:)?\d\d:\d\d[,.]\d{1,3})")
_VOICE = re.compile(r"<v(?:\.[^ >]*)?[ \t]+([^>]+)>")
_TAG = re.compile(r"</?(?:[cibuv]|ruby|rt|lang|font)(?:[.\s][^<>]*)?>|<\d[\d:.]*>|\{\\[^}]*\}")


class SubtitleLoader:
    """Reads WebVTT and SRT. A line is a cue; its anchor is the time, speakers are named where they change."""

    media_types = frozenset({MEDIA_TYPE})

    def load(self, path: Path, *, name: str = "", password: str = "", tell: Tell = silent) -> Iterator[LoadedDocument]:
        """Yields one document, a long one in parts. Raises `UnreadableDocument`."""
        text = read_text(path)
        outline, ended, speaker, said = Outline(), 0.0, "", ""
        for start, end, words in _cues(text):
            voice = _VOICE.search(words)
            spoken = html.unescape(_TAG.sub("", words)).strip()
            if not spoken or (spoken == said and start <= ended):  # what rolls up is shown twice
                ended = max(ended, end)
                continue
            if start - ended > PAUSE_SECONDS or (voice and voice[1] != speaker):
                outline.line("")
            outline.anchor(clock(start))
            outline.line(f"{voice[1]}: {spoken}" if voice and voice[1] != speaker else spoken)
            ended, said, speaker = end, spoken, voice[1] if voice else speaker
        if not outline.anchors:
            raise UnreadableDocument("The file holds no subtitles.")
        yield outline.document(MEDIA_TYPE, title=_title(text) or stem_of(path, name))


def _cues(text: str) -> Iterator[tuple[float, float, str]]:
    """Start and end in seconds, and the lines of every cue."""
    for block in re.split(r"\n[ \t]*\n", text):
        lines = block.strip("\n").split("\n")
        for number, line in enumerate(lines[:3]):
            if timing := _TIMING.match(line):
                yield _seconds(timing[1]), _seconds(timing[2]), "\n".join(lines[number + 1 :])
                break


def _seconds(stamp: str) -> float:
    parts = [float(part) for part in stamp.replace(",", ".").split(":")]
    return sum(part * factor for part, factor in zip(reversed(parts), (1, 60, 3600), strict=False))


def clock(seconds: float) -> str:
    """A time as people write it: ``1:30``, ``1:02:03``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _title(text: str) -> str:
    first = text.partition("\n")[0]
    return first.lstrip("\ufeff").removeprefix("WEBVTT").strip(" \t-:") if "WEBVTT" in first else ""
