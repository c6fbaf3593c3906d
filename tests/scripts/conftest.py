"""Loads a script by its path, as scripts are no package."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


@pytest.fixture(scope="session")
def script() -> Callable[[str], dict[str, Any]]:
    """The names that a script defines."""
    return lambda name: runpy.run_path(str(SCRIPTS / f"{name}.py"))
