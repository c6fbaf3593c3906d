"""One process owns the library; the others learn who and how to reach it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from basicchat.adapters.owner.lock import OwnerLock
from basicchat.core.errors import StoreError

HOLDER = """
import sys, pathlib
from basicchat.adapters.owner.lock import OwnerLock
lock = OwnerLock(pathlib.Path(sys.argv[1]))
assert lock.acquire(doing="page")
lock.announce(url="http://127.0.0.1:1/local", token="secret")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def another_owner(home: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLDER, str(home)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_the_second_is_refused_and_told_who(tmp_path: Path) -> None:
    with another_owner(tmp_path) as owner:
        lock = OwnerLock(tmp_path)
        assert not lock.acquire(doing="command")
        card = lock.card()
        assert card is not None
        assert (card.pid, card.url, card.token) == (owner.pid, "http://127.0.0.1:1/local", "secret")
        refusal = lock.refusal()
        assert f"process {owner.pid}" in str(refusal)
        assert "page" in str(refusal)
        assert refusal.hint


def test_a_killed_owner_leaves_no_lock(tmp_path: Path) -> None:
    with another_owner(tmp_path) as owner:
        owner.kill()
        owner.wait()
        lock = OwnerLock(tmp_path)
        assert lock.acquire(doing="command", wait=5)
        card = lock.card()
        assert card is not None
        assert (card.pid, card.url) == (os.getpid(), "")
        lock.release()


def test_released_means_free(tmp_path: Path) -> None:
    first, second = OwnerLock(tmp_path), OwnerLock(tmp_path)
    assert first.acquire(doing="one")
    first.release()
    assert first.card() is None
    assert second.acquire(doing="two")
    second.release()
    second.release()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no permission bits")
def test_the_card_is_for_its_user_alone(tmp_path: Path) -> None:
    lock = OwnerLock(tmp_path)
    lock.acquire(doing="page")
    lock.announce(url="http://127.0.0.1:1", token="secret")
    assert stat.S_IMODE((tmp_path / "owner.json").stat().st_mode) == 0o600
    lock.release()


def test_a_card_that_cannot_be_read_is_no_card(tmp_path: Path) -> None:
    (tmp_path / "owner.json").write_text("{ not json", encoding="utf-8")
    lock = OwnerLock(tmp_path)
    assert lock.card() is None
    assert "Another program" in str(lock.refusal())


def test_only_the_owner_announces(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        OwnerLock(tmp_path).announce(url="x", token="y")


def test_a_home_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StoreError) as caught:
        OwnerLock(tmp_path / "file" / "home").acquire(doing="x")
    assert "BASICCHAT_HOME" in caught.value.hint
