"""Run the benchmarks and write all tables of docs/explanation/benchmarks.md again.

    python -m benchmarks                        everything, hours; the page is written again
    python -m benchmarks --only grader start    some of it
    python -m benchmarks --short                smaller runs; the page is left alone unless --page names one
    python -m benchmarks --list                 what there is

Each benchmark runs in a process of its own with its own time limit. Its tables go to output/tables/NAME.json as soon as
it has ended. One that fails is told and the others go on; the command then ends with 1.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.catalogue import BENCHMARKS, Benchmark
from benchmarks.page import Run, Table, as_json, rendered
from benchmarks.table import REPOSITORY, TABLES, machine

PAGE = REPOSITORY / "docs" / "explanation" / "benchmarks.md"
FOLDER = REPOSITORY / "output" / "tables"


class Failed(Exception):
    """A benchmark that printed no tables, with why."""


def main(arguments: Sequence[str] | None = None, benchmarks: Sequence[Benchmark] = BENCHMARKS) -> int:
    """Run what is asked for; 1 where anything failed."""
    asked = _asked(arguments, benchmarks)
    chosen = [each for each in benchmarks if not asked.only or each.name in asked.only]
    if asked.list:
        for each in chosen:
            print(f"{each.name:<18}{each.about}; at most {each.minutes} min, short {each.short_minutes} min")
        return 0
    page = asked.page or (None if asked.short else PAGE)
    asked.tables.mkdir(parents=True, exist_ok=True)
    failed = []
    for benchmark in chosen:
        print(f"== {benchmark.name}", flush=True)
        try:
            done = run(benchmark, short=asked.short)
        except Failed as error:
            failed.append(benchmark.name)
            print(f"{benchmark.name} failed: {error}", file=sys.stderr, flush=True)
            continue
        (asked.tables / f"{benchmark.name}.json").write_text(
            json.dumps(as_json(done), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        if page is not None:
            page.write_text(rendered(page.read_text(encoding="utf-8"), {done.name: done}), encoding="utf-8")
    if failed:
        print(f"{len(failed)} of {len(chosen)} failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def run(benchmark: Benchmark, *, short: bool) -> Run:
    """Run one benchmark to its end; what it prints is shown. Raises `Failed`, also when its time is over."""
    command = benchmark.command(short=short)
    minutes = benchmark.short_minutes if short else benchmark.minutes
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="basicchat-tables-") as folder:
        file = Path(folder) / "tables.jsonl"
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=REPOSITORY,
            env={**os.environ, TABLES: str(file), "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )
        try:
            code = process.wait(minutes * 60)
        except subprocess.TimeoutExpired as error:
            raise Failed(f"it did not end within {minutes} minutes") from error
        finally:
            _end(process)
        if code:
            raise Failed(f"it ended with {code}")
        tables = _tables(file)
    if not tables:
        raise Failed("it printed no table")
    seconds = round(time.monotonic() - started, 1)
    line = " ".join(("python -m", *command))
    return Run(benchmark.name, line, time.strftime("%Y-%m-%d"), machine(), seconds, tables, short)


def _tables(file: Path) -> tuple[Table, ...]:
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    found = map(json.loads, lines)
    return tuple(Table(each["title"], tuple(each["header"]), tuple(map(tuple, each["rows"]))) for each in found)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of a benchmark: the process and all that it started."""
    if process.poll() is not None:
        return
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def _asked(arguments: Sequence[str] | None, benchmarks: Sequence[Benchmark]) -> argparse.Namespace:
    options = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [each.name for each in benchmarks]
    options.add_argument("--only", nargs="+", choices=names, metavar="NAME", default=[], help="run these alone")
    options.add_argument("--list", action="store_true", help="say what there is and run nothing")
    options.add_argument("--short", action="store_true", help="smaller runs, to see that everything works")
    options.add_argument("--tables", type=Path, default=FOLDER, help="where tables are kept as JSON")
    options.add_argument("--page", type=Path, help="the page whose blocks are written again")
    return options.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
