"""The lines of a batch's files, also after an earlier run was killed."""

from basicchat.core.types import FileOutcome, FileStatus, JobItem
from basicchat.service.batch_items import Batch, File, Work


class Silent:
    """A context that keeps the lines it is told."""

    job_id = "job"

    def __init__(self) -> None:
        self.items: list[JobItem] = []

    def progress(self, *, stage, done=0, total=0, unit="", note=""):
        pass

    def step(self, name, run):
        return run()

    def item(self, item):
        self.items.append(item)


UNCHANGED = FileOutcome("a.txt", FileStatus.UNCHANGED, document_id="d", pages=1, chunks=2)


def work(*before: JobItem) -> Work:
    return Work(Batch(("/a.txt",)), [File("/a.txt", 10)], Silent(), before=before)


def test_what_an_interrupted_run_took_in_was_added_by_this_job():
    begun = JobItem(1, "a.txt", source="/a.txt", stage="writing", started_at=5.0)
    item = work(begun).end(1, [UNCHANGED])
    assert (item.status, item.pages, item.chunks) == (FileStatus.DONE, 1, 2)


def test_what_was_there_before_the_job_is_unchanged():
    assert work().end(1, [UNCHANGED]).status is FileStatus.UNCHANGED
    waited = JobItem(1, "a.txt", source="/a.txt")
    assert work(waited).end(1, [UNCHANGED]).status is FileStatus.UNCHANGED


def test_what_had_ended_stays_as_it_ended():
    ended = JobItem(1, "a.txt", source="/a.txt", status=FileStatus.WARNINGS, started_at=1.0, ended_at=2.0)
    assert work(ended).end(1, [UNCHANGED]) == ended
