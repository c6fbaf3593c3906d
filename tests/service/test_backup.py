"""A backup holds one moment of a library that is used, and whoever restores it has that library again."""

from __future__ import annotations

import random
import shutil
import sqlite3
import struct
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count, takewhile
from pathlib import Path

import pytest

from basicchat import bootstrap
from basicchat.adapters.store.sqlalchemy import SqlStore
from basicchat.core.errors import Conflict, InvalidInput, StoreError
from basicchat.core.types import WatchedFolder
from basicchat.service.archive import LIBRARY, MANIFEST
from basicchat.service.assistant import Assistant
from basicchat.service.backup import Backups
from basicchat.service.restore import Restore
from basicchat.settings import Settings, load
from basicchat.testing.embedding import HashingEmbedder

TEXTS = {"ferry": "The ferry to Oban leaves at seven.", "bread": "Rye bread needs twelve hours to rise."}


def settings_of(home: Path) -> Settings:
    return load(home=home, profile="fake")


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.md").write_text(f"# {name}\n\n{text}\n", encoding="utf-8")
    return folder / f"{name}.md"


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BASICCHAT_HOME", "BASICCHAT_PROFILE", "BASICCHAT_MODELS__EMBEDDER"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path / "home")


@pytest.fixture
def assistant(settings: Settings, tmp_path: Path) -> Iterator[Assistant]:
    with bootstrap.open_assistant(settings) as opened:
        opened.ingest([write(tmp_path / "in", name, text) for name, text in TEXTS.items()])
        yield opened


def everything(opened: Assistant) -> object:
    """Documents, passages, conversations and the answer to a search: what a restored library must have too."""
    documents = sorted(opened.library.documents(), key=lambda document: document.id)
    conversations = opened.chats.list()
    return (
        documents,
        [opened.library.chunks(document.id) for document in documents],
        conversations,
        [opened.chats.turns(conversation.id) for conversation in conversations],
        [(hit.chunk, hit.score) for hit in opened.search("When does the ferry leave?")],
        [path.read_bytes() for document in documents if (path := opened.library.original(document.id))],
    )


def test_restored_elsewhere_all_is_there_and_nothing_is_embedded(
    assistant: Assistant, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = assistant.chats.create(title="Ferries")
    list(assistant.chats.send(conversation.id, "When does the ferry leave?", mode="extractive"))
    before = everything(assistant)
    file, manifest = bootstrap.open_backups(settings).create(tmp_path / "library.zip")
    assert manifest.counts == {"documents": 2, "passages": 2, "conversations": 1, "originals": 2}
    assert bootstrap.open_backups(settings).verify(file) == manifest
    assistant.close()
    shutil.rmtree(tmp_path / "in")
    shutil.rmtree(settings.home)
    elsewhere = settings_of(tmp_path / "elsewhere")
    assert bootstrap.restore_backup(elsewhere, file) == (manifest, None)
    embedded: list[str] = []
    monkeypatch.setattr(HashingEmbedder, "embed_passages", lambda _, texts: embedded.extend(texts))
    with bootstrap.open_assistant(elsewhere) as restored:
        assert restored.reindexing.complete() == 2
        monkeypatch.undo()
        assert everything(restored) == before
        assert all(check.ok for check in restored.doctor() if check.name != "disk")
    assert embedded == []


@contextmanager
def busy(assistant: Assistant, folder: Path) -> Iterator[None]:
    """One thread takes files in and out, another one chats, until the block ends."""
    stop, wrong = threading.Event(), []

    def take_in() -> None:
        for number in takewhile(lambda _: not stop.is_set(), count()):
            (outcome,) = assistant.ingest([write(folder, f"note{number}", f"Note {number} is blue.")])
            if number % 3 == 0 and outcome.document_id:
                assistant.library.remove(outcome.document_id)

    def chat() -> None:
        while not stop.is_set():
            conversation = assistant.chats.create(title="Ferries")
            list(assistant.chats.send(conversation.id, "When does the ferry leave?", mode="extractive"))

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - told by the test
            wrong.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in (take_in, chat)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_while_files_are_taken_in_and_removed_and_somebody_chats(
    assistant: Assistant, settings: Settings, tmp_path: Path
) -> None:
    backups = bootstrap.open_backups(settings)
    with busy(assistant, tmp_path / "more"):
        files = [backups.create(tmp_path / f"{number}.zip")[0] for number in range(4)]
    for number, file in enumerate(files):
        assert backups.verify(file).lost == ()
        home = settings_of(tmp_path / f"home{number}")
        bootstrap.restore_backup(home, file)
        with bootstrap.open_assistant(home) as restored:
            restored.reindexing.complete()
            wrong = [check.name for check in restored.doctor() if not check.ok and check.name != "disk"]
            assert set(wrong) <= {"removals"}  # the moment may lie within a removal, which is finished now
            assert all(check.ok for check in restored.doctor(repair=True) if check.name != "disk")
            assert restored.search("When does the ferry leave?")[0].chunk.text.endswith(TEXTS["ferry"])


@pytest.fixture
def backed_up(assistant: Assistant, settings: Settings, tmp_path: Path) -> Path:
    file, _ = bootstrap.open_backups(settings).create(tmp_path / "library.zip")
    assistant.close()
    return file


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup that is whole, to be copied and damaged."""
    folder = tmp_path_factory.mktemp("whole")
    settings = settings_of(folder / "home")
    with bootstrap.open_assistant(settings) as opened:
        opened.ingest([write(folder / "in", name, text) for name, text in TEXTS.items()])
    return bootstrap.open_backups(settings).create(folder / "library.zip")[0]


@pytest.fixture(scope="module")
def occupied(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with another library."""
    folder = tmp_path_factory.mktemp("occupied")
    settings = settings_of(folder / "home")
    with bootstrap.open_assistant(settings) as opened:
        opened.ingest([write(folder / "in", "other", "Another library.")])
    return settings


def flip_a_bit(file: Path, seed: int) -> None:
    """In what a member holds: a flip in a date of the archive's own lists changes nothing that is restored."""
    data = bytearray(file.read_bytes())
    chosen = random.Random(seed)  # noqa: S311
    with zipfile.ZipFile(file) as archive:
        member = chosen.choice([each for each in archive.infolist() if each.compress_size])
    name_length, extra_length = struct.unpack_from("<HH", data, member.header_offset + 26)
    start = member.header_offset + 30 + name_length + extra_length
    last = max(1, member.compress_size - 1)  # the bits after the end of the packed data mean nothing
    data[start + chosen.randrange(last)] ^= 1 << chosen.randrange(8)
    file.write_bytes(data)


def rewritten(file: Path, *, without: str = "", more: dict[str, bytes] | None = None) -> None:
    with zipfile.ZipFile(file) as archive:
        members = {
            name: archive.read(name) for name in archive.namelist() if not (without and name.startswith(without))
        }
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in (members | (more or {})).items():
            archive.writestr(name, data)


DAMAGE: dict[str, Callable[[Path], None]] = {
    **{f"bit flip {seed}": (lambda file, seed=seed: flip_a_bit(file, seed)) for seed in range(12)},
    "cut off": lambda file: file.write_bytes(file.read_bytes()[:-100]),
    "half": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "empty": lambda file: file.write_bytes(b""),
    "no zip": lambda file: file.write_bytes(b"hello" * 1000),
    "no manifest": lambda file: rewritten(file, without=MANIFEST),
    "a member is missing": lambda file: rewritten(file, without="files/"),
    "the library is missing": lambda file: rewritten(file, without=LIBRARY),
    "a member too much": lambda file: rewritten(file, more={"files/ab/abc.txt": b"x"}),
    "a path that climbs": lambda file: rewritten(file, more={"files/../../evil.txt": b"x"}),
    "an absolute path": lambda file: rewritten(file, more={"/etc/evil.txt": b"x"}),
    "another library": lambda file: rewritten(file, more={LIBRARY: b"SQLite format 3\x00" + b"\x00" * 5000}),
    "a manifest that is none": lambda file: rewritten(file, more={MANIFEST: b"[]"}),
}


def content(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("owner.lock", "basicchat.log")
    }


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_backup_is_refused_and_nothing_is_touched(
    whole: Path, occupied: Settings, tmp_path: Path, what: str
) -> None:
    file = Path(shutil.copy(whole, tmp_path / "library.zip"))
    before = content(occupied.home)
    DAMAGE[what](file)
    with pytest.raises(InvalidInput, match="is damaged") as caught:
        bootstrap.restore_backup(occupied, file, force=True)
    assert caught.value.hint
    assert content(occupied.home) == before
    with pytest.raises(InvalidInput, match="is damaged"):
        bootstrap.open_backups(occupied).verify(file)


def test_a_home_with_a_library_is_left_alone_unless_told(backed_up: Path, tmp_path: Path) -> None:
    target = settings_of(tmp_path / "target")
    with bootstrap.open_assistant(target) as opened:
        opened.ingest([write(tmp_path / "other", "other", "The walrus sleeps.")])
    before = content(target.home)
    with pytest.raises(Conflict, match="already"):
        bootstrap.restore_backup(target, backed_up)
    assert content(target.home) == before
    _, aside = bootstrap.restore_backup(target, backed_up, force=True)
    assert aside is not None
    assert (aside / "basicchat.sqlite").is_file()
    kept = SqlStore(aside / "basicchat.sqlite")
    with kept.begin() as unit:
        assert [document.title for document in unit.documents.find()] == ["other"]
    kept.close()
    with bootstrap.open_assistant(target) as opened:
        opened.reindexing.complete()
        assert opened.search("ferry")[0].document.title == "ferry"
        assert len(opened.library.documents()) == 2


def test_an_older_library_is_brought_up_to_date(backed_up: Path, tmp_path: Path) -> None:
    """What a backup of an older version holds is migrated in its new place."""
    home = tmp_path / "new"
    home.mkdir()
    backups = Backups(home / "basicchat.sqlite", home / "files", home / "settings.toml", SqlStore, "1")
    Restore(home, backups).restore(backed_up)
    with sqlite3.connect(home / "basicchat.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM documents WHERE indexed").fetchone() == (0,)
    connection.close()
    assert sorted(path.name for path in home.iterdir()) == ["basicchat.sqlite", "files"]


def test_settings_travel_without_their_secrets(assistant: Assistant, settings: Settings, tmp_path: Path) -> None:
    text = '# mine\nlog_level = "error"\nhub_token = "abc"\n\n[answer]\nmax_tokens = 99\napi_key = "def"\n'
    (settings.home / "settings.toml").write_text(text, encoding="utf-8")
    file, _ = bootstrap.open_backups(settings).create(tmp_path / "library.zip")
    assert b"abc" not in zipfile.ZipFile(file).read("settings.toml")
    bootstrap.restore_backup(settings_of(tmp_path / "new"), file)
    restored = (tmp_path / "new" / "settings.toml").read_text(encoding="utf-8")
    assert restored == '# mine\nlog_level = "error"\n\n[answer]\nmax_tokens = 99'
    hidden = 'servers = [1]\n[ollama]\nx = 1\n[ollama.deep]\n"api key" = 1\nnested = { password = "ghi" }\n'
    (settings.home / "settings.toml").write_text(hidden, encoding="utf-8")
    other, _ = bootstrap.open_backups(settings).create(tmp_path / "other.zip")
    assert "settings.toml" not in zipfile.ZipFile(other).namelist()


def test_an_original_that_was_lost_before_is_named(assistant: Assistant, settings: Settings, tmp_path: Path) -> None:
    original = assistant.library.original(assistant.library.documents()[0].id)
    assert original is not None
    original.unlink()
    file, manifest = bootstrap.open_backups(settings).create(tmp_path)
    assert file.parent == tmp_path
    assert len(manifest.lost) == 1
    assert bootstrap.open_backups(settings).verify(file) == manifest


def test_folders_that_are_not_there_are_paused(assistant: Assistant, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    store = SqlStore(settings.home / "fake" / "basicchat.sqlite")
    with store.begin() as unit:
        for name in ("there", "gone"):
            unit.folders.add(WatchedFolder(name, str(tmp_path / name)))
    file, _ = bootstrap.open_backups(settings).create(tmp_path / "library.zip")
    store.close()
    bootstrap.restore_backup(settings_of(tmp_path / "new"), file)
    restored = SqlStore(tmp_path / "new" / "fake" / "basicchat.sqlite")
    with restored.begin() as unit:
        assert {folder.id: folder.paused for folder in unit.folders.find()} == {"there": False, "gone": True}
    restored.close()


def test_a_file_that_is_there_is_not_overwritten(assistant: Assistant, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "library.zip").write_bytes(b"mine")
    with pytest.raises(Conflict):
        bootstrap.open_backups(settings).create(tmp_path / "library.zip")
    assert (tmp_path / "library.zip").read_bytes() == b"mine"


def test_no_half_backup_is_left(assistant: Assistant, settings: Settings, tmp_path: Path) -> None:
    def stop(_: object) -> None:
        raise StoreError("The disk is full.")

    (tmp_path / "out").mkdir()
    with pytest.raises(StoreError):
        bootstrap.open_backups(settings).create(tmp_path / "out" / "library.zip", tell=stop)
    assert list((tmp_path / "out").iterdir()) == []
