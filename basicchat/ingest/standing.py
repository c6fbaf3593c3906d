"""Which generations a library has, as its store knows it: one named value, so one transaction changes it whole."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from basicchat.core.codec import from_json, to_json
from basicchat.core.errors import StoreError
from basicchat.core.protocols import UnitOfWork

STANDING = "index_generations"


@dataclass(frozen=True, slots=True)
class Kept:
    """A generation as the store knows it.

    ``name`` is that of the index, ``embedder`` says how to make the embedder, ``model`` is that embedder's own name
    with its digest, empty where nobody has looked yet.
    """

    name: str
    embedder: str
    model: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """``active`` serves, ``building`` will, ``previous`` did.

    ``configured`` is the embedder of the settings when somebody last decided: only a later change of the settings
    counts as a wish to switch. ``dropped`` are indexes of which files may be left.
    """

    active: Kept
    configured: str
    building: Kept | None = None
    previous: Kept | None = None
    dropped: tuple[str, ...] = ()

    @property
    def kept(self) -> tuple[Kept, ...]:
        """Every generation, each once, the active one first."""
        found = {each.name: each for each in (self.active, self.building, self.previous) if each is not None}
        return tuple(found.values())

    def began(self, target: Kept) -> Standing:
        """After the decision to build ``target``. Another one that was being built is given up."""
        return self._followed_by(replace(self, building=target))

    def swapped(self, target: Kept) -> Standing:
        """After ``target`` began to serve. What served before is kept, unless it is the same embedder's."""
        same = self.active.embedder == target.embedder
        previous = self.previous if same else self.active
        if previous is not None and previous.name == target.name:
            previous = None
        return self._followed_by(replace(self, active=target, building=None, previous=previous))

    def gave_up(self) -> Standing:
        """After the decision to build nothing."""
        return self._followed_by(replace(self, building=None))

    def forgot_previous(self) -> Standing:
        """After the decision never to go back."""
        return self._followed_by(replace(self, previous=None))

    def swept(self, names: Collection[str]) -> Standing:
        """After the files of dropped indexes have gone."""
        return replace(self, dropped=tuple(name for name in self.dropped if name not in names))

    def _followed_by(self, after: Standing) -> Standing:
        """``after``, where what is no longer kept is remembered as dropped."""
        names = [each.name for each in after.kept]
        lost = [each.name for each in self.kept if each.name not in names]
        return replace(after, dropped=tuple(name for name in (*self.dropped, *lost) if name not in names))


def name_for(embedder: str, taken: Collection[str]) -> str:
    """A name for a new index of an embedder: it can be a folder anywhere and is not ``taken``."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", embedder.lower()).strip("-.") or "index"
    number, name = 1, plain
    while name in taken:
        number += 1
        name = f"{plain}.{number}"
    return name


def standing_in(unit: UnitOfWork) -> Standing | None:
    """What the store says, None where nobody has decided yet. Raises `StoreError` for what makes no sense."""
    value = unit.get_value(STANDING)
    if value is None:
        return None
    try:
        return from_json(Standing, value)
    except (TypeError, ValueError) as error:
        raise StoreError("What the library says of its indexes cannot be understood.") from error


def keep_standing(unit: UnitOfWork, standing: Standing) -> None:
    """Let the store say so."""
    unit.set_value(STANDING, to_json(standing))
