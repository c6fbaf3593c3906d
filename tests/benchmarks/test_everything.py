"""One command for all tables: what it runs, what it writes, and what it does when something fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.__main__ import PAGE, main
from benchmarks.catalogue import BENCHMARKS, NO_TABLES, Benchmark
from benchmarks.page import Run, Table, blocks, rendered

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
TEXT = """# Figures

Prose before.

<!-- table: one -->
| old |
|---|
| 1 |
<!-- end: one -->

Prose | between.

<!-- table: two -->
| kept |
<!-- end: two -->
"""
DONE = Run("one", "python -m benchmarks.one", "2026-11-28", "2 cores", 1.0, (Table("T", ("a", "b"), (("1", "2"),)),))
ABSENT = Benchmark("there_is_no_such", "nothing", 1, 1)


def test_only_the_block_of_a_run_changes() -> None:
    page = rendered(TEXT, {"one": DONE, "three": DONE})
    assert "| old |" not in page
    assert "`python -m benchmarks.one`, 2026-11-28; 2 cores." in page
    assert "| a | b |\n| --- | --- |\n| 1 | 2 |\n<!-- end: one -->" in page
    for prose in ("Prose before.", "Prose | between.", "| kept |"):
        assert prose in page
    assert rendered(page, {"one": DONE}) == page
    assert blocks(page) == ["one", "two"]


def test_a_block_without_an_end_is_told() -> None:
    with pytest.raises(ValueError, match="does not end"):
        rendered("<!-- table: one -->\n| x |\n", {"one": DONE})


def test_every_block_of_the_page_has_a_benchmark() -> None:
    names = blocks(PAGE.read_text(encoding="utf-8"))
    assert len(set(names)) == len(names) > 10
    assert set(names) <= {each.name for each in BENCHMARKS}


def test_every_benchmark_is_in_the_catalogue() -> None:
    commands = {
        file.stem
        for file in FOLDER.glob("*.py")
        if file.stem != "__main__" and '__name__ == "__main__"' in file.read_text(encoding="utf-8")
    }
    assert commands == {each.name for each in BENCHMARKS} | NO_TABLES


def test_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    assert all(each.name in capsys.readouterr().out for each in BENCHMARKS[:1])


@pytest.mark.evals
def test_what_fails_is_told_and_the_others_go_on(
    evals: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    page.write_text(TEXT.replace("one", "grader"), encoding="utf-8")
    grader = next(each for each in BENCHMARKS if each.name == "grader")
    told = ["--tables", str(tmp_path / "tables"), "--page", str(page), "--short"]
    assert main(told, [ABSENT, grader]) == 1
    assert "there_is_no_such failed" in capfd.readouterr().err
    kept = json.loads((tmp_path / "tables" / "grader.json").read_text(encoding="utf-8"))
    assert kept["command"] == "python -m benchmarks.grader"
    assert len(kept["tables"]) == 3
    assert "Agreement of the grader with people. `python -m benchmarks.grader`" in page.read_text(encoding="utf-8")
    assert main([*told, "--only", ABSENT.name], [ABSENT, grader]) == 1
