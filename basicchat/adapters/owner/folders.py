"""The followed folders of another process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from basicchat.core.codec import from_json
from basicchat.core.types import DEFAULT_COLLECTION, FileState, Job, Json, Progress, SyncReport, WatchedFolder

Report = Callable[[str, Progress], None]


class Caller(Protocol):
    """What carries calls to the owner."""

    def call(self, operation: str, **arguments: object) -> Json:
        """The JSON result of one operation."""

    def stream(self, operation: str, **arguments: object) -> Iterator[Json]:
        """The JSON items of one operation."""


class RemoteFolders:
    """The folders that the owner follows. Paths are made absolute: the owner runs in another folder."""

    def __init__(self, client: Caller) -> None:
        self._client = client

    def all(self) -> list[WatchedFolder]:
        """Every followed folder, by path."""
        return from_json(list[WatchedFolder], self._client.call("folders.all"))

    def add(self, path: Path, *, collection: str = DEFAULT_COLLECTION, ignore: Sequence[str] = ()) -> WatchedFolder:
        """Follow a folder."""
        arguments = {"path": Path(path).absolute(), "collection": collection, "ignore": list(ignore)}
        return from_json(WatchedFolder, self._client.call("folders.add", **arguments))

    def files(self, folder: str) -> list[FileState]:
        """What is known of the files of a folder."""
        return from_json(list[FileState], self._client.call("folders.files", folder=_whole(folder)))

    def remove(self, folder: str, *, documents: bool = False) -> int:
        """Follow a folder no more; with ``documents``, let go what came from it too."""
        return from_json(int, self._client.call("folders.remove", folder=_whole(folder), documents=documents))

    def pause(self, folder: str, *, paused: bool = True) -> WatchedFolder:
        """Follow a folder only when asked by name, or follow it again."""
        return from_json(WatchedFolder, self._client.call("folders.pause", folder=_whole(folder), paused=paused))

    def submit(self, folder: str | None = None, *, again: bool = False) -> Job:
        """Follow a folder, or all, in the background."""
        return from_json(Job, self._client.call("folders.submit", folder=folder and _whole(folder), again=again))

    def sync(self, folder: str | None = None, *, again: bool = False, report: Report | None = None) -> list[SyncReport]:
        """Follow a folder, or all that are not paused, now."""
        reports = []
        for item in self._client.stream("folders.sync", folder=folder and _whole(folder), again=again):
            if not isinstance(item, dict):
                continue
            if "folder" in item:
                reports.append(from_json(SyncReport, item["folder"]))
            elif report is not None:
                report(str(item.get("path")), from_json(Progress, item.get("progress")))
        return reports


def _whole(folder: str) -> str:
    """The absolute path of a folder that is there; anything else may be an id and stays as it is."""
    return str(Path(folder).absolute()) if Path(folder).exists() or "/" in folder or "\\" in folder else folder
