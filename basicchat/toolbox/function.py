"""A tool from a plain function: what a tool file writes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from basicchat.core.tools import (
    Chart,
    Cost,
    Part,
    Permission,
    Picture,
    Rows,
    Sources,
    Text,
    ToolInfo,
    Toolkit,
    ToolResult,
)
from basicchat.core.types import Json
from basicchat.toolbox.schema import arguments_of, checked, parameters_of, toolkit_name

Given = str | Part | Sequence[Part] | ToolResult
"""What a tool's function may give back."""


class FunctionTool:
    """Checks arguments against the schema of a function, calls it, and makes a `ToolResult` of what comes back."""

    def __init__(self, function: Callable[..., Given], info: ToolInfo) -> None:
        self._function = function
        self._arguments = arguments_of(function)
        self._toolkit = toolkit_name(function)
        self._info = info

    @property
    def info(self) -> ToolInfo:
        """What it declares."""
        return self._info

    def check(self, arguments: Mapping[str, Json]) -> None:
        """Raises `InvalidInput` for arguments that do not fit."""
        checked(self._arguments, arguments, tool=self._info.name)

    def run(self, arguments: Mapping[str, Json], toolkit: Toolkit) -> ToolResult:
        """Call the function. Raises `InvalidInput` for arguments that do not fit."""
        given: dict[str, Any] = checked(self._arguments, arguments, tool=self._info.name)
        if self._toolkit:
            given[self._toolkit] = toolkit
        return result_of(self._function(**given))


def tool(
    *,
    permissions: Sequence[Permission] = (),
    cost: Cost = "instant",
    version: str = "1",
    tainted: bool = False,
    examples: Sequence[Mapping[str, Json]] = (),
) -> Callable[[Callable[..., Given]], FunctionTool]:
    """Make a function a tool: its name, its docstring, and a JSON Schema from its parameters.

    See `ToolInfo` for what is declared. A parameter annotated with `Toolkit` is given the program's parts.
    """

    def made(function: Callable[..., Given]) -> FunctionTool:
        info = ToolInfo(
            name=function.__name__,
            description=" ".join((inspect.getdoc(function) or "").split()),
            parameters=parameters_of(arguments_of(function)),
            permissions=frozenset(permissions),
            cost=cost,
            version=version,
            tainted=tainted,
            examples=tuple(examples),
        )
        return FunctionTool(function, info)

    return made


def result_of(given: Given) -> ToolResult:
    """A result from whatever a function gave back. Raises `TypeError` for what is none."""
    if isinstance(given, ToolResult):
        return given
    if isinstance(given, str):
        return ToolResult((Text(given),))
    parts = (given,) if isinstance(given, (Text, Rows, Chart, Picture, Sources)) else given
    if not isinstance(parts, (list, tuple)) or not all(
        isinstance(each, (Text, Rows, Chart, Picture, Sources)) for each in parts
    ):
        raise TypeError(f"a tool gives back text, rows, charts, pictures or sources, not {type(given).__name__}")
    return ToolResult(tuple(parts))
