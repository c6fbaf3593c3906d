"""The main job with real models, a real browser and no network: nothing tries to leave this machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from basicchat.adapters.load.ocr_tesseract import TesseractEngine
from tests.adapters.load.pictures import picture

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
def papers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder to take in, with an archive, mail, a table and, where it can be read, a picture; and one to follow."""
    taken, followed = tmp_path_factory.mktemp("papers"), tmp_path_factory.mktemp("followed")
    (taken / "prices.csv").write_text("town,price\nOslo,50\nMoss,30\n")
    with zipfile.ZipFile(taken / "post.zip", "w") as archive:
        archive.writestr("moorings.eml", "Subject: Moorings\nFrom: ada@example.org\n\nThe moorings in Bergen are full.")
        archive.writestr("page.html", '<p>Berths are free.<img src="https://example.org/a.png"></p>')
    if TesseractEngine.installed():
        picture().save(taken / "sign.png")
    (followed / "note.md").write_text("# Tides\n\nHigh water is at noon.\n")
    return taken, followed


@pytest.fixture(scope="module")
def session(
    tmp_path_factory: pytest.TempPathFactory,
    models_folder: Path,
    model_file: Callable[[str], Path],
    guide,
    output,
    papers,
) -> dict[str, object]:
    """What happened from the upload to the opened citation, and in the commands that came after."""
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
    command += map(str, papers)
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
    assert {"AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK"}.issuperset(session["socket_kinds"])  # netlink: the kernel


def test_files_of_many_kinds_are_taken_in_followed_asked_and_kept_without_network(session: dict[str, object]) -> None:
    assert '"failed"' not in session["taken"]
    (folder,) = json.loads(session["synced"])["folders"]
    assert folder["taken"] + folder["unchanged"] == 1  # it was followed before it was asked for, or now
    assert "80" in session["asked"]
    assert '"done"' in session["jobs"]
