from __future__ import annotations

import pytest

from basicchat.adapters.queue.board import Board
from basicchat.core.errors import NotFound, StoreError
from basicchat.core.types import FileStatus, Job, JobItem, JobState


@pytest.fixture
def board(tmp_path):
    board = Board(tmp_path / "jobs" / "board.sqlite")
    yield board
    board.close()


def job(number, state=JobState.QUEUED):
    return Job(f"job-{number}", "ingest", f"Job {number}", state, created_at=float(number), updated_at=float(number))


def test_what_is_written_is_read_by_another(board, tmp_path):
    board.add(job(1), {"paths": ["/a.pdf"]}, key="sync")
    board.change("job-1", state=JobState.RUNNING, stage="reading", items=[JobItem(1, "a.pdf", warnings=("old",))])
    other = Board(tmp_path / "jobs" / "board.sqlite")
    assert other.get("job-1").stage == "reading"
    assert other.payload("job-1") == {"paths": ["/a.pdf"]}
    assert other.items("job-1") == [JobItem(1, "a.pdf", warnings=("old",))]
    assert [found.id for found in other.unfinished(key="sync")] == ["job-1"]
    assert other.unfinished(key="other") == []
    other.close()


def test_being_cut_off_is_counted(board):
    board.add(job(1), None, key="")
    assert [board.begin("job-1") for _ in range(3)] == [0, 1, 2]
    board.change("job-1", crashes=0)
    assert board.begin("job-1") == 1


def test_removing_a_job_removes_its_files(board):
    board.add(job(1), None, key="")
    board.change("job-1", items=[JobItem(1, "a.pdf")])
    board.remove("job-1")
    board.change("job-1", stage="late", items=[JobItem(2, "b.pdf")])
    with pytest.raises(NotFound):
        board.items("job-1")
    board.add(job(1), None, key="")
    assert board.items("job-1") == []


def test_trimming_keeps_what_has_not_ended(board):
    for number in range(6):
        board.add(job(number), None, key="")
        if number:
            board.change(f"job-{number}", state=JobState.DONE, result=number)
    board.trim(2)
    assert [found.id for found in board.find()] == ["job-5", "job-4", "job-0"]


def test_a_thousand_files_are_read_in_no_time(board):
    board.add(job(1), None, key="")
    items = [JobItem(number, f"{number}.pdf", status=FileStatus.DONE, pages=3, chunks=9) for number in range(1000)]
    board.change("job-1", items=items)
    assert board.items("job-1") == items


def test_a_damaged_file_is_put_aside(tmp_path, caplog):
    (tmp_path / "board.sqlite").write_bytes(b"no database at all" * 100)
    board = Board(tmp_path / "board.sqlite")
    assert board.find() == []
    assert (tmp_path / "board.damaged").exists()
    assert "damaged" in caplog.text
    board.close()


def test_a_file_that_cannot_be_opened_is_said_so(tmp_path):
    (tmp_path / "board.sqlite").mkdir()
    board = Board(tmp_path / "board.sqlite")
    with pytest.raises(StoreError, match="list of jobs"):
        board.find()
    board.close()


def test_it_is_made_at_its_first_use(tmp_path):
    board = Board(tmp_path / "jobs" / "board.sqlite")
    assert not (tmp_path / "jobs").exists()
    assert board.find() == []
    board.close()
