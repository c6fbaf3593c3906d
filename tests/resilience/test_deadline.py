"""Deadlines, and iterators that hang."""

from __future__ import annotations

from threading import Event

import pytest

from basicchat.core.errors import Cancelled, DeadlineExceeded
from basicchat.resilience import Deadline, StreamGuard


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


class Hanging:
    """Says one word, then nothing until it is aborted."""

    def __init__(self):
        self.aborted = Event()
        self._said = False

    def __iter__(self):
        return self

    def __next__(self):
        if not self._said:
            self._said = True
            return "word"
        self.aborted.wait()
        raise StopIteration

    def abort(self):
        self.aborted.set()


def test_remaining_and_check():
    clock = Clock()
    deadline = Deadline.after(5, clock=clock)
    assert deadline.remaining() == 5
    deadline.check()
    clock.now += 6
    assert deadline.remaining() == 0
    with pytest.raises(DeadlineExceeded):
        deadline.check()


def test_no_limit():
    deadline = Deadline.after(None)
    assert deadline.remaining() == float("inf")
    deadline.check()


def test_cancelling_wins_over_time():
    deadline = Deadline.after(0)
    deadline.cancel()
    with pytest.raises(Cancelled):
        deadline.check()


def test_a_sleep_that_does_not_fit_is_refused_at_once():
    with pytest.raises(DeadlineExceeded):
        Deadline.after(1).sleep(1000)


def test_items_pass_in_order():
    assert list(StreamGuard().watch(iter(range(100)), Deadline())) == list(range(100))


def test_errors_pass():
    def failing():
        yield 1
        raise LookupError("inside")

    watched = StreamGuard().watch(failing(), Deadline())
    assert next(watched) == 1
    with pytest.raises(LookupError, match="inside"):
        next(watched)


def test_a_hanging_iterator_is_left_at_the_deadline_and_aborted():
    source = Hanging()
    watched = StreamGuard().watch(source, Deadline.after(0.2))
    assert next(watched) == "word"
    with pytest.raises(DeadlineExceeded):
        next(watched)
    assert source.aborted.is_set()


def test_cancelling_ends_the_wait():
    source, deadline = Hanging(), Deadline()
    watched = StreamGuard().watch(source, deadline)
    next(watched)
    deadline.cancel()
    with pytest.raises(Cancelled):
        next(watched)
    assert source.aborted.is_set()


def test_closing_early_closes_the_source():
    closed = Event()

    def source():
        try:
            while True:
                yield 1
        finally:
            closed.set()

    watched = StreamGuard().watch(source(), Deadline())
    next(watched)
    watched.close()
    assert closed.wait(10)


def test_hanging_iterators_do_not_pile_up():
    release = Event()

    def hanging():
        release.wait()
        yield 1

    guard = StreamGuard(limit=2)
    for _ in range(2):
        with pytest.raises(DeadlineExceeded, match="time allowed"):
            next(guard.watch(hanging(), Deadline.after(0.05)))
    with pytest.raises(DeadlineExceeded, match="still hang"):
        next(guard.watch(hanging(), Deadline.after(0.05)))
    release.set()
