from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from basicchat.adapters.watch import notify

TICKS = 20


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    monkeypatch.setattr(notify, "DEBOUNCE_MS", 200)
    monkeypatch.setattr(notify, "PAUSE_MS", 50)
    monkeypatch.setattr(notify, "TICK_MS", 300)
    monkeypatch.setattr(notify, "LOOK_MS", 100)


def first(noticed: Iterator[frozenset[Path]]) -> frozenset[Path]:
    """The first folders in which something happened."""
    for _, happened in zip(range(TICKS), noticed, strict=False):
        if happened:
            return happened
    return frozenset()


@pytest.mark.parametrize("look", [False, True])
def test_changes_are_noticed_by_folder(tmp_path: Path, look: bool) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    (one / "deep").mkdir(parents=True)
    two.mkdir()
    stop = threading.Event()
    noticed = notify.notice([one, two], stop, look=look)
    assert next(noticed) == frozenset()
    (one / "deep" / "a.txt").write_text("new")
    assert first(noticed) == {one}
    (two / "b.txt").write_text("new")
    assert first(noticed) == {two}
    stop.set()
    assert list(noticed)[1:] == []


def test_a_missing_folder_is_left_out(tmp_path: Path) -> None:
    stop = threading.Event()
    noticed = notify.notice([tmp_path / "absent"], stop)
    assert next(noticed) == frozenset()
    stop.set()
    assert list(noticed) == []


def test_a_system_that_does_not_notify_is_looked_at(tmp_path: Path, monkeypatch, caplog) -> None:
    refused: list[bool] = []
    real = notify._noticed

    def noticed(roots, stop, look):
        if not look:
            refused.append(True)
            raise OSError("out of watches")
        return real(roots, stop, look)

    monkeypatch.setattr(notify, "_noticed", noticed)
    stop = threading.Event()
    found = notify.notice([tmp_path], stop)
    assert next(found) == frozenset()
    (tmp_path / "a.txt").write_text("new")
    assert first(found) == {tmp_path}
    assert refused == [True]
    stop.set()
