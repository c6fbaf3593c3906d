"""Resolves the pinned requirements for every supported Python and platform, wheels only, and prints a table.

Needs uv and a package registry. Exits 1 when a pin has no wheel somewhere, or is not on the list of another.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = {
    "Linux x86-64": "x86_64-manylinux_2_28",
    "Linux arm64": "aarch64-manylinux_2_28",
    "macOS arm64": "aarch64-apple-darwin",
    "macOS x86-64": "x86_64-apple-darwin",
    "Windows x86-64": "x86_64-pc-windows-msvc",
}
OLDEST_MACOS = "14.0"
"""Wheels of onnxruntime for Apple silicon ask for it."""


def resolve(uv: str, python: str, platform: str) -> tuple[set[str], str]:
    """The pins that apply there, or an empty set and what uv said against them."""
    command = [uv, "pip", "compile", "--quiet", "--no-annotate", "--no-header", "--only-binary", ":all:"]
    command += ["--python-version", python, "--python-platform", platform, "requirements.txt"]
    environment = os.environ | {"MACOSX_DEPLOYMENT_TARGET": OLDEST_MACOS}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=False)
    if done.returncode != 0:
        return set(), done.stderr.strip()
    return {line.split(";")[0].strip() for line in done.stdout.splitlines() if "==" in line}, ""


def pins() -> set[str]:
    """Every ``name==version`` of requirements.txt."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    return set(re.findall(r"^([A-Za-z0-9._-]+==[^\s;]+)", text, flags=re.MULTILINE))


def main() -> int:
    """Print the table; 1 when a cell of it is bad."""
    uv = shutil.which("uv")
    if uv is None:
        print("uv is not installed, so the pins were not resolved.")
        return 1
    known, problems = pins(), []
    print(f"{'':<16}" + "".join(f"{python:>8}" for python in PYTHONS) + "   packages")
    for title, platform in PLATFORMS.items():
        row = []
        for python in PYTHONS:
            found, error = resolve(uv, python, platform)
            missing = found - known
            row.append(str(len(found)) if found and not missing else "bad")
            problems += [f"{title}, Python {python}: {said}" for said in (error, *sorted(missing)) if said]
        print(f"{title:<16}" + "".join(f"{cell:>8}" for cell in row))
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
