"""Proves that SQL, the indexes, the tables and the kept files agree, and mends what does not.

SQL is the truth. What an index holds that SQL does not is an orphan and goes, by its id; what SQL holds that an index
does not is put back from the kept vectors. What is sound is left alone, and stays searchable while the rest is mended.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from basicchat.core.errors import BasicChatError
from basicchat.core.protocols import Store
from basicchat.core.types import Check

LEAST_FREE_BYTES = 1_000_000_000
"""Below this much free disk space, taking files in may fail half-way."""

REPAIR = "Run `basicchat doctor --repair`."

Probe = Callable[[bool], Sequence[Check]]
"""More checks, given whether to repair."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, empty when all is well, or how well it is. ``advice`` says what would mend it."""

    wrong: str = ""
    well: str = ""
    advice: str = REPAIR


class Matter(Protocol):
    """Something that can be looked into, and mended."""

    @property
    def name(self) -> str:
        """What it is called."""

    def find(self, *, deep: bool) -> Finding:
        """How it stands; ``deep`` also reads what takes long. May raise `BasicChatError`."""

    def mend(self, *, deep: bool) -> None:
        """Mend what `find` finds wrong, as far as it can be. May raise `BasicChatError`."""


class Doctor:
    """Looks everything over. ``probes`` are checks of parts that are not the library, such as model servers."""

    def __init__(self, *, home: Path, store: Store, matters: Iterable[Matter], probes: Sequence[Probe] = ()) -> None:
        self._home = home
        self._store = store
        self._matters = tuple(matters)
        self._probes = tuple(probes)

    def examine(self, *, repair: bool = False, deep: bool = False) -> list[Check]:
        """Every check; with ``repair``, what can be mended is mended first and the checks tell how it is after."""
        checks = [self._disk(), self._database()]
        for matter in self._matters:
            checks.append(_check(matter, repair=repair, deep=deep))
        for probe in self._probes:
            checks.extend(probe(repair))
        return checks

    def _disk(self) -> Check:
        free = shutil.disk_usage(self._home).free
        ok = free >= LEAST_FREE_BYTES
        repair = "" if ok else "Free some disk space."
        return Check("disk", ok, f"{free / 1e9:.1f} GB free in {self._home}", repair)

    def _database(self) -> Check:
        problems = self._store.check()
        if problems:
            return Check("database", False, "; ".join(problems), "Restore a backup of the home folder.")
        with self._store.begin() as unit:
            documents = unit.documents.count()
        return Check("database", True, f"{documents} documents, sound")


def _check(matter: Matter, *, repair: bool, deep: bool) -> Check:
    try:
        if repair:
            matter.mend(deep=deep)
        found = matter.find(deep=deep)
    except BasicChatError as error:
        return Check(matter.name, False, str(error), error.hint)
    if found.wrong:
        return Check(matter.name, False, found.wrong, found.advice)
    return Check(matter.name, True, found.well)
