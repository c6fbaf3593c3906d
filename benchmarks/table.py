"""What every benchmark shares: where the data is, what machine this is, and a table in Markdown."""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from basicchat.settings import Settings, load

REPOSITORY = Path(__file__).resolve().parents[1]
EVALS = REPOSITORY.parent / "shared" / "evals"
TABLES = "BENCHMARK_TABLES"
"""The variable of the environment that names a file for tables as JSON Lines."""


def evaluation_set(name: str) -> Path:
    """The folder of an evaluation set; ends the command with a sentence where it is absent."""
    folder = EVALS / name
    if not folder.is_dir():
        sys.exit(f"The evaluation set {name} is not in {EVALS}; this benchmark needs it.")
    return folder


def machine() -> str:
    """One line about this machine."""
    memory = psutil.virtual_memory().total / 2**30
    cores = psutil.cpu_count()
    return (
        f"{platform.system()} {platform.machine()}, {cores} cores, {memory:.0f} GiB, Python {platform.python_version()}"
    )


def print_table(title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A Markdown table with its machine and date; also a line of JSON in the file that `TABLES` names, if it does."""
    cells = [[_cell(cell) for cell in row] for row in rows]
    print(f"\n### {title}\n\n{machine()}; {time.strftime('%Y-%m-%d')}\n")
    print("\n".join(markdown(header, cells)))
    if file := os.environ.get(TABLES):
        with Path(file).open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({"title": title, "header": list(header), "rows": cells}, ensure_ascii=False) + "\n")


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a Markdown table."""
    body = ["| " + " | ".join(row) + " |" for row in rows]
    return ["| " + " | ".join(header) + " |", "|" + "|".join(" --- " for _ in header) + "|", *body]


def _cell(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of the values do not exceed, by linear interpolation."""
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[round(share * 100) - 1]


@contextmanager
def scratch_settings() -> Iterator[Settings]:
    """Settings with a home of their own that is deleted afterwards, and the model files of the everyday home."""
    everyday = load()
    with tempfile.TemporaryDirectory(prefix="basicchat-bench-", ignore_cleanup_errors=True) as home:
        models = everyday.models.model_copy(update={"folder": everyday.models_folder, "fetch": False})
        yield everyday.model_copy(update={"home": Path(home), "models": models})
