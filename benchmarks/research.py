"""Deep research over 13 annual reports, killed twice: does it resume, and does every citation resolve?

``python -m benchmarks.research --model NAME`` takes the PDFs of FinanceBench in, begins an inquiry in a process of its
own, kills that process twice with SIGKILL in the middle of a step, lets a third one end it, and prints a table. A step
counts as repeated where it was begun again after it was finished. The home stays in ``output/research``, so a run that
``--minutes`` ended goes on; ``--fresh`` begins anew.

A citation resolves where its number has a source, and the page of the library holds the quoted words at that place.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from basicchat import bootstrap
from basicchat.core.errors import NotFound
from basicchat.core.research import Note, Report, Study
from basicchat.core.types import JobState
from basicchat.reason.research.course import Run
from basicchat.reason.research.report import numbers_in
from basicchat.service.assistant import Assistant
from basicchat.service.research import Keeping
from basicchat.settings import JobSettings, Settings
from benchmarks.table import REPOSITORY, evaluation_set, print_table, scratch_settings

KEPT = REPOSITORY / "output" / "research"
QUESTION = "How did the revenue and the profit of these companies change, and which reasons and risks do they name?"
KILLS_AFTER = (5, 11)
"""Steps begun when the process is killed."""

INTO_A_STEP = 0.7
"""Seconds that a step has gone on when the process is killed."""


@dataclass(frozen=True)
class Line:
    """What a process said: ``begun`` or ``kept`` a step, or that it was ``killed``."""

    what: str
    step: str
    life: int


def main() -> None:
    """Kill, resume, look, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--parts", type=int, default=4)
    parser.add_argument("--sources", type=int, default=3, help="documents read for each part")
    parser.add_argument("--documents", type=int, default=13, help="as few as these, to try it out")
    parser.add_argument("--minutes", type=float, default=60.0, help="stop after so long; the next run goes on")
    parser.add_argument("--fresh", action="store_true", help="begin anew")
    parser.add_argument("--life", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    home = KEPT / given.model
    with scratch_settings() as scratch:
        settings = settings_for(scratch, home, given.model)
        if given.life is not None:
            live(settings, given)
            return
        if given.fresh:
            shutil.rmtree(home, ignore_errors=True)
        until = time.monotonic() + given.minutes * 60
        take_in(settings, given.documents)
        while not ended(home) and time.monotonic() < until:
            one_life(home, until)
        show(settings, home, given.model)


def settings_for(scratch: Settings, home: Path, model: str) -> Settings:
    """A home that stays, jobs that survive, and one model."""
    return scratch.model_copy(
        update={
            "home": home,
            "jobs": JobSettings(engine="durable"),
            "ollama": scratch.ollama.model_copy(update={"enabled": False}),
            "embedded": scratch.embedded.model_copy(update={"model": model}),
        }
    )


def take_in(settings: Settings, count: int) -> None:
    """Take the reports in, unless they are there."""
    files = sorted((evaluation_set("financebench") / "pdfs").glob("*.pdf"))[:count]
    with bootstrap.open_assistant(settings) as assistant:
        known = {Path(document.source).name for document in assistant.library.documents()}
        for outcome in assistant.ingest([file for file in files if file.name not in known]):
            if outcome.error:
                sys.exit(f"The reports could not be taken in: {outcome.error}")


# ---------------------------------------------------------------- a process that does it


def live(settings: Settings, given: argparse.Namespace) -> None:
    """Begin the inquiry or go on with it, and write every step down, in the process that is going to be killed."""
    log = settings.home / "lives.jsonl"
    original = Keeping.keep

    def keep(self: Keeping, name: str, run: Run) -> Note:
        def told() -> Note:
            tell(log, Line("begun", name, given.life))
            return run()

        note = original(self, name, told)
        tell(log, Line("kept", name, given.life))
        return note

    Keeping.keep = keep  # type: ignore[method-assign]
    with bootstrap.shared_assistant(settings) as assistant:
        known = assistant.research.all()
        study = known[0] if known else assistant.research.submit(
            QUESTION, model=given.model, most_parts=given.parts, most_sources=given.sources
        )  # fmt: skip
        assistant.jobs.wait(study.id)
        tell(log, Line("ended", "", given.life))


def tell(log: Path, line: Line) -> None:
    """Write a line, at once."""
    with log.open("a", encoding="utf-8") as file:
        file.write(json.dumps([line.what, line.step, line.life]) + "\n")


def lines(home: Path) -> list[Line]:
    """What all processes said."""
    log = home / "lives.jsonl"
    found = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    return [Line(*json.loads(line)) for line in found]


def ended(home: Path) -> bool:
    """Whether the inquiry came to its end."""
    return any(line.what == "ended" for line in lines(home))


def one_life(home: Path, until: float) -> None:
    """Start a process, and kill it if it is one of the first two; stop it where the time is over."""
    said = lines(home)
    life = 1 + max((line.life for line in said), default=0)
    kills = sum(line.what == "killed" for line in said)
    command = [sys.executable, "-m", "benchmarks.research", *sys.argv[1:], "--life", str(life)]
    with started([word for word in command if word != "--fresh"]) as process:
        while process.poll() is None:
            begun = len({line.step for line in lines(home) if line.what == "begun"})
            if kills < len(KILLS_AFTER) and begun >= KILLS_AFTER[kills]:
                time.sleep(INTO_A_STEP)
                process.send_signal(signal.SIGKILL)
                tell(home / "lives.jsonl", Line("killed", "", life))
                return
            if time.monotonic() >= until:
                process.terminate()
                tell(home / "lives.jsonl", Line("stopped", "", life))
                return
            time.sleep(0.05)
    if process.returncode:
        sys.exit(f"Life {life} ended by itself with {process.returncode}.")


@contextmanager
def started(command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process, waited for at the end."""
    with subprocess.Popen(command, cwd=REPOSITORY, env=dict(os.environ)) as process:
        yield process


# ---------------------------------------------------------------- what came of it


def repeated(said: Sequence[Line]) -> int:
    """Steps that were begun again after they were finished."""
    kept: set[str] = set()
    count = 0
    for line in said:
        count += line.what == "begun" and line.step in kept
        if line.what == "kept":
            kept.add(line.step)
    return count


def interrupted(said: Sequence[Line]) -> int:
    """Steps that were begun more than once because a kill came in between."""
    begun = [line.step for line in said if line.what == "begun"]
    return len(begun) - len(set(begun)) - repeated(said)


def resolved(assistant: Assistant, report: Report) -> int:
    """Numbers in the report whose source is there and whose quoted words stand at their place in the library now."""
    by_number = {each.number: each for each in report.citations}
    good = 0
    for number in numbers_in(report):
        citation = by_number.get(number)
        if citation is None:
            continue
        try:
            page = assistant.library.page(citation.document_id, citation.page)
        except NotFound:
            continue
        good += page.text[citation.start : citation.end].split() == citation.quote.split()
    return good


def show(settings: Settings, home: Path, model: str) -> None:
    """The table, and the report in a file beside it."""
    said = lines(home)
    with bootstrap.open_assistant(settings) as assistant:
        study: Study = assistant.research.all()[0]
        if study.report is None or study.state is not JobState.DONE:
            print(f"{study.done} of {study.total} steps are done ({study.state.value}). {study.error} Run it again.")
            return
        report = study.report
        good = resolved(assistant, report)
        file = home / "report.md"
        file.write_text(assistant.research.export(study.id), encoding="utf-8")
        (home / "report.html").write_text(assistant.research.export(study.id, "html"), encoding="utf-8")
    numbers = numbers_in(report)
    standing = [section.standing for section in report.sections]
    header = (
        *("documents", "killed", "steps", "steps interrupted", "finished steps repeated", "sections"),
        *("written / quoted / silent", "sentences kept", "left out", "citations", "resolved", "minutes", "tokens"),
    )
    left_out = sum(len(section.left_out) for section in report.sections)
    row = (
        *(report.documents, sum(line.what == "killed" for line in said), report.steps + 1),
        *(interrupted(said), repeated(said), len(report.sections)),
        " / ".join(str(standing.count(word)) for word in ("written", "quoted", "silent")),
        *(sum(section.checked for section in report.sections) - left_out, left_out),
        *(len(numbers), good, f"{report.seconds / 60:.1f}", report.written),
    )
    print_table(f"Deep research, {model}", header, [row])
    print(f"\n“{report.question}”\nThe report: {file.relative_to(REPOSITORY)}")


if __name__ == "__main__":
    main()
