from __future__ import annotations

import pytest

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
