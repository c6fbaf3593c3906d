"""The main job with real models, a real browser and no network: nothing tries to leave this machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.timeout(600)]

SESSION = Path(__file__).with_name("offline_session.py")
CHAT_MODELS = ("qwen2.5-coder-0.5b-instruct-q4_k_m", "smollm2-135m-instruct-q4_1")


def without_network() -> list[str]:
    """What to put before a command to cut its network; nothing where this user may not."""
    cut = ["unshare", "--map-root-user", "--net"]
    if shutil.which("unshare") is None or subprocess.run([*cut, "true"], capture_output=True, check=False).returncode:
        return []
    return cut


@pytest.fixture(scope="module")
def session(
    tmp_path_factory: pytest.TempPathFactory, models_folder: Path, model_file: Callable[[str], Path], guide, output
) -> dict[str, object]:
    """What happened from the upload to the opened citation."""
    if shutil.which("chromium") is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    model_file("bge-small-en-v1.5-int8")
    chat = next((name for name in CHAT_MODELS if (models_folder / name).is_dir()), None)
    if chat is None:
        pytest.skip(f"no chat model is installed: basicchat models pull {CHAT_MODELS[-1]}")
    home = tmp_path_factory.mktemp("home")
    environment = os.environ | {
        "BASICCHAT_MODELS__FOLDER": str(models_folder),
        "BASICCHAT_EMBEDDED__MODEL": chat,
        "BASICCHAT_MODELS__FETCH": "false",
    }
    question = "Where does BasicChat keep its documents?"
    command = [*without_network(), sys.executable, str(SESSION), str(home), str(guide), question, str(output)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=550)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_an_answer_is_cited_and_its_page_opens_with_the_passage_marked(session: dict[str, object]) -> None:
    assert session["pictured"]


def test_the_browser_asks_nobody_else(session: dict[str, object]) -> None:
    assert session["outside_requests"] == []


def test_no_process_tries_to_reach_another_machine(session: dict[str, object]) -> None:
    if not session["traced_calls"]:
        pytest.skip("strace is not installed: apt-get install strace")
    assert session["outside_calls"] == []
