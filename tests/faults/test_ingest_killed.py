"""A library that is killed while it takes files in and out loses nothing, doubles nothing and leaves nothing over."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from benchmarks.mortal import CORRUPT, STAGES, Doom, Patient, differences

LIVES = [
    ("reading", "writing vectors", "removing vectors"),
    ("cutting", "writing words", "removing words"),
    ("originals", "tables", "removing tables"),
    ("store", "marking", "removing originals"),
    ("embedding", "linking", "end of a removal"),
    ("keeping vectors", "step", "removal"),
    ("job lines", "uploads"),
]
"""Each life dies at these boundaries, one after the other."""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, engine_file):
    """How everything stands at the end of a life that nobody disturbs."""
    patient = Patient(tmp_path_factory.mktemp("undisturbed"), engine_file)
    end = patient.run()
    assert end.code == 0, patient.complaints
    return patient.result()


def test_every_stage_is_killed_somewhere():
    assert {stage for life in LIVES for stage in life} == set(STAGES)


def test_an_undisturbed_life(undisturbed):
    assert undisturbed["jobs"] == ["done", "done", "done"]
    assert undisturbed["doctor"] == {}
    assert undisturbed["removals"] == []
    assert all(indexed for _, _, indexed in undisturbed["documents"])
    vectors, words = undisturbed["vectors"][0], undisturbed["words"]
    assert vectors == words
    assert len(words) == len({chunk for chunk, _ in words}) == sum(len(ids) for _, ids in undisturbed["chunks"])
    assert len(undisturbed["tables"]) == 3
    failed = [(name, error) for lines in undisturbed["lines"] for name, state, error in lines if state == "failed"]
    assert {name for name, _ in failed} == {CORRUPT}
    assert all("damaged" in error for _, error in failed)
    assert all(undisturbed["calls"].get(stage) for stage in STAGES)


@pytest.mark.parametrize("seed", range(len(LIVES)))
def test_killed_at_boundaries_of_stages(tmp_path, engine_file, undisturbed, seed):
    chance = random.Random(seed)  # noqa: S311 - the same calls in each run
    patient = Patient(tmp_path, engine_file)
    for stage in LIVES[seed]:
        most = max(1, undisturbed["calls"][stage] // len(LIVES[seed]))
        death = patient.run(Doom(stage, after=chance.random() < 0.5, nth=chance.randint(1, most)))
        assert death.killed, f"{stage} was not reached again: {death} {patient.complaints}"
    assert_nothing_lost(patient, undisturbed)


@pytest.mark.parametrize("seed", [1])
def test_killed_at_random_moments(tmp_path, engine_file, undisturbed, seed):
    chance = random.Random(seed)  # noqa: S311 - the same moments in each run
    patient = Patient(tmp_path, engine_file)
    for _ in range(2):
        patient.run(after=chance.uniform(0.3, 3.0))
    assert_nothing_lost(patient, undisturbed)


def assert_nothing_lost(patient: Patient, undisturbed) -> None:
    end = patient.run()
    assert end.code == 0, patient.complaints
    found = patient.result()
    assert differences(undisturbed, found) == {}
    assert found["doctor"] == {}
    assert [Path(path).suffix for path in found["originals"]].count(".partial") == 0
