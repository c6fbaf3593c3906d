"""How much reading one file may take, and what is said to somebody whose file took more."""

from __future__ import annotations

from dataclasses import dataclass, replace

from basicchat.core.errors import UnreadableDocument

MEGABYTE = 2**20
CPU_SECONDS_PER_MB = 2.0
WALL_SECONDS_PER_MB = 20.0
OUTPUT_PER_BYTE = 4
"""Bytes of text and places for a byte of file, for files that are large already; most give far less."""


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """Limits of one reading.

    ``memory_mb`` counts what the reading process and its children hold. ``cpu_seconds`` is computing without a step
    forward: a reader that tells of its pages may go on. ``wall_seconds`` is the whole, without the time in which
    nobody asked for more. ``idle_seconds`` is silence without computing. ``output_mb`` is what is read out of a file,
    ``scratch_mb`` the largest file written while reading.
    """

    memory_mb: int = 2048
    cpu_seconds: float = 300.0
    wall_seconds: float = 3600.0
    idle_seconds: float = 60.0
    pages: int = 50_000
    output_mb: int = 256
    scratch_mb: int = 1024
    open_files: int = 256

    def for_size(self, size: int) -> ParseLimits:
        """The limits for a file of ``size`` bytes: a large one may take longer and hold more."""
        megabytes = size / MEGABYTE
        return replace(
            self,
            cpu_seconds=self.cpu_seconds + CPU_SECONDS_PER_MB * megabytes,
            wall_seconds=self.wall_seconds + WALL_SECONDS_PER_MB * megabytes,
            output_mb=self.output_mb + int(OUTPUT_PER_BYTE * megabytes),
        )


SPLIT = "Split the file, or save it again in its own program and add that copy."


def took_too_much_memory(limits: ParseLimits) -> UnreadableDocument:
    """More memory than `ParseLimits.memory_mb`."""
    return UnreadableDocument(
        f"Reading the file took more memory than {_gigabytes(limits.memory_mb)}.",
        hint=f"{SPLIT} More is allowed with BASICCHAT_INGEST__PARSE_MEMORY_MB.",
    )


def computed_too_long(limits: ParseLimits) -> UnreadableDocument:
    """More computing than `ParseLimits.cpu_seconds` without a step forward."""
    return UnreadableDocument(
        f"Reading the file did not get on for {_duration(limits.cpu_seconds)} of computing.",
        hint=f"{SPLIT} More is allowed with BASICCHAT_INGEST__PARSE_CPU_SECONDS.",
    )


def took_too_long(limits: ParseLimits) -> UnreadableDocument:
    """Longer than `ParseLimits.wall_seconds`."""
    return UnreadableDocument(
        f"Reading the file took longer than {_duration(limits.wall_seconds)}.",
        hint=f"{SPLIT} More is allowed with BASICCHAT_INGEST__PARSE_SECONDS.",
    )


def fell_silent(limits: ParseLimits) -> UnreadableDocument:
    """Nothing said and nothing computed for `ParseLimits.idle_seconds`."""
    return UnreadableDocument(
        f"Reading the file stood still for {_duration(limits.idle_seconds)} and was stopped.",
        hint="If it lies on a network drive, copy it to this machine and add that copy.",
    )


def gave_too_much(limits: ParseLimits) -> UnreadableDocument:
    """More than `ParseLimits.output_mb` was read out of it."""
    return UnreadableDocument(f"The file gave more than {limits.output_mb:,} MB of text.", hint=SPLIT)


def too_many_pages(limits: ParseLimits) -> UnreadableDocument:
    """More than `ParseLimits.pages`."""
    return UnreadableDocument(
        f"The file has more than {limits.pages:,} pages.",
        hint="Split it. More is allowed with BASICCHAT_INGEST__PARSE_PAGES.",
    )


def crashed(what: str) -> UnreadableDocument:
    """The reading process ended by itself; ``what`` names how: ``segmentation fault``."""
    return UnreadableDocument(f"The reader of this format crashed on this file ({what}).")


def _gigabytes(megabytes: int) -> str:
    return f"{megabytes / 1024:.3g} GB" if megabytes >= 1024 else f"{megabytes} MB"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.3g} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.1f} hours"
