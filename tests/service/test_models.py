from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import pytest

from basicchat.adapters.queue.threads import ThreadJobQueue
from basicchat.core.errors import FetchFailed, NotFound
from basicchat.core.types import JobState, ModelInfo, Progress
from basicchat.service.models import Models
from basicchat.testing.jobs import InlineJobQueue


@dataclass(frozen=True)
class Entry:
    name: str
    role: str = "chat"
    title: str = "A model"
    licence: str = "MIT"
    upstream: str = "someone/it"
    size: int = 100


@dataclass(frozen=True)
class Check:
    path: str
    state: str
    sha256: str = ""


class FolderInMemory:
    """Model files that are only names. ``broken`` ones cannot be fetched."""

    def __init__(self, own: Path, *, broken: frozenset[str] = frozenset()) -> None:
        self.there: list[str] = []
        self.pulled: list[str] = []
        self.own = own
        self.broken = broken

    def entries(self) -> list[Entry]:
        return [Entry("finder", "embed"), Entry("small"), Entry("better"), Entry("huge")]

    def installed(self) -> list[str]:
        return [*self.there, *([self.own.stem] if self.own.is_file() else [])]

    def path(self, name: str) -> Path:
        return self.own

    def pull(self, name: str) -> Generator[Progress, None, None]:
        self.pulled.append(name)
        yield Progress("fetching", 50, 100, "bytes")
        if name in self.broken:
            raise FetchFailed("The line is down.")
        self.there.append(name)
        yield Progress("done", 100, 100, "bytes")

    def verify(self, name: str) -> list[Check]:
        return [Check("model.gguf", "ok")]

    def remove(self, name: str) -> None:
        self.there.remove(name)


class Chat:
    def __init__(self) -> None:
        self.looked = 0

    def models(self) -> list[ModelInfo]:
        return [ModelInfo("small", "embedded", 4096)]

    def look_again(self) -> None:
        self.looked += 1


@pytest.fixture
def folder(tmp_path: Path) -> FolderInMemory:
    return FolderInMemory(tmp_path / "mine.gguf")


@pytest.fixture
def chat() -> Chat:
    return Chat()


@pytest.fixture
def changes() -> list[str]:
    return []


@pytest.fixture
def models(folder: FolderInMemory, chat: Chat, changes: list[str]) -> Models:
    return Models(
        files=folder,
        chat=chat,
        jobs=InlineJobQueue(),
        defaults=("finder", "small", "better"),
        changed=lambda: changes.append("changed"),
    )


def test_the_list_says_what_is_there_and_what_is_a_default(models, folder) -> None:
    folder.there.append("small")
    states = {state.name: state for state in models.files()}
    assert list(states) == ["finder", "small", "better", "huge"]
    assert [name for name, state in states.items() if state.installed] == ["small"]
    assert [name for name, state in states.items() if state.default] == ["finder", "small", "better"]
    assert states["small"].size_bytes == 100
    assert states["small"].licence == "MIT"


def test_a_file_of_ones_own_is_listed_last(models, folder) -> None:
    folder.own.write_bytes(b"GGUF")
    last = models.files()[-1]
    assert (last.name, last.role, last.size_bytes, last.installed, last.licence) == ("mine", "own", 4, True, "")


def test_pull_is_a_job_with_progress_in_bytes(models, chat, changes) -> None:
    job = models.pull("huge")
    assert (job.kind, job.title, job.state) == ("pull-model", "huge", JobState.DONE)
    assert (job.done, job.total, job.unit) == (100, 100, "bytes")
    assert {state.name: state.job for state in models.files()}["huge"] == job
    assert (chat.looked, changes) == (1, ["changed"])


def test_a_failed_pull_says_why_and_can_be_tried_again(tmp_path, chat) -> None:
    folder = FolderInMemory(tmp_path / "x", broken=frozenset({"small"}))
    models = Models(files=folder, chat=chat, jobs=InlineJobQueue())
    failed = models.pull("small")
    assert failed.state is JobState.FAILED
    assert "line is down" in str(failed.error)
    assert chat.looked == 0
    folder.broken = frozenset()
    assert models.pull("small").state is JobState.DONE
    assert {state.name: state.job.state for state in models.files() if state.job} == {"small": JobState.DONE}


def test_an_unknown_model_is_refused_before_any_job(models, folder) -> None:
    with pytest.raises(NotFound) as caught:
        models.pull("nothing")
    assert "models list" in caught.value.hint
    assert folder.pulled == []


def test_defaults_are_fetched_one_after_another_and_only_once(models, folder) -> None:
    folder.there.append("finder")
    assert [job.title for job in models.ensure_defaults()] == ["small"]
    assert folder.pulled == ["small", "better"]
    assert models.ensure_defaults() == []


def test_one_default_that_fails_does_not_hold_up_the_others(models, folder) -> None:
    folder.broken = frozenset({"finder"})
    assert [job.state for job in models.ensure_defaults()] == [JobState.FAILED]
    assert folder.there == ["small", "better"]


def test_on_threads_the_defaults_arrive_in_order(folder, chat) -> None:
    jobs = ThreadJobQueue()
    models = Models(files=folder, chat=chat, jobs=jobs, defaults=("finder", "small", "better"))
    models.ensure_defaults()
    for name in ("finder", "small", "better"):
        assert {job.title: jobs.wait(job.id, 30).state for job in jobs.find()}[name] is JobState.DONE
    assert folder.pulled == ["finder", "small", "better"]
    jobs.close()


def test_a_model_that_is_being_fetched_is_not_fetched_twice(models, folder) -> None:
    """Asked for again from inside the running job, as a second click would."""
    seen = []
    plain = folder.pull

    def pull_with_a_second_click(name: str) -> Generator[Progress, None, None]:
        for progress in plain(name):
            seen.append(models.files()[1].job.state)
            yield progress

    folder.pull = pull_with_a_second_click
    models.pull("small")
    assert seen == [JobState.RUNNING, JobState.RUNNING]


def test_fetching_in_the_foreground_yields_progress_and_tells(models, folder, chat, changes) -> None:
    assert [progress.stage for progress in models.pull_now("small")] == ["fetching", "done"]
    assert (folder.there, chat.looked, changes) == (["small"], 1, ["changed"])


def test_remove_tells_the_servers(models, folder, chat) -> None:
    folder.there.append("small")
    models.remove("small")
    assert (folder.there, chat.looked) == ([], 1)


def test_verify_and_chat_models_are_handed_on(models) -> None:
    assert [check.state for check in models.verify("small")] == ["ok"]
    assert [model.name for model in models.chat_models()] == ["small"]
