"""``version``, and how little it needs."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import metadata

from tests.cli.conftest import Cli

HEAVY = ("streamlit", "chromadb", "onnxruntime", "langchain", "fastapi", "sqlalchemy", "numpy", "httpx")


def test_version(cli: Cli) -> None:
    assert cli("version", "--json").document["version"] == metadata.version("basicchat")
    assert cli("version").out.startswith("basicchat ")


def test_nothing_heavy_is_imported() -> None:
    code = (
        "import sys; from basicchat.cli.main import run; run(['version']); "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_python_dash_m() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "basicchat", "version", "--json"], capture_output=True, encoding="utf-8", check=True
    )
    assert "version" in json.loads(done.stdout)
