"""The page of benchmarks: what stands between two markers is generated, the prose around it is not touched.

A block is ``<!-- table: NAME -->`` to ``<!-- end: NAME -->``, each on a line of its own, at most once a benchmark.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from basicchat.core.types import Json
from benchmarks.table import markdown


@dataclass(frozen=True)
class Table:
    """A table as a benchmark printed it."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Run:
    """What a benchmark printed, when, where, and by which command. ``seconds`` is how long it took."""

    name: str
    command: str
    date: str
    machine: str
    seconds: float
    tables: tuple[Table, ...]
    short: bool = False

    @property
    def origin(self) -> str:
        """Date, machine and command in one line."""
        return f"`{self.command}`{', a short run' if self.short else ''}, {self.date}; {self.machine}."


def rendered(page: str, runs: dict[str, Run]) -> str:
    """The page with the block of every run in ``runs`` that has one; blocks of others stay as they are.

    Raises `ValueError` for a block that does not end.
    """
    for name, run in runs.items():
        begin, end = f"<!-- table: {name} -->\n", f"<!-- end: {name} -->"
        if begin not in page:
            continue
        before, _, rest = page.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            raise ValueError(f"The block of {name} does not end with {end}")
        page = f"{before}{begin}{_block(run)}{end}{after}"
    return page


def blocks(page: str) -> list[str]:
    """Names of the blocks of a page, in order."""
    return re.findall(r"^<!-- table: (\w+) -->$", page, re.MULTILINE)


def _block(run: Run) -> str:
    parts = [
        f"{table.title}. {run.origin}\n\n" + "\n".join(markdown(table.header, table.rows)) + "\n"
        for table in run.tables
    ]
    return "\n".join(parts)


def as_json(run: Run) -> dict[str, Json]:
    """The run for programs."""
    tables: list[Json] = [
        {"title": table.title, "header": list(table.header), "rows": [list(row) for row in table.rows]}
        for table in run.tables
    ]
    return {
        "name": run.name,
        "command": run.command,
        "short": run.short,
        "date": run.date,
        "machine": run.machine,
        "seconds": run.seconds,
        "tables": tables,
    }
