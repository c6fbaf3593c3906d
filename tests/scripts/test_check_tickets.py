"""A finished criterion is only finished with a test that runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

TESTS = """
import pytest

class TestClass:
    def test_inside(self): pass

class TestOfASuite(Suite): pass

def test_good(): pass

@pytest.mark.skipif(True, reason="sometimes")
def test_sometimes(): pass

@pytest.mark.skip(reason="never")
def test_never(): pass

@pytest.mark.xfail
def test_fails(): pass

def test_gives_up():
    pytest.skip("always")

def helper(): pass
"""
FORM = "# Title\n\n## Why\n\na\n\n## What\n\nb\n\n## Out of scope\n\nc\n\n## Acceptance\n\n"


@pytest.fixture
def checker(script: Any) -> dict[str, Any]:
    return script("check_tickets")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "tickets").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text(TESTS)
    return tmp_path


def check(checker: dict[str, Any], root: Path, criterion: str, *, name: str = "0001-a-thing.md") -> int:
    (root / "tickets" / name).write_text(f"{FORM}{criterion}\n")
    return int(checker["main"](["--write-index"], root))


@pytest.mark.parametrize("name", ["test_good", "test_sometimes", "TestClass::test_inside", "TestOfASuite"])
def test_a_proof_that_counts(checker: dict[str, Any], root: Path, name: str) -> None:
    assert check(checker, root, f"- [x] Done. (test: tests/test_a.py::{name})") == 0


@pytest.mark.parametrize("name", ["test_absent", "test_never", "test_fails", "test_gives_up", "helper", "TestClass"])
def test_a_proof_that_does_not(checker: dict[str, Any], root: Path, name: str) -> None:
    assert check(checker, root, f"- [x] Done. (test: tests/test_a.py::{name})") == 1


def test_a_finished_criterion_needs_a_proof(checker: dict[str, Any], root: Path) -> None:
    assert check(checker, root, "- [x] Done.") == 1
    assert check(checker, root, "- [x] Done. (test: tests/test_b.py::test_good)") == 1
    assert check(checker, root, "- [ ] Not yet.") == 0


def test_the_form(checker: dict[str, Any], root: Path) -> None:
    assert check(checker, root, "") == 1
    assert check(checker, root, "- [ ] Not yet.", name="1-thing.md") == 1


def test_a_stale_index_is_found(checker: dict[str, Any], root: Path) -> None:
    assert check(checker, root, "- [ ] Not yet.") == 0
    (root / "tickets" / "0002-more.md").write_text(f"{FORM}- [ ] Not yet.\n")
    assert checker["main"]([], root) == 1


def test_our_own_tickets(checker: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert checker["main"]([]) == 0, capsys.readouterr().out
