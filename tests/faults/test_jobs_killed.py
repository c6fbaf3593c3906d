"""A process that is killed in the middle of a job leaves a job that goes on after its last finished step."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time

import pytest

from basicchat.adapters.queue.durable import DurableJobQueue
from basicchat.core.types import JobState

STEPS = 6
KILLS = 3

WORK = """
import sys, time
from pathlib import Path
from basicchat.adapters.queue.durable import DurableJobQueue
from basicchat.core.types import FileStatus, JobItem

folder, deadly = Path(sys.argv[1]), sys.argv[2:] == ["deadly"]

def work(payload, context):
    def take(number):
        with (folder / "begun").open("a") as file:
            file.write(f"{number}\\n")
        context.item(JobItem(number, f"{number}.pdf", stage="reading"))
        if deadly and number == 2:
            print("deadly", flush=True)
            time.sleep(60)
        for part in range(10):
            time.sleep(0.005)
            context.progress(stage="reading", done=part, total=10)
        (folder / f"{number}.taken").write_text("taken")
        with (folder / "finished").open("a") as file:
            file.write(f"{number}\\n")
        context.item(JobItem(number, f"{number}.pdf", status=FileStatus.DONE))
        return number

    return [context.step(f"{number}.pdf", lambda number=number: take(number)) for number in range(payload)]

if __name__ == "__main__":
    queue = DurableJobQueue(folder, poll_seconds=0.02)
    queue.register("work", work)
    queue.start()
    if not queue.find():
        queue.submit("work", int(6), title="Six files")
    print("ready", flush=True)
    job = queue.wait(queue.find()[0].id, 100)
    queue.close()
    print(job.state, flush=True)
"""


@pytest.fixture
def folder(tmp_path, engine_file):
    shutil.copy(engine_file, tmp_path / "engine.sqlite")
    return tmp_path


def begin(folder, *words):
    command = [sys.executable, "-W", "error", "-c", WORK, str(folder), *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def lines(file):
    return [int(line) for line in file.read_text().splitlines()] if file.exists() else []


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_again_and_again(folder, seed):
    chance = random.Random(seed)  # noqa: S311 - moments to kill at, the same in each run
    for _ in range(KILLS):
        with begin(folder) as process:
            process.stdout.readline()
            wanted = len(lines(folder / "begun")) + chance.choice([0, 1, 2])
            while process.poll() is None and len(lines(folder / "begun")) < wanted:
                pass
            time.sleep(chance.random() / 20)
            process.kill()
    with begin(folder) as process:
        out, err = process.communicate(timeout=100)
    assert (out.split(), err) == (["ready", "done"], "")
    assert sorted(set(lines(folder / "finished"))) == list(range(STEPS))
    assert all((folder / f"{number}.taken").exists() for number in range(STEPS))
    assert len(lines(folder / "begun")) <= STEPS + KILLS  # a kill costs the step that it interrupted
    queue = DurableJobQueue(folder)
    (job,) = queue.find()
    assert (job.state, job.result) == (JobState.DONE, list(range(STEPS)))
    assert [item.status for item in queue.items(job.id)] == ["done"] * STEPS
    queue.close()


def test_finished_steps_are_not_run_again(folder):
    with begin(folder) as process:
        process.stdout.readline()
        while len(lines(folder / "begun")) < 4:
            assert process.poll() is None
        process.kill()
    with begin(folder) as process:
        assert process.communicate(timeout=100)[0].split() == ["ready", "done"]
    assert lines(folder / "begun") == [0, 1, 2, 3, 3, 4, 5]
    assert sorted(set(lines(folder / "finished"))) == list(range(STEPS))


def test_a_file_that_ends_the_program_each_time_is_given_up_by_name(folder):
    for _ in range(3):
        with begin(folder, "deadly") as process:
            assert process.stdout.readline() == "ready\n"
            assert process.stdout.readline() == "deadly\n"
            process.kill()
    with begin(folder, "deadly") as process:
        assert process.communicate(timeout=100)[0].split() == ["ready", "failed"]
    queue = DurableJobQueue(folder)
    (job,) = queue.find()
    assert job.error == ("BasicChat was ended 3 times while it was at 2.pdf. Leave this file out, or try it alone.")
    queue.close()


def test_an_end_by_hand_goes_on_at_the_next_start(folder):
    with begin(folder) as process:
        process.stdout.readline()
        while len(lines(folder / "begun")) < 2:
            assert process.poll() is None
        process.terminate()
    with begin(folder) as process:
        assert process.communicate(timeout=100)[0].split() == ["ready", "done"]
    assert sorted(set(lines(folder / "finished"))) == list(range(STEPS))
