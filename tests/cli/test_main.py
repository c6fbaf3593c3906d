"""The edge of the command line: options anywhere, errors told, nothing escapes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from basicchat.cli import invocation
from basicchat.cli.main import cli as group
from basicchat.cli.main import run, wants_json
from basicchat.telemetry import log
from tests.cli.conftest import Cli


def test_options_before_and_after_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = str(tmp_path)
    assert run(["--json", "--profile", "fake", "--home", home, "library", "list"]) == 0
    assert run(["library", "list", "--json", "--profile", "fake", "--home", home]) == 0
    assert run(["library", "--json", "--profile", "fake", "--home", home, "list"]) == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [{"documents": []}] * 3


def test_the_nearer_option_wins(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--home", str(tmp_path / "a"), "--profile", "fake", "doctor", "--home", str(tmp_path / "b")]) == 0
    assert (tmp_path / "b").is_dir()
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["search", "--top-k", "many", "x"], ["library"], ["--profile", "odd"]]
)
def test_a_wrong_command_line_is_a_user_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*arguments, "--json"]) == 2
    printed = capsys.readouterr()
    assert set(json.loads(printed.out)["error"]) == {"code", "message", "hint"}
    assert printed.err.startswith("Error: ")


def test_json_after_a_double_dash_is_an_argument() -> None:
    assert wants_json(["search", "--json", "x"])
    assert not wants_json(["search", "--", "--json"])


def test_a_setting_that_makes_no_sense(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "settings.toml").write_text("[ingest]\nchunk_tokens = 5\n")
    ran = cli("library", "list", "--json")
    assert ran.code == 2
    assert "ingest.chunk_tokens" in ran.document["error"]["message"]


def test_settings_that_are_not_toml(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "settings.toml").write_text("this is not toml")
    assert cli("library", "list", "--json").code == 2


def test_a_fault_of_the_program_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    @click.command("broken")
    def broken() -> None:
        raise ZeroDivisionError("division by zero")

    group.add_command(broken)
    try:
        assert run(["--json", "broken"]) == 1
    finally:
        del group.commands["broken"]
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "internal"


def test_a_fault_of_the_program_is_logged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    @click.command("broken")
    def broken() -> None:
        invocation.settings()
        raise ZeroDivisionError("division by zero")

    group.add_command(broken)
    try:
        assert run(["--home", str(tmp_path), "broken"]) == 1
    finally:
        del group.commands["broken"]
        log.configure()
    (line,) = (tmp_path / "logs" / "basicchat.log").read_text(encoding="utf-8").splitlines()
    assert "ZeroDivisionError" in json.loads(line)["exception"]


def test_ctrl_c_exits_130(capsys: pytest.CaptureFixture[str]) -> None:
    @click.command("stopped")
    def stopped() -> None:
        raise KeyboardInterrupt

    group.add_command(stopped)
    try:
        assert run(["stopped"]) == 130
    finally:
        del group.commands["stopped"]
    assert capsys.readouterr().out == ""


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    shown = capsys.readouterr().out
    for name in ("ingest", "search", "ask", "chat", "ui", "models", "library", "eval", "doctor", "version"):
        assert f"  {name} " in shown


def test_odd_consoles_get_utf8(tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("Żółw means tortoise.", encoding="utf-8")
    command = [sys.executable, "-m", "basicchat", "--home", str(tmp_path / "home"), "--profile", "fake"]
    odd = os.environ | {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    subprocess.run([*command, "ingest", str(note)], env=odd, capture_output=True, check=True)
    done = subprocess.run([*command, "search", "tortoise"], env=odd, capture_output=True, check=True)
    assert "Żółw" in done.stdout.decode("utf-8")
