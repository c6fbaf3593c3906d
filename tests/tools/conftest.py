"""The built-in tools, found as the program finds them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from basicchat.core.tools import Toolkit, ToolResult
from basicchat.testing.tools import toolkit
from basicchat.toolbox import Registry, builtin_folder, text_of

Run = Callable[..., ToolResult]


@pytest.fixture(scope="session")
def registry() -> Registry:
    """Every built-in tool."""
    return Registry(builtin=builtin_folder())


@pytest.fixture
def run(registry: Registry) -> Run:
    """Runs a tool by name with arguments; ``kit`` is what it works with."""

    def ran(tool: str, kit: Toolkit | None = None, **arguments: object) -> ToolResult:
        return registry.look().tools[tool].tool.run(arguments, kit or toolkit())

    return ran


@pytest.fixture
def say(run: Run) -> Callable[..., str]:
    """Runs a tool and gives its text."""
    return lambda tool, kit=None, **arguments: text_of(run(tool, kit, **arguments))


REPOSITORY = Path(__file__).resolve().parents[2]
