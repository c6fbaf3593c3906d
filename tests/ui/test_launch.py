import socket

import pytest
from starlette.testclient import TestClient

from basicchat.settings import load
from basicchat.ui import launch, state, theme


def test_the_next_free_port_is_taken():
    with launch.bind("127.0.0.1", 18501) as first, launch.bind("127.0.0.1", first.getsockname()[1]) as second:
        assert second.getsockname()[1] > first.getsockname()[1]


def test_it_listens_on_this_machine_only():
    with launch.bind("127.0.0.1", 18601) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"
        assert listening.family == socket.AF_INET


def test_the_script_is_there():
    assert launch.script().name == "app.py"
    assert launch.script().is_file()


@pytest.fixture
def client(tmp_path):
    launch.configure(host="127.0.0.1", port=18701)
    app = launch.application(load(home=tmp_path, profile="fake"))
    with TestClient(app) as client:
        yield client
    state.close()


def test_fonts_come_from_here(client):
    for face in theme.font_faces():
        answer = client.get(face["url"])
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "font/woff2"
