from __future__ import annotations

import shutil

import pytest

from basicchat.adapters.queue.durable import DurableJobQueue
from basicchat.adapters.queue.threads import ThreadJobQueue
from basicchat.testing.contracts.job_queue import JobQueueContract
from basicchat.testing.jobs import InlineJobQueue


class TestInlineJobQueue(JobQueueContract):
    @pytest.fixture
    def queue(self):
        return InlineJobQueue()


class TestThreadJobQueue(JobQueueContract):
    @pytest.fixture
    def queue(self):
        queue = ThreadJobQueue()
        yield queue
        queue.close()


class TestDurableJobQueue(JobQueueContract):
    @pytest.fixture
    def queue(self, tmp_path, engine_file):
        shutil.copy(engine_file, tmp_path / "engine.sqlite")
        queue = DurableJobQueue(tmp_path, poll_seconds=0.02)
        yield queue
        queue.close()
