"""The jobs of another process: every call through the same JSON that travels between the two."""

from __future__ import annotations

import json

import pytest

from basicchat import bootstrap, settings
from basicchat.adapters.owner.jobs import RemoteBatches, RemoteJobs
from basicchat.api.operations import call
from basicchat.core.codec import to_json
from basicchat.core.errors import InvalidInput, NotFound
from basicchat.core.types import FileStatus, JobState


class Wire:
    """Calls an assistant of this process by what would have been sent."""

    def __init__(self, assistant):
        self.assistant = assistant

    def call(self, operation, **arguments):
        return json.loads(json.dumps(call(self.assistant, operation, json.loads(json.dumps(to_json(arguments))))))


@pytest.fixture
def assistant(tmp_path):
    with bootstrap.open_assistant(settings.load(home=tmp_path / "home", profile="fake")) as assistant:
        yield assistant


def test_jobs_are_the_same_from_afar(assistant, tmp_path):
    (tmp_path / "a.txt").write_text("alpha")
    (tmp_path / "b.txt").write_text("")
    jobs, library = RemoteJobs(Wire(assistant)), RemoteBatches(Wire(assistant))
    job = assistant.jobs.wait(assistant.library.submit([tmp_path / "a.txt", tmp_path / "b.txt"]).id, 60)
    assert jobs.find() == jobs.find(kind="ingest") == [job]
    assert jobs.get(job.id) == job
    assert [item.status for item in library.job(job.id).items] == [FileStatus.DONE, FileStatus.FAILED]
    (problem,) = library.problems()
    assert (problem.job_id, problem.item.ordinal) == (job.id, 2)
    (tmp_path / "b.txt").write_text("beta")
    again = library.retry(job.id, [2])
    assert assistant.jobs.wait(again.id, 60).result == {"done": 1}
    for ask in (jobs.pause, jobs.resume, jobs.cancel):
        ask(again.id)
    assert jobs.get(again.id).state is JobState.DONE
    with pytest.raises(InvalidInput):
        library.retry(again.id)
    library.dismiss(again.id)
    assert jobs.find() == []
    with pytest.raises(NotFound):
        jobs.get(job.id)
