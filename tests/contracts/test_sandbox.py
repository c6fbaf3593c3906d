"""Both sandboxes and every attempt to get out of them."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from basicchat.core.tools import Sandbox
from basicchat.testing.contracts.sandbox import ATTEMPTS, SandboxContract
from basicchat.toolbox.sandbox import BubblewrapSandbox, MontySandbox


@pytest.fixture
def listening() -> Iterator[int]:
    """A port at which nothing knocks, or the test fails."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket(type=socket.SOCK_DGRAM) as box:
        port = listener.getsockname()[1]
        box.bind(("127.0.0.1", port))
        listener.settimeout(0.0)
        box.settimeout(0.0)
        yield port
        for receive in (listener.accept, lambda: box.recv(1)):
            with pytest.raises(BlockingIOError):
                receive()


class _Listened(SandboxContract):
    @pytest.fixture
    def listening(self, listening: int) -> int:
        return listening


class TestMonty(_Listened):
    @pytest.fixture
    def sandbox(self) -> Sandbox:
        return MontySandbox()


@pytest.mark.skipif(not BubblewrapSandbox.installed(), reason="bubblewrap is not installed: apt install bubblewrap")
class TestBubblewrap(_Listened):
    @pytest.fixture
    def sandbox(self) -> Sandbox:
        return BubblewrapSandbox()


def test_there_are_enough_attempts() -> None:
    assert len(ATTEMPTS) >= 40
