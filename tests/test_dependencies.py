"""What the product imports is what `pyproject.toml` declares."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "dateutil": "python-dateutil",
    "msoffcrypto": "msoffcrypto-tool",
    "oxmsg": "python-oxmsg",
    "pydantic_settings": "pydantic-settings",
}
"""Modules whose package has another name, beyond underscores for dashes."""
UNSEEN = {"tzdata"}
"""Packages used without an import of ours."""


def imported() -> Iterator[str]:
    for path in (ROOT / "app.py", *(ROOT / "basicchat").rglob("*.py"), *(ROOT / "tools").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (name.name for name in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module


def test_what_is_imported_is_declared_and_the_other_way_round() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    declared = {re.split(r"[\[<>=~! ]", line)[0] for line in lines}
    modules = {name.split(".")[0] for name in imported()} - sys.stdlib_module_names - {"basicchat"}
    packages = {PACKAGES.get(module, module.replace("_", "-")) for module in modules}
    assert packages | UNSEEN == declared
