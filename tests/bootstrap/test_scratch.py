"""What lies on disk for a moment lies in the home, and goes."""

from __future__ import annotations

import zipfile
from pathlib import Path

from basicchat.bootstrap.opening import open_assistant
from basicchat.bootstrap.parts import scratch_folder
from basicchat.settings import Settings


def test_what_a_killed_process_left_unpacked_is_deleted_by_the_next_one(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, profile="fake")
    left = scratch_folder(settings) / "unpacked-1" / "payslip.md"
    left.parent.mkdir(parents=True)
    left.write_text("Salary: 1,000")
    with open_assistant(settings):
        assert not left.exists()


def test_archives_are_unpacked_in_the_home_and_nothing_of_them_stays(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", profile="fake")
    scratch = scratch_folder(settings)
    packed = tmp_path / "papers.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("payslip.md", "Salary: 1,000")
    seen: list[str] = []
    with open_assistant(settings) as assistant:
        outcomes = list(
            assistant.library.ingest(
                [packed], report=lambda *_: seen.extend(path.name for path in scratch.rglob("*.md"))
            )
        )
        assert [outcome.document_id is not None for outcome in outcomes] == [True]
        assert seen
        assert list(scratch.iterdir()) == []
