"""What README and docs tell people to type is typed here, page by page, with the fake profile.

DOCUMENT_ID and CHUNK_ID stand for the newest document and its first passage.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from basicchat.cli.main import run

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path
    for path in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"))
    if "```console" in path.read_text(encoding="utf-8")
)
LEASE = "# Lease\n\n## Notice\n\nThe notice period is three months to the end of a quarter.\n"
QUESTIONS = (
    '{"_id": "1", "question": "How long is the notice period?"}\n{"_id": "2", "text": "Who pays for heating?"}\n'
)


def commands(page: Path) -> list[str]:
    """Lines after ``$`` in the console blocks of a page."""
    blocks = re.findall(r"```console\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def named(line: str, capsys: pytest.CaptureFixture[str]) -> str:
    """The line with real ids in it."""
    if "DOCUMENT_ID" in line:
        line = line.replace("DOCUMENT_ID", _newest(capsys))
    if "CHUNK_ID" in line:
        run(["library", "chunks", _newest(capsys), "--json"])
        line = line.replace("CHUNK_ID", json.loads(capsys.readouterr().out)["chunks"][0]["id"])
    return line


def _newest(capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    run(["library", "list", "--json"])
    newest: str = json.loads(capsys.readouterr().out)["documents"][0]["id"]
    return newest


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_commands_run(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BASICCHAT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BASICCHAT_PROFILE", "fake")
    (tmp_path / "lease.md").write_text(LEASE, encoding="utf-8")
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "flat.md").write_text(f"{LEASE}\nFor the flat.\n", encoding="utf-8")
    (tmp_path / "contracts" / "heating.txt").write_text("The landlord pays for heating.\n", encoding="utf-8")
    (tmp_path / "questions.jsonl").write_text(QUESTIONS, encoding="utf-8")
    shutil.copytree(ROOT / "tests" / "evaluate" / "data", tmp_path / "my-set")
    for line in commands(page):
        program, *arguments = shlex.split(named(line, capsys))
        assert program == "basicchat"
        assert run(arguments) == 0, (line, capsys.readouterr())


def test_python_of_the_readme(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BASICCHAT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BASICCHAT_PROFILE", "fake")
    (tmp_path / "lease.md").write_text(LEASE, encoding="utf-8")
    (source,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.DOTALL)
    exec(compile(source, "README.md", "exec"), {})  # noqa: S102 - our own README
    assert "three months" in capsys.readouterr().out


def test_links_lead_somewhere() -> None:
    missing = []
    for page in (
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "tickets").glob("*.md"),
    ):
        for target in re.findall(r"(?<!!)\[[^\]]*\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                missing.append(f"{page.relative_to(ROOT)}: {target}")
    assert missing == []
