"""What is said of a batch of files."""

from basicchat.core.types import FileStatus, Job, JobItem, JobState
from basicchat.service.jobs import Problem, view
from basicchat.ui import batches


def batch(*items: JobItem, state: JobState = JobState.DONE, **job):
    return view(Job("j", "ingest", "3 files", state, **job), items, now=100.0)


def item(ordinal: int, status: FileStatus | None = FileStatus.DONE, **values) -> JobItem:
    return JobItem(ordinal, f"file {ordinal}.pdf", status=status, **values)


def test_all_added():
    icon, words, colour = batches.end(batch(item(1), item(2)))
    assert (words, colour) == ("2 files added", "green")
    assert icon


def test_some_are_not():
    said = ("1 file added, 1 could not be taken in", "orange")
    assert batches.end(batch(item(1), item(2, FileStatus.FAILED)))[1:] == said
    assert batches.end(batch(item(1, FileStatus.FAILED)))[2] == "red"


def test_what_was_there_is_not_called_added():
    assert batches.end(batch(item(1, FileStatus.UNCHANGED), item(2, FileStatus.DUPLICATE)))[1] == "2 already here"


def test_a_time_that_is_guessed_is_round():
    assert [batches.left(each) for each in (3, 42, 61, 130, 9000)] == [
        "10 s",
        "50 s",
        "a minute",
        "3 minutes",
        "3 hours",
    ]


def test_a_file_that_a_later_batch_tries_again_or_took_in_is_no_trouble():
    bad = batch(*(item(place, FileStatus.FAILED, source=f"/{place}") for place in (1, 2, 3)))
    again = view(Job("k", "ingest", "again", JobState.RUNNING), [item(1, None, source="/2")], now=100.0)
    problems = [Problem("j", bad.items[0], "default"), Problem("j", bad.items[1], "default")]
    assert [each.source for each in batches.still_open(bad, problems, [again])] == ["/1"]


def test_notes_are_told():
    assert batches.end(batch(item(1, FileStatus.WARNINGS)))[1:] == ("1 file added, with notes", "orange")


def test_the_line_of_a_batch_that_runs():
    running = item(2, None, stage="embedding", done=50, total=100, unit="passages", started_at=90.0)
    found = batch(item(1, pages=30, started_at=80.0, ended_at=90.0), running, state=JobState.RUNNING, done=1, total=2)
    assert batches.line(found) == (
        "1 of 2 files · file 2.pdf: making findable, 50 of 100 passages · 3.0 pages a second · about 20 s left"
    )
    assert batches.fraction(found) == 0.75


def test_a_batch_that_waits_says_so():
    assert batches.line(batch(state=JobState.QUEUED)) == "waiting"


def test_files_that_move_come_first_then_trouble():
    items = [
        item(1),
        item(2, FileStatus.FAILED),
        item(3, None, stage="reading"),
        item(4, None),
        item(5, FileStatus.WARNINGS),
    ]
    assert [each.ordinal for each in sorted(items, key=batches.item_rank)] == [3, 2, 5, 4, 1]


def test_how_long_a_file_took():
    assert batches.item_took(item(1, started_at=1.0, ended_at=3.0)) == "2 s"
    assert batches.item_took(item(1, None, started_at=1.0)) == ""
