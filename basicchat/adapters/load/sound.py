"""Recordings as samples, block by block, so that a long one takes no more memory than a short one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from basicchat.core.errors import DependencyMissing, UnreadableDocument

if TYPE_CHECKING:
    import numpy

RATE = 16_000
"""Samples a second that speech models want."""
BLOCK_SECONDS = 600
SEARCH_SECONDS = 20
"""How far before its end a block may be cut, at the quietest place, so that no word is."""
QUIET_SECONDS = 0.4
TIME_BASE = 1_000_000
"""Parts of a second in which FFmpeg tells the duration of a file."""

NARROW = {"protocol_whitelist": "file", "format_whitelist": "wav,w64,aiff,mp3,mov,mp4,m4a,aac,flac,ogg,matroska"}
"""A playlist in disguise may not send FFmpeg to other files and addresses."""

_TYPES = {"mov": "audio/mp4", "mp4": "audio/mp4", "mp3": "audio/mpeg", "flac": "audio/flac", "ogg": "audio/ogg"}


@dataclass(frozen=True)
class Sound:
    """An open recording. ``seconds`` is what the file says of its length, 0 if it says nothing."""

    container: Any
    seconds: float
    title: str
    media_type: str


@contextmanager
def open_sound(path: Path) -> Iterator[Sound]:
    """Open a recording, by FFmpeg's libraries. Raises `UnreadableDocument` also for what fails in the block."""
    try:
        import av
    except ImportError as error:
        raise DependencyMissing("PyAV, which plays recordings,", extra="speech") from error
    try:
        with av.open(str(path), metadata_errors="ignore", options=NARROW) as container:
            if not container.streams.audio:
                raise UnreadableDocument("The file holds no sound.")
            name = container.format.name
            kind = next((kind for mark, kind in _TYPES.items() if mark in name.split(",")), "audio/wav")
            title = str(container.metadata.get("title", ""))
            yield Sound(container, (container.duration or 0) / TIME_BASE, title, kind)
    except (av.FFmpegError, OSError) as error:
        raise UnreadableDocument("The recording is damaged.") from error


def blocks(sound: Sound, *, seconds: int = BLOCK_SECONDS) -> Iterator[tuple[float, numpy.ndarray]]:
    """Mono samples from -1 to 1 in blocks of at most ``seconds``, each with the time at which it begins."""
    import numpy

    held: list[numpy.ndarray] = []
    count = start = 0
    most = seconds * RATE
    for piece in _pieces(sound.container):
        held.append(piece)
        count += len(piece)
        while count >= most:
            samples = numpy.concatenate(held)
            cut = quietest(samples[:most])
            yield start / RATE, samples[:cut].astype(numpy.float32) / 32768.0
            held, count, start = [samples[cut:]], count - cut, start + cut
    if count:
        yield start / RATE, numpy.concatenate(held).astype(numpy.float32) / 32768.0


def quietest(samples: numpy.ndarray) -> int:
    """Where near the end of the samples it is quietest: the middle of the window with the least energy."""
    import numpy

    window = int(QUIET_SECONDS * RATE)
    first = max(0, len(samples) - SEARCH_SECONDS * RATE)
    tail = samples[first:].astype(numpy.float64)
    whole = len(tail) // window
    if whole < 2:
        return len(samples)
    energy = (tail[: whole * window].reshape(whole, window) ** 2).sum(axis=1)
    return first + int(energy.argmin()) * window + window // 2


def _pieces(container: Any) -> Iterator[numpy.ndarray]:
    """Samples as they are decoded, 16 bits, mono, `RATE` a second. Damaged packets are passed over."""
    import av

    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    for packet in container.demux(audio=0):
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            continue
        for frame in frames:
            frame.pts = None  # times that jump would be taken for missing sound
            yield from (part.to_ndarray()[0] for part in resampler.resample(frame))
    yield from (part.to_ndarray()[0] for part in resampler.resample(None))
