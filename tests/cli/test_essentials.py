"""Without the models that find passages: what can be fetched is fetched, and the rest is said."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from basicchat.cli.main import run

QUESTIONS = ("ingest", "search", "ask", "chat")
REFUSING = "https://127.0.0.1:9"


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The default profile over an empty home and an empty folder of models, with fetching off."""
    for name in [name for name in os.environ if name.startswith("BASICCHAT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("BASICCHAT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BASICCHAT_MODELS__FETCH", "false")
    monkeypatch.setenv("BASICCHAT_OLLAMA__ENABLED", "false")
    return tmp_path


def arguments(command: str, folder: Path) -> list[str]:
    (folder / "note.txt").write_text("The ferry leaves at seven.", encoding="utf-8")
    return [command, *([str(folder / "note.txt")] if command == "ingest" else [] if command == "chat" else ["ferry?"])]


@pytest.mark.parametrize("command", QUESTIONS)
def test_with_fetching_off_the_missing_model_is_named(
    bare: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*arguments(command, bare), "--json"]) == 1
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == "dependency-missing"
    assert "bge-small-en-v1.5-int8" in error["message"]
    assert "BASICCHAT_MODELS__FETCH=true" in error["hint"]


def test_eval_wants_it_too(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["eval", "retrieval", str(bare), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "dependency-missing"


@pytest.mark.parametrize("command", [["library", "list"], ["models", "list"], ["version"]])
def test_what_needs_no_model_runs_without(bare: Path, command: list[str]) -> None:
    assert run(command) == 0


def test_a_fetch_that_fails_is_told(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BASICCHAT_MODELS__FETCH", "true")
    monkeypatch.setenv("BASICCHAT_MODELS__REGISTRY", f"{REFUSING}/simple")
    monkeypatch.setenv("BASICCHAT_MODELS__HUB", REFUSING)
    assert run([*arguments("search", bare), "--json"]) == 1
    printed = capsys.readouterr()
    assert json.loads(printed.out)["error"]["code"] == "fetch-failed"


@pytest.mark.models
def test_without_the_reranker_things_go_on_and_it_is_said(
    bare: Path,
    model_file: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    embedder = model_file("bge-small-en-v1.5-int8")
    (bare / "models").mkdir()
    (bare / "models" / embedder.name).symlink_to(embedder, target_is_directory=True)
    monkeypatch.setenv("BASICCHAT_MODELS__FOLDER", str(bare / "models"))
    assert run(arguments("ingest", bare)) == 0
    assert "Going on without ms-marco-minilm-l12-v2-int8" in capsys.readouterr().err


def test_the_page_starts_without_it_and_says_so(bare: Path) -> None:
    flags = subprocess.CREATE_NEW_PROCESS_GROUP if os.name == "nt" else 0
    command = [sys.executable, "-m", "basicchat", "ui", "--no-browser", "--port", "18541"]
    page = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", creationflags=flags
    )
    with page:
        assert page.stdout is not None
        assert page.stderr is not None
        assert any(re.search(r"http://\S+", line) for line in page.stdout)
        page.send_signal(signal.CTRL_BREAK_EVENT if os.name == "nt" else signal.SIGINT)
        said = page.stderr.read()
    assert "bge-small-en-v1.5-int8 is missing" in said
    assert "basicchat models pull --defaults" in said
