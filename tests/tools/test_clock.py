"""Dates, times and zones. The clock of the fake toolkit says 2026-03-01 12:00 at +01:00."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basicchat.core.errors import InvalidInput
from tools.clock import added, between


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, ["2026-03-01 (Sunday, week 9) 12:00:00 UTC+01:00"]),
        ({"when": "tomorrow"}, ["2026-03-02 (Monday"]),
        ({"when": "3 May 2026"}, ["2026-05-03 (Sunday"]),
        ({"when": "2024-01-31", "add": "1 month"}, ["2024-02-29"]),
        ({"when": "2026-02-27", "add": "3 days"}, ["2026-03-02"]),
        ({"when": "2026-02-27", "add": "-2 weeks"}, ["2026-02-13"]),
        ({"when": "2026-02-27", "add": "10 working days"}, ["2026-03-13"]),
        ({"when": "2026-01-01", "add": "1 year 2 months and 3 days"}, ["2027-03-04"]),
        ({"when": "2026-01-01", "until": "2026-12-25"}, ["358 days", "11 months, 24 days", ": 256"]),
        ({"when": "2026-03-02", "until": "2026-03-01"}, ["-1 days"]),
        (
            {"when": "2026-07-01 09:00", "zone": "Europe/Berlin", "to_zone": "Asia/Tokyo"},
            ["09:00:00 CEST", "16:00:00 JST"],
        ),
        ({"when": "2026-03-01T12:00:00+00:00", "to_zone": "New York"}, ["07:00:00 EST"]),
        ({"when": "2026-03-29 01:30", "zone": "Europe/Berlin", "add": "1 hour"}, ["03:30:00 CEST"]),
    ],
)
def test_what_it_says(say, arguments: dict[str, str], words: list[str]) -> None:
    text = say("clock", **arguments)
    for word in words:
        assert word in text


@pytest.mark.parametrize(
    "arguments",
    [
        {"when": "the day after never"},
        {"zone": "Mars/Olympus"},
        {"zone": "../../etc/passwd"},
        {"to_zone": "/etc/passwd"},
        {"add": "some days"},
        {"add": "9999999 years"},
        {"add": "9999999 working days"},
        {"add": "3 days ago or so"},
        {"when": "9999-12-31", "add": "1 day"},
        {"until": "x"},
    ],
)
def test_what_makes_no_sense_is_told(say, arguments: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        say("clock", **arguments)


MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1))  # noqa: DTZ001 - hypothesis adds the zone itself


@given(MOMENTS, st.integers(min_value=-5000, max_value=5000))
def test_days_there_are_days_back(moment: datetime, days: int) -> None:
    later = added(moment, f"{days} days")
    assert later - moment == timedelta(days=days)
    assert f": {days} days" in between(moment, later)[0]


@given(MOMENTS, st.integers(min_value=-300, max_value=300))
def test_working_days_are_counted_as_they_are_added(moment: datetime, days: int) -> None:
    start = moment - timedelta(days=max(0, moment.weekday() - 4))
    line = next(each for each in between(start, added(start, f"{days} working days")) if "Working days" in each)
    assert line.endswith(f": {days}")
