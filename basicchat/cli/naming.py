"""Naming one of many things by the beginning of its id."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from basicchat.core.errors import InvalidInput, NotFound


class Identified(Protocol):
    """What has an id."""

    @property
    def id(self) -> str:
        """A text that nothing else has."""


T = TypeVar("T", bound=Identified)


def the_one(things: Iterable[T], beginning: str, *, one: str, several: str, listing: str) -> T:
    """The thing whose id begins so, called ``one`` or ``several`` of them; the command ``listing`` shows all.

    Raises `NotFound`, and `InvalidInput` where several begin so.
    """
    found = [each for each in things if each.id.startswith(beginning)]
    if not found:
        raise NotFound(f"There is no {one} {beginning}.", hint=f"`{listing}` shows what there is.")
    if len(found) > 1:
        raise InvalidInput(f"{len(found)} {several} begin with {beginning}.", hint="Give more of the id.")
    return found[0]
