"""Which sandbox runs a piece of code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from basicchat.core.errors import DependencyMissing
from basicchat.core.tools import Limits, Ran, Sandbox
from basicchat.toolbox.sandbox.bubblewrap import BubblewrapSandbox
from basicchat.toolbox.sandbox.monty import MontySandbox

Choice = Literal["auto", "monty", "bubblewrap", "off"]

UNKNOWN = ("ModuleNotFoundError", "ImportError", "NotImplementedError", "not supported", "not yet supported")
"""Words in the error of a sandbox that does not know a part of Python."""

HINT = "Set BASICCHAT_TOOLS__SANDBOX=auto, and install pydantic-monty, or bubblewrap on Linux."


class FirstThatKnows:
    """Monty first; where it does not know a module or a part of the language, the next one runs the code anew."""

    def __init__(self, sandboxes: Sequence[Sandbox]) -> None:
        self._sandboxes = tuple(sandboxes)

    @property
    def name(self) -> str:
        """The names of all."""
        return "+".join(each.name for each in self._sandboxes)

    def run(self, code: str, *, limits: Limits) -> Ran:
        """Run it in the first sandbox that knows it. Raises what the last one asked raises."""
        ran = Ran("")
        for sandbox in self._sandboxes:
            ran = sandbox.run(code, limits=limits)
            if not any(word in ran.error for word in UNKNOWN):
                break
        return ran


class NoSandbox:
    """Runs nothing, and says why."""

    name = "off"

    def run(self, code: str, *, limits: Limits) -> Ran:
        """Raises `DependencyMissing`."""
        raise DependencyMissing("A sandbox for Python", hint=HINT)


def chosen(choice: Choice) -> Sandbox:
    """The sandbox of a choice; ``auto`` takes Monty, and bubblewrap behind it where that is present."""
    if choice == "monty":
        return MontySandbox()
    if choice == "bubblewrap":
        return BubblewrapSandbox()
    there: list[Sandbox] = [
        each() for each in (MontySandbox, BubblewrapSandbox) if choice != "off" and each.installed()
    ]
    return (there[0] if len(there) == 1 else FirstThatKnows(there)) if there else NoSandbox()
