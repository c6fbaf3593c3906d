"""What has happened in a followed folder since it was last looked at."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from basicchat.core.types import FileState, FileStatus
from basicchat.ingest.scan import Scan

UNSURE_NS = 2 * 10**9
"""A file that changed less than this before it was read may change again without a trace in its stamp."""

UNSURE = -1
"""The time of change to remember of such a file: it is compared by content the next time."""

BAD = frozenset({FileStatus.FAILED, FileStatus.NEEDS_PASSWORD})


@dataclass(frozen=True, slots=True)
class Changes:
    """Paths to look into and paths that are gone, each in order; ``unchanged`` counts the rest.

    ``problem`` says why files that cannot be seen are kept all the same.
    """

    touched: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    unchanged: int = 0
    problem: str = ""


def changes(root: str, found: Scan, known: Mapping[str, FileState], *, again: bool = False) -> Changes:
    """Compare what lies in a folder with what was known of it. ``again`` looks into failed files once more.

    Nothing is ever gone from a folder that is not there, or that is suddenly empty: it may be a disk that is not
    connected. The same holds for folders in it that cannot be read.
    """
    if not found.there:
        return Changes(problem=f"The folder {root} cannot be found. Its documents stay in the library.")
    if found.empty and known:
        return Changes(
            problem=f"The folder {root} is empty; its disk may not be connected. Its documents stay in the library. "
            f'To let them go: basicchat library watch remove --documents "{root}"'
        )
    touched = tuple(
        path
        for path, stamp in found.files.items()
        if path not in known or not _same(known[path], stamp) or (again and known[path].status in BAD)
    )
    gone = tuple(sorted(path for path in known if path not in found.files and found.knows(path)))
    blind = f"Some folders in {root} cannot be read: {_names(found)}." if found.unreadable else ""
    return Changes(touched, gone, len(found.files) - len(touched), blind)


def _same(state: FileState, stamp: tuple[int, int]) -> bool:
    return (state.size, state.modified_ns) == stamp


def _names(found: Scan) -> str:
    first = ", ".join(os.path.basename(path) for path in found.unreadable[:3])
    return first if len(found.unreadable) <= 3 else f"{first} and {len(found.unreadable) - 3} more"
