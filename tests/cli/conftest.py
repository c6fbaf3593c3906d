"""Runs commands as a person does, in this process, with the fake profile and a home of their own."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from basicchat.cli.main import run


@dataclass(frozen=True)
class Ran:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        (line,) = self.out.splitlines()
        return json.loads(line)

    @property
    def documents(self) -> list[Any]:
        """The JSON document of every line of stdout."""
        return [json.loads(line) for line in self.out.splitlines()]


Cli = Callable[..., Ran]


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Runs one command line in a home of this test, whatever the environment says of other homes."""
    for name in [name for name in os.environ if name.startswith("BASICCHAT_")]:
        monkeypatch.delenv(name)

    def ran(*arguments: str | Path) -> Ran:
        capsys.readouterr()
        code = run(["--home", str(tmp_path / "home"), "--profile", "fake", *map(str, arguments)])
        printed = capsys.readouterr()
        return Ran(int(code), printed.out, printed.err)

    return ran


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A folder with two files that tell different things."""
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "ferry.md").write_text("# Ferry\n\nThe ferry to Oban leaves at seven in the morning.\n", encoding="utf-8")
    (folder / "bread.txt").write_text("Rye bread needs twelve hours to rise.\n", encoding="utf-8")
    return folder


@pytest.fixture
def filled(cli: Cli, notes: Path) -> Cli:
    """A command line whose library holds the notes."""
    assert cli("ingest", notes).code == 0
    return cli
