"""One file that is being read by a process: what comes from it, and whether it keeps within its limits."""

from __future__ import annotations

import time
from collections import deque
from queue import Empty
from threading import Lock

from basicchat.adapters.load.limits import (
    MEGABYTE,
    ParseLimits,
    computed_too_long,
    crashed,
    fell_silent,
    gave_too_much,
    took_too_long,
    took_too_much_memory,
)
from basicchat.adapters.load.wire import BadFrame, Message, TooMuch, unpacked
from basicchat.adapters.load.worker_process import WorkerProcess
from basicchat.core.errors import BasicChatError, UnreadableDocument

TICK = 0.5
"""Seconds after which a consumer is asked again whether to go on."""
STEP = 0.1
"""Seconds after which what is said is looked at as a step forward; asking the system each time would cost more."""
LOOK_AT_CHILDREN = 1.0
CPU_GRACE = 2.0
"""Seconds that the system's own limit has to act before the watch does."""
MOVED = 0.05
"""Seconds of computing that count as a sign of life."""
NEAR = 0.7
"""Share of the memory limit above which a crash is put down to memory."""


class Silence(Exception):
    """Nothing was said for a tick."""


class Reading:
    """The use of one process for one file. `check` is called by the watch, everything else by the consumer."""

    def __init__(self, worker: WorkerProcess, limits: ParseLimits) -> None:
        self.worker = worker
        self.finished = False
        """The process has said its last word on the file and can take another."""
        self.spent = False
        """The process should not take another all the same."""
        self._limits = limits
        self._lock = Lock()
        self._verdict: BasicChatError | None = None
        self._heard: deque[Message] = deque()
        self._left = limits.output_mb * MEGABYTE
        self._waited = 0.0
        self._waiting_since: float | None = None
        self._heard_at = self._looked_at = self._alive_at = time.monotonic()
        self._step_cpu = self._alive_cpu = worker.computed()
        self._stepped_at = self._heard_at
        self._highest = 0

    def next(self) -> Message:
        """What the process says next. Raises `Silence` after a tick, and when it is over the reason."""
        while not self._heard:
            self._hear()
        return self._heard.popleft()

    def _hear(self) -> None:
        self._begin_waiting()
        try:
            frame = self.worker.frame(TICK)
        except Empty:
            raise Silence from None
        finally:
            self._end_waiting()
        if not isinstance(frame, bytes):
            raise self._failure(frame)
        self._heard_at = time.monotonic()
        self._left -= len(frame)
        if self._left < 0:
            raise gave_too_much(self._limits)
        try:
            self._heard.extend(unpacked(frame))
        except BadFrame as error:
            raise crashed("it answered nonsense") from error
        if self._heard_at - self._stepped_at > STEP:
            self._stepped_at, self._step_cpu = self._heard_at, self.worker.computed()

    def check(self) -> None:
        """Look whether the process keeps within its limits, and kill it if it does not."""
        with self._lock:
            if self._verdict is None and not self.finished:
                self._verdict = self._overstepped(time.monotonic())
                if self._verdict is not None:
                    self.worker.kill()

    def stop(self, why: BasicChatError) -> None:
        """Kill the process; the consumer gets ``why``."""
        with self._lock:
            self._verdict = self._verdict or why
            self.worker.kill()

    def _overstepped(self, now: float) -> UnreadableDocument | None:
        limits, children = self._limits, now - self._looked_at > LOOK_AT_CHILDREN
        if children:
            self._looked_at = now
        memory = self.worker.memory(children=children)
        self._highest = max(self._highest, memory)
        if memory > limits.memory_mb * MEGABYTE:
            return took_too_much_memory(limits)
        if self.worker.computed() - self._step_cpu > limits.cpu_seconds + CPU_GRACE:
            return computed_too_long(limits)
        since = self._waiting_since
        if since is None:
            self._alive_at = now
            return None
        if self._waited + now - since > limits.wall_seconds:
            return took_too_long(limits)
        return fell_silent(limits) if children and self._still(now) else None

    def _still(self, now: float) -> bool:
        """Whether it has neither spoken nor computed for too long."""
        computed = self.worker.computed(children=True)
        if computed - self._alive_cpu > MOVED:
            self._alive_cpu, self._alive_at = computed, now
        return now - max(self._alive_at, self._heard_at) > self._limits.idle_seconds

    def _begin_waiting(self) -> None:
        self._waiting_since = time.monotonic()

    def _end_waiting(self) -> None:
        since, self._waiting_since = self._waiting_since, None
        now = time.monotonic()
        self._waited += now - (since or now)

    def _failure(self, frame: TooMuch | None) -> BasicChatError:
        """Why there is no more to come."""
        if isinstance(frame, TooMuch):
            return gave_too_much(self._limits)
        how = self.worker.ended_by()
        with self._lock:
            if self._verdict is not None:
                return self._verdict
        if self.worker.killed_by("SIGXCPU"):
            return computed_too_long(self._limits)
        aborted = (
            self.worker.killed_by("SIGKILL") or self.worker.killed_by("SIGABRT") or self.worker.killed_by("SIGSEGV")
        )
        if aborted and self._highest > NEAR * self._limits.memory_mb * MEGABYTE:
            return took_too_much_memory(self._limits)
        return crashed(how)
