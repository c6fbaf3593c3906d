"""The embedded server dies in the middle of an answer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import psutil
import pytest

from basicchat.adapters.llm.embedded import EmbeddedServer
from basicchat.core.errors import ProviderUnavailable
from basicchat.core.types import GenerationOptions, Message
from basicchat.resilience import ResilientChatModel

pytestmark = pytest.mark.models

SMOL = "smollm2-135m-instruct-q4_1"
ASKED = (Message("user", "Tell a very long story."),)
OPTIONS = GenerationOptions(window=2048, max_tokens=1500)
SHORT = GenerationOptions(window=2048, max_tokens=4)


@pytest.fixture
def server(model_file, tmp_path):
    server = EmbeddedServer({SMOL: model_file(SMOL) / "model.gguf"}, threads=1, window=2048, log_file=tmp_path / "log")
    yield server
    server.close()


def kill(pid):
    os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))


def test_a_kill_in_mid_answer_is_told_and_the_next_call_works(server):
    model = server.chat_model(SMOL)
    stream = model.stream(ASKED, options=OPTIONS)
    next(stream)
    first = server.pid
    kill(first)
    with pytest.raises(ProviderUnavailable, match=r"broke off|does not answer"):
        list(stream)
    assert list(model.stream(ASKED, options=SHORT))[-1].done
    assert server.pid not in {None, first}


def test_a_kill_between_answers_goes_unnoticed(server):
    model = ResilientChatModel(server.chat_model(SMOL))
    assert list(model.stream(ASKED, options=SHORT))[-1].done
    kill(server.pid)
    assert list(model.stream(ASKED, options=SHORT))[-1].done


def test_closing_stops_the_process_for_good(server):
    server.version()
    process = psutil.Process(server.pid)
    server.close()
    assert not process.is_running()
    with pytest.raises(ProviderUnavailable, match="shut down"):
        server.version()


def test_a_model_that_arrives_later_is_known(model_file):
    models = {}
    server = EmbeddedServer(models, threads=1, window=512)
    try:
        server.version()
        models[SMOL] = model_file(SMOL) / "model.gguf"
        assert [info.name for info in server.models()] == [SMOL]
        assert list(server.chat_model(SMOL).stream(ASKED, options=GenerationOptions(512, max_tokens=2)))[-1].done
    finally:
        server.close()


def test_a_damaged_model_is_told_and_does_not_take_the_server_down(tmp_path):
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\x03\0\0\0" + b"\0" * 64)
    server = EmbeddedServer({"broken": broken}, threads=1, window=512)
    try:
        with pytest.raises(ProviderUnavailable, match="cannot load"):
            list(server.chat_model("broken").stream(ASKED, options=SHORT))
        assert server.version()
    finally:
        server.close()


def test_no_server_outlives_its_owner(model_file):
    """The owner is killed without a chance to clean up."""
    path = str(model_file(SMOL) / "model.gguf")
    code = (
        "import sys, pathlib\n"
        "from basicchat.adapters.llm.embedded import EmbeddedServer\n"
        f"server = EmbeddedServer({{'smol': pathlib.Path({path!r})}}, threads=1, window=512)\n"
        "server.version()\n"
        "print(server.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    owner = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with owner:
        orphan = psutil.Process(int(owner.stdout.readline()))
        owner.kill()
        gone, alive = psutil.wait_procs([orphan], timeout=20)
    assert gone
    assert not alive
