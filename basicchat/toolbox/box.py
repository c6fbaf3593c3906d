"""The toolbox: the one way to list tools and to call them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from basicchat.core.errors import BasicChatError, DeadlineExceeded, InvalidInput, NotFound, ToolDenied, ToolFailed
from basicchat.core.events import ToolCalled, ToolReturned
from basicchat.core.tools import Tool, ToolInfo, Toolkit, ToolResult
from basicchat.core.types import Json, Scope, ToolCall, ToolSpec
from basicchat.resilience.deadline import Deadline, StreamGuard
from basicchat.toolbox.audit import MOST_ARGUMENTS, Audit, Entry
from basicchat.toolbox.permission import OUTWARD, Ask, Permissions, Standing
from basicchat.toolbox.registry import Broken, Found, Registry, names_of
from basicchat.toolbox.result import Budget, limited, text_of


@dataclass(frozen=True, slots=True)
class ToolStatus:
    """A tool as a list shows it."""

    info: ToolInfo
    standing: Standing
    builtin: bool
    origin: str


class Toolbox:
    """Lists tools and calls them, within permissions and a budget, on the record. Threads may share it.

    ``toolkit`` gives the parts that tools work with; it is asked at the first call, so a list opens nothing.
    """

    def __init__(
        self,
        registry: Registry,
        *,
        toolkit: Callable[[], Toolkit],
        permissions: Permissions | None = None,
        audit: Audit | None = None,
        budget: Budget | None = None,
    ) -> None:
        self._registry = registry
        self._toolkit = toolkit
        self.permissions = permissions or Permissions()
        self.audit = audit or Audit()
        self.budget = budget or Budget()
        self._guard = StreamGuard()

    def tools(self) -> list[ToolStatus]:
        """Every tool, also those that are turned off, by name."""
        found = self._registry.look().tools
        return [self._status(found[name]) for name in sorted(found)]

    def broken(self) -> tuple[Broken, ...]:
        """Files and servers whose tools cannot be used, and why."""
        return self._registry.look().broken

    def names(self) -> tuple[str, ...]:
        """Names of every tool."""
        return tuple(sorted(self._registry.look().tools))

    def specs(self, names: Sequence[str] = ()) -> tuple[ToolSpec, ...]:
        """What a model may be offered: tools that are not turned off, all of them or these, by name."""
        return tuple(
            each.info.spec
            for each in self.tools()
            if each.standing != "never" and (not names or each.info.name in names)
        )

    def status(self, name: str) -> ToolStatus:
        """One tool. Raises `NotFound`."""
        return self._status(self._found(name))

    def tool(self, name: str) -> Tool:
        """A tool itself, to be looked over. Raises `NotFound`."""
        return self._found(name).tool

    def set(self, name: str, standing: Standing | None) -> ToolStatus:
        """Remember a standing of a tool, None for the one it has by itself. Raises `NotFound`."""
        found = self._found(name)
        self.permissions.set(found.tool.info, standing)
        return self._status(found)

    def trial(self, tool: Tool, arguments: Mapping[str, Json]) -> ToolResult:
        """Run a tool that is not among these yet, because a person tries it, within the budget.

        Raises what `call` raises, but asks nobody; `ToolDenied` for a tool that would reach out.
        """
        if tool.info.permissions & OUTWARD:
            raise ToolDenied(f"{tool.info.name} writes or reaches the network, so it is not tried before it is kept.")
        tool.check(arguments)
        return limited(self._within(self._once(tool, arguments, self._ends(None), Scope()), None), self.budget)

    def call(
        self,
        name: str,
        arguments: Mapping[str, Json],
        *,
        ask: Ask | None = None,
        deadline: Deadline | None = None,
        tainted: bool = False,
        scope: Scope | None = None,
    ) -> ToolResult:
        """Run a tool and give its result within the budget.

        ``ask`` puts it to a person where that is needed; ``tainted`` says that words of a document or a page led to
        the call; ``scope`` is the part of the library that it is about. Raises `NotFound`, `InvalidInput`, `ToolDenied`
        (`ApprovalNeeded` without ``ask``), `DeadlineExceeded`, `Cancelled`, `ToolFailed` for a fault of the tool, and
        whatever else the tool raises.
        """
        tool = self._found(name).tool
        info, begun = tool.info, time.monotonic()
        decision, outcome, size = "", "done", 0
        try:
            tool.check(arguments)
            decision = self.permissions.admit(info, arguments, ask=ask, tainted=tainted)
            result = self._within(self._once(tool, arguments, self._ends(deadline), scope or Scope()), deadline)
            result = replace(limited(result, self.budget), tainted=info.tainted or result.tainted)
            size = len(text_of(result).encode("utf-8", "replace"))
        except BasicChatError as error:
            outcome = error.code
            decision = decision or str(error)
            raise
        finally:
            shown = json.dumps(dict(arguments), ensure_ascii=False, default=str)[:MOST_ARGUMENTS]
            seconds = round(time.monotonic() - begun, 3)
            self.audit.record(Entry(time.time(), name, info.version, shown, decision, outcome, seconds, size))
        return result

    def run(
        self,
        call: ToolCall,
        *,
        ask: Ask | None = None,
        deadline: Deadline | None = None,
        tainted: bool = False,
        scope: Scope | None = None,
    ) -> Generator[ToolCalled | ToolReturned, None, ToolResult | None]:
        """A call as events; the typed result is what the generator returns, None for a call that went wrong.

        ``result = yield from toolbox.run(...)``. An error becomes the text of `ToolReturned`, which tells a model
        what to do better; `Cancelled` alone is raised.
        """
        yield ToolCalled(call.id, call.name, call.arguments)
        begun = time.monotonic()
        try:
            result = self.call(call.name, call.arguments, ask=ask, deadline=deadline, tainted=tainted, scope=scope)
        except BasicChatError as error:
            if error.code == "cancelled":
                raise
            said = f"{error} {error.hint}".strip()
            yield ToolReturned(call.id, call.name, said, time.monotonic() - begun, error=True)
            return None
        yield ToolReturned(call.id, call.name, text_of(result), time.monotonic() - begun)
        return result

    def _found(self, name: str) -> Found:
        found = self._registry.find(name)
        if found is None:
            there = ", ".join(names_of(self._registry.look())) or "none"
            raise NotFound(f"There is no tool {name}.", hint=f"There are: {there}.")
        return found

    def _status(self, found: Found) -> ToolStatus:
        info = found.tool.info
        return ToolStatus(info, self.permissions.standing(info), found.builtin, found.origin)

    def _ends(self, deadline: Deadline | None) -> float:
        own = time.monotonic() + self.budget.seconds
        return min(own, deadline.at) if deadline else own

    def _within(self, source: Iterator[ToolResult], deadline: Deadline | None) -> ToolResult:
        """The one result of ``source``, in time: a tool that hangs keeps its thread, not its caller."""
        limit = deadline or Deadline.after(self.budget.seconds)
        if limit.remaining() > self.budget.seconds:
            limit = _Shorter(limit, self.budget.seconds)
        try:
            return next(self._guard.watch(source, limit))
        except DeadlineExceeded as error:
            raise DeadlineExceeded(
                "The tool did not finish in the time allowed.", hint="Ask it for less at once."
            ) from error

    def _once(self, tool: Tool, arguments: Mapping[str, Json], ends: float, scope: Scope) -> Iterator[ToolResult]:
        try:
            toolkit = replace(self._toolkit(), ends=ends, most_seconds=self.budget.seconds, scope=scope)
            yield tool.run(arguments, toolkit)
        except BasicChatError:
            raise
        except RecursionError as error:
            raise InvalidInput(f"That is nested too deeply for {tool.info.name}.") from error
        except Exception as error:
            raise ToolFailed(f"The tool {tool.info.name} broke: {type(error).__name__}: {error}") from error


class _Shorter(Deadline):
    """A deadline of some seconds that is also over when another one is cancelled."""

    def __init__(self, other: Deadline, seconds: float) -> None:
        super().__init__(time.monotonic() + seconds)
        self._other = other

    @property
    def cancelled(self) -> bool:
        """Whether somebody cancelled either."""
        return self._other.cancelled or super().cancelled
