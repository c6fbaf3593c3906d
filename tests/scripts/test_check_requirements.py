"""The pins: no torch, no package twice for one platform, tools that agree with the everyday set."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def pins(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for package, version in re.findall(
        r"^([\w.-]+)==([^\s;]+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE
    ):
        found.setdefault(package, set()).add(version)
    return found


def test_every_line_is_a_pin() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert all(line.startswith("#") or "==" in line.split(";")[0] for line in lines)


def test_the_everyday_set_has_no_torch() -> None:
    assert not {"torch", "sentence-transformers", "transformers", "langchain"} & pins("requirements.txt").keys()


def test_the_tools_agree_with_the_everyday_set() -> None:
    everyday, tools = pins("requirements.txt"), pins("requirements-dev.txt")
    assert {
        name: tools[name] - everyday[name] for name in everyday.keys() & tools.keys() if tools[name] - everyday[name]
    } == {}


def test_the_script_reads_them_all(script: Any) -> None:
    assert len(script("check_requirements")["pins"]()) == sum(map(len, pins("requirements.txt").values()))


def test_everything_asked_for_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = {re.match(r"[\w.-]+", line).group() for line in project["project"]["dependencies"]}  # type: ignore[union-attr]
    assert asked <= pins("requirements.txt").keys()
