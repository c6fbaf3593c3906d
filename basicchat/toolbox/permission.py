"""Who may run what: the standing of every tool, and the question that is put to a person."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from filelock import FileLock

from basicchat.core.errors import ApprovalNeeded, InvalidInput, StoreError, ToolDenied
from basicchat.core.tools import ToolInfo
from basicchat.core.types import Json

Standing = Literal["never", "ask", "once", "always"]
"""``never``: turned off. ``ask``: before every call. ``once``: before the first one until the program ends.

``always``: without asking, unless the words of somebody else led to a call that writes or reaches the network.
"""

Grant = Literal["no", "yes", "always", "never"]
"""What a person says: not this time, this time, from now on, never again."""

DIGEST = "sha256:"
"""How the version begins of a tool that somebody else may change: a consent is for that version alone."""

OUTWARD = frozenset({"write", "network"})
"""Permissions that reach out of what the program merely reads."""


@dataclass(frozen=True, slots=True)
class Request:
    """A call that wants consent, and why it is asked for."""

    tool: ToolInfo
    arguments: Mapping[str, Json]
    reason: str


Ask = Callable[[Request], Grant]
"""Puts a request to a person and waits for the answer."""


class Permissions:
    """The standing of every tool, kept in a small file that may also be edited by hand. Safe to share."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._memory: dict[str, dict[str, Json]] = {}
        self._agreed: set[str] = set()
        self._lock = threading.RLock()

    def standing(self, tool: ToolInfo) -> Standing:
        """The standing of a tool: what was said of it, else ``always`` for one that does not reach out, else ``ask``.

        A consent is for what the tool could do then. If it asks for more by now, it has to be asked for again.
        """
        kept = self._kept().get(tool.name, {})
        said = kept.get("standing")
        if said not in get_args(Standing):
            return "ask" if tool.permissions & OUTWARD else "always"
        known = kept.get("permissions")
        grown = not isinstance(known, list) or not tool.permissions <= {str(each) for each in known}
        grown = grown or (tool.version.startswith(DIGEST) and kept.get("version") != tool.version)
        return "ask" if said in ("always", "once") and grown else said  # type: ignore[return-value]

    def set(self, tool: ToolInfo, standing: Standing | None) -> None:
        """Remember a standing; None forgets what was said. Raises `InvalidInput` or `StoreError`."""
        if standing is not None and standing not in get_args(Standing):
            raise InvalidInput(f"A tool cannot stand at {standing}.", hint=f"One of: {', '.join(get_args(Standing))}.")
        with self._changing() as kept:
            kept.pop(tool.name, None)
            if standing is not None:
                permissions: list[Json] = [*sorted(tool.permissions)]
                kept[tool.name] = {"standing": standing, "permissions": permissions, "version": tool.version}
        with self._lock:
            self._agreed.discard(tool.name)

    def admit(
        self, tool: ToolInfo, arguments: Mapping[str, Json], *, ask: Ask | None = None, tainted: bool = False
    ) -> str:
        """Let a call pass, asking a person where that is needed; how it was let pass, for the record.

        ``tainted`` says that words of a document or a page led to the call. Raises `ToolDenied`, and `ApprovalNeeded`
        where somebody has to be asked and ``ask`` is not there to do so.
        """
        standing = self.standing(tool)
        if standing == "never":
            raise ToolDenied(
                f"The tool {tool.name} is turned off.", hint=f"Turn it on with `basicchat tools enable {tool.name}`."
            )
        reason = self._reason(tool, standing, tainted=tainted)
        if not reason:
            return standing
        if ask is None:
            raise ApprovalNeeded(f"The tool {tool.name} may not run unasked: {reason}.", hint=_how(tool))
        return self._answered(tool, ask(Request(tool, arguments, reason)), standing)

    def _reason(self, tool: ToolInfo, standing: Standing, *, tainted: bool) -> str:
        reach = " and ".join(sorted(tool.permissions & OUTWARD))
        if tainted and reach:
            return f"the words of a document or page led to this call, and it has the permission to {_verb(reach)}"
        with self._lock:
            agreed = standing == "once" and tool.name in self._agreed
        if standing == "always" or agreed:
            return ""
        return f"it has the permission to {_verb(reach)}" if reach else "you asked to be asked before it runs"

    def _answered(self, tool: ToolInfo, grant: Grant, standing: Standing) -> str:
        if grant in ("always", "never"):
            self.set(tool, "always" if grant == "always" else "never")
        if grant in ("no", "never"):
            raise ToolDenied(f"You did not allow the tool {tool.name} to run.", hint=_how(tool))
        if standing == "once":
            with self._lock:
                self._agreed.add(tool.name)
        return f"asked: {grant}"

    def _kept(self) -> dict[str, dict[str, Json]]:
        if self._file is None:
            with self._lock:
                return dict(self._memory)
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise StoreError(
                f"{self._file} cannot be read: {error}.", hint="Mend it in a text editor, or delete it."
            ) from error
        tools = found if isinstance(found, dict) else {}
        return {str(name): dict(said) for name, said in tools.items() if isinstance(said, dict)}

    def _changing(self) -> _Change:
        return _Change(self, self._file)


class _Change:
    """One change of what is kept, safe beside other processes: read, changed, and written in one piece."""

    def __init__(self, owner: Permissions, file: Path | None) -> None:
        self._owner = owner
        self._file = file
        self._kept: dict[str, dict[str, Json]] = {}
        self._between: FileLock | None = None

    def __enter__(self) -> dict[str, dict[str, Json]]:
        self._owner._lock.acquire()
        if self._file is not None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._between = FileLock(f"{self._file}.lock")
            self._between.acquire()
        self._kept = self._owner._kept()
        return self._kept

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        try:
            if kind is None and self._file is None:
                self._owner._memory = self._kept
            elif kind is None and self._file is not None:
                beside = self._file.with_name(self._file.name + ".new")
                beside.write_text(json.dumps(self._kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
                os.replace(beside, self._file)
        finally:
            if self._between is not None:
                self._between.release()
            self._owner._lock.release()


def _verb(reach: str) -> str:
    return reach.replace("network", "reach the network")


def _how(tool: ToolInfo) -> str:
    return (
        f"Allow one call with `basicchat tools run {tool.name} --allow ...`, "
        f"or every call with `basicchat tools enable {tool.name} --standing always`."
    )
