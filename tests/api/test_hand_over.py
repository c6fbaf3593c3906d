"""The command line works while the page is open: the process that owns the library does the work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from basicchat import bootstrap, settings
from basicchat.adapters.owner.client import OwnerClient, RemoteAssistant
from basicchat.adapters.owner.lock import OwnerCard
from basicchat.core.errors import InvalidInput, NotFound, StoreError, StoreLocked
from basicchat.core.events import Finished
from basicchat.core.filters import Filter
from basicchat.core.types import FileStatus, Progress
from basicchat.toolbox import text_of

TEXT = "The tenant may keep one small dog.\n\nThe notice period is ninety days.\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def page(home: Path) -> Iterator[subprocess.Popen[str]]:
    """The page in a process of its own, over a library with one document."""
    environment = os.environ | {"BASICCHAT_HOME": str(home), "BASICCHAT_PROFILE": "fake"}
    command = [sys.executable, "-m", "basicchat", "ui", "--no-browser", "--port", "8790"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            next(line for line in process.stdout if "http://" in line)
            yield process
        finally:
            process.terminate()


@pytest.fixture
def remote(page: subprocess.Popen[str], home: Path) -> Iterator[RemoteAssistant]:
    opened = bootstrap.open_for_command(settings.load(home=home, profile="fake"))
    assert isinstance(opened, RemoteAssistant)
    with opened:
        yield opened


@pytest.fixture
def lease(tmp_path: Path) -> Path:
    path = tmp_path / "lease.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_how_kept_answers_were_made(remote: RemoteAssistant) -> None:
    assert remote.traces.answers(limit=5) == []
    with pytest.raises(NotFound):
        remote.traces.get("none")


def test_everything_a_command_needs(remote: RemoteAssistant, lease: Path) -> None:
    heard: list[tuple[str, Progress]] = []
    round_about = lease.parent / ".." / lease.parent.name / lease.name
    outcomes = list(remote.library.ingest([round_about], report=lambda path, progress: heard.append((path, progress))))
    assert [outcome.status for outcome in outcomes] == [FileStatus.DONE]
    assert outcomes[0].path == str(round_about)
    assert heard
    document = remote.library.documents()[0]
    assert document.source == str(lease)
    assert remote.library.document(document.id) == document
    assert remote.library.collections() == ["default"]
    hits = remote.search("notice period", top_k=3)
    assert "ninety days" in hits[0].chunk.text
    assert remote.search("notice period", only=Filter(kinds=("text/plain",), pages=((1, 2),)))[:3] == hits
    with pytest.raises(InvalidInput):
        remote.search("notice period", only=Filter(tags=("none",)))
    assert remote.ask("What is the notice period?", mode="extractive").citations
    assert isinstance(list(remote.stream("What is the notice period?", mode="extractive"))[-1], Finished)
    assert all(check.ok for check in remote.doctor(deep=True) if check.name != "disk")
    _check(remote, lease.parent / "garden.txt")
    _curate(remote, document.id)
    remote.library.remove(document.id)
    assert remote.library.documents() == []


def _check(remote: RemoteAssistant, other: Path) -> None:
    other.write_text("Roses want pruning each February before buds swell.\n", encoding="utf-8")
    (taken,) = remote.library.ingest([other])
    heard: list[Progress] = []
    checked = remote.quality.checked(count=3, report=lambda _, progress: heard.append(progress))
    assert isinstance(checked, dict)
    assert len(checked["rows"]) == 2
    assert {progress.stage for progress in heard} >= {"asking", "answering"}
    remote.library.remove(taken.document_id or "")


def _curate(remote: RemoteAssistant, document_id: str) -> None:
    curation = remote.curation
    curation.tag([document_id], ["lease", "draft"])
    curation.untag([document_id], ["draft"])
    assert curation.tags() == {"lease": 1}
    (entry,) = curation.entries("lease", tag="lease", state="ready")
    assert entry.document.id == document_id
    chunk = remote.library.chunks(document_id)[0]
    assert curation.edit_chunk(chunk.id, "No dogs at all.").edited
    assert [version.text for version in curation.history(chunk.id)] == [chunk.text, "No dogs at all."]
    assert curation.rollback(chunk.id, 0) == chunk
    assert curation.move([document_id], "default") == [document_id]
    with pytest.raises(NotFound):
        curation.remove(["no-such-document"])


def test_errors_arrive_as_they_were_raised(remote: RemoteAssistant) -> None:
    with pytest.raises(NotFound) as caught:
        remote.library.document("no-such-document")
    assert caught.value.hint


def test_relative_paths_are_those_of_the_caller(
    remote: RemoteAssistant, lease: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(lease.parent)
    outcomes = remote.ingest([Path("lease.txt")])
    assert [(outcome.path, outcome.status) for outcome in outcomes] == [("lease.txt", FileStatus.DONE)]
    remote.library.remove(str(outcomes[0].document_id))


def test_the_command_line_hands_over(page: subprocess.Popen[str], home: Path, lease: Path) -> None:
    environment = os.environ | {"BASICCHAT_HOME": str(home), "BASICCHAT_PROFILE": "fake"}
    command = [sys.executable, "-m", "basicchat", "ingest", str(lease), "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["files"][0]["status"] == "done"


def test_the_embedder_is_switched_by_the_owner(remote: RemoteAssistant, lease: Path) -> None:
    outcome = remote.ingest([lease])[0]
    assert remote.reindexing.status().active == "hashing-256"
    assert remote.reindexing.switch("hashing-256") is None
    for move, serves in ((lambda: remote.reindexing.switch("hashing-64"), "64"), (remote.reindexing.back, "256")):
        assert move() is not None
        while remote.reindexing.status().building:
            assert "ninety days" in remote.search("notice period", top_k=1)[0].chunk.text
        assert remote.reindexing.status().active == f"hashing-{serves}"
        assert "ninety days" in remote.search("notice period", top_k=1)[0].chunk.text
    assert remote.reindexing.drop_old() == "hashing-64"
    assert remote.reindexing.complete() == 0
    remote.library.remove(str(outcome.document_id))


def test_a_backup_is_made_while_another_process_owns_the_library(
    remote: RemoteAssistant, home: Path, lease: Path, tmp_path: Path
) -> None:
    outcome = remote.ingest([lease])[0]
    backups = bootstrap.open_backups(settings.load(home=home, profile="fake"))
    file, manifest = backups.create(tmp_path)
    assert manifest.counts["documents"] == len(remote.library.documents())
    assert backups.verify(file) == manifest
    with pytest.raises(StoreLocked):
        bootstrap.restore_backup(settings.load(home=home, profile="fake"), file, force=True)
    remote.library.remove(str(outcome.document_id))


def test_tools_read_what_another_process_owns(remote: RemoteAssistant, home: Path, lease: Path) -> None:
    remote.ingest([lease])
    box = bootstrap.open_toolbox(settings.load(home=home, profile="fake"), lambda: remote)
    assert "one small dog" in text_of(box.call("documents", {"query": "How many dogs may the tenant keep?"}))
    assert "ninety days" in text_of(box.call("reader", {"document": "lease"}))
    assert "has a table" in text_of(box.call("table_sql", {}))


def test_a_second_owner_is_refused(page: subprocess.Popen[str], home: Path) -> None:
    with pytest.raises(StoreLocked, match=f"process {page.pid}"):
        bootstrap.open_assistant(settings.load(home=home, profile="fake"))


def test_without_the_token_nothing_is_told(page: subprocess.Popen[str], home: Path) -> None:
    card = json.loads((home / "fake" / "owner.json").read_text(encoding="utf-8"))
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": card["token"]}):
        answer = httpx.post(card["url"] + "/call/library.documents", json={}, headers=headers, trust_env=False)
        assert answer.status_code == httpx.codes.UNAUTHORIZED


def test_what_is_not_listed_cannot_be_called(remote: RemoteAssistant, home: Path) -> None:
    card = json.loads((home / "fake" / "owner.json").read_text(encoding="utf-8"))
    client = OwnerClient(OwnerCard(**card))
    with pytest.raises(NotFound):
        client.call("close")
    client.close()


def test_an_owner_that_went_away_is_explained() -> None:
    client = OwnerClient(OwnerCard(pid=1, host="here", started_at=0, doing="page", url="http://127.0.0.1:9", token="t"))
    assert not client.answers()
    with pytest.raises(StoreError) as caught:
        client.call("library.documents")
    assert caught.value.hint
    client.close()
