"""Kill a library again and again while it takes files in and out; nothing may be lost, doubled or left over.

    python -m benchmarks.kills            fifty lives
    python -m benchmarks.kills 20 35      the lives 20 to 34

Each life dies at a boundary of a stage, chosen in turn, and at one random moment, in a random order; then it goes on to
its end, and everything it holds is compared with what an undisturbed life holds.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from basicchat.adapters.queue.durable import DurableJobQueue
from benchmarks.mortal import STAGES, Doom, Patient, differences
from benchmarks.table import print_table

LIVES = 50


@dataclass
class Tally:
    """What came of all lives."""

    boundaries: Counter[str] = field(default_factory=Counter)
    moments: int = 0
    ended_before: int = 0
    lost: int = 0
    doubled: int = 0
    complaints: int = 0
    seconds: float = 0.0


def engine_file(folder: Path) -> Path:
    """The file of a job engine that ran before: the first start of all takes a second longer."""
    queue = DurableJobQueue(folder)
    queue.register("nothing", lambda payload, context: None)
    queue.wait(queue.submit("nothing", None).id, 60)
    queue.close()
    return folder / "engine.sqlite"


def doom_of(seed: int, calls: dict[str, int], chance: random.Random) -> Doom:
    """A boundary: the stages in turn, before and after, at any of the calls that a life makes."""
    names = list(STAGES)
    stage = names[seed % len(names)]
    return Doom(stage, after=bool(seed // len(names) % 2), nth=chance.randint(1, calls[stage]))


def kill_and_end(patient: Patient, seed: int, calls: dict[str, int], seconds: float, tally: Tally) -> None:
    """One life with its deaths, up to its end."""
    chance = random.Random(seed)  # noqa: S311 - moments to kill at, the same in each run
    doom = doom_of(seed, calls, chance)

    def at_a_boundary() -> bool:
        killed = patient.run(doom).killed
        if killed:
            tally.boundaries[doom.stage] += 1
        return killed

    def at_a_moment() -> bool:
        killed = patient.run(after=chance.uniform(0.05, seconds)).killed
        tally.moments += killed
        return killed

    deaths: list[Callable[[], bool]] = [at_a_boundary, at_a_moment]
    if chance.random() < 0.5:
        deaths.reverse()
    for die in deaths:
        if not die():
            tally.ended_before += 1
            return
    end = patient.run()
    tally.seconds += end.seconds
    if end.code:
        raise SystemExit(f"life {seed} did not end by itself: {end.code}\n{patient.complaints}")


def judge(seed: int, wanted: dict[str, Any], patient: Patient, tally: Tally) -> None:
    """Compare with an undisturbed life."""
    found = differences(wanted, patient.result())
    tally.complaints += len(found.pop("doctor", ([], []))[1])
    for part, (lost, extra) in found.items():
        tally.lost += len(lost)
        tally.doubled += len(extra)
        print(f"life {seed}, {part}: lost {lost[:3]}, too much {extra[:3]}", flush=True)


def main() -> None:
    """Live all lives, print the table."""
    first, last = (int(word) for word in sys.argv[1:3]) if len(sys.argv) > 2 else (0, LIVES)
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="basicchat-kills-") as scratch:
        engine = engine_file(Path(scratch, "engine"))
        undisturbed = Patient(Path(scratch, "undisturbed"), engine)
        undisturbed.run()
        started = time.monotonic()
        wanted = undisturbed.result()
        again = Patient(Path(scratch, "again"), engine)
        seconds = again.run().seconds
        judge(-1, wanted, again, tally)
        for seed in range(first, last):
            patient = Patient(Path(scratch, str(seed)), engine)
            kill_and_end(patient, seed, wanted["calls"], seconds, tally)
            judge(seed, wanted, patient, tally)
            print(f"life {seed}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    kills = tally.boundaries.total() + tally.moments
    chunks = sum(len(each) for _, each in wanted["chunks"])
    print_table(
        f"Killed while it takes files in and out ({len(wanted['documents'])} documents, {chunks} passages)",
        ("lives", "kills", "at a boundary", "stages hit", "at a random moment", "lost", "doubled", "doctor complains"),
        [
            (
                *(last - first, kills, tally.boundaries.total(), len(tally.boundaries), tally.moments),
                *(tally.lost, tally.doubled, tally.complaints),
            )
        ],
    )
    print("\n" + ", ".join(f"{stage} {times}" for stage, times in sorted(tally.boundaries.items())))


if __name__ == "__main__":
    main()
