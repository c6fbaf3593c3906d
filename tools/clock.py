"""Dates, times and time zones."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from basicchat.toolbox import InvalidInput, Toolkit, tool

AMOUNT = re.compile(
    r"([-+]?\s*\d{1,7})\s*(second|minute|hour|day|week|month|year|working day|business day)s?", re.IGNORECASE
)
DAYS = {"today": 0, "tomorrow": 1, "yesterday": -1}
MOST_WORKING_DAYS = 100_000
CITIES = {
    "new york": "America/New_York",
    "london": "Europe/London",
    "berlin": "Europe/Berlin",
    "paris": "Europe/Paris",
    "tokyo": "Asia/Tokyo",
    "delhi": "Asia/Kolkata",
    "beijing": "Asia/Shanghai",
    "san francisco": "America/Los_Angeles",
    "est": "America/New_York",
    "pst": "America/Los_Angeles",
    "cet": "Europe/Berlin",
    "gmt": "UTC",
}
"""Names that people say and that the database of time zones does not know."""


@tool(
    version="1",
    examples=[
        {},
        {"when": "2026-02-27", "add": "3 days"},
        {"when": "2026-01-01", "until": "2026-12-25"},
        {"when": "2026-07-01 09:00", "zone": "Europe/Berlin", "to_zone": "Asia/Tokyo"},
    ],
)
def clock(
    toolkit: Toolkit,
    when: Annotated[str, "now, today, tomorrow, or a date with or without a time: 2026-03-31 09:30."] = "now",
    add: Annotated[str, "What to add, such as 3 days, -2 weeks, 1 year 2 months, 10 working days."] = "",
    until: Annotated[str, "A second date: how long it is from the first to this one."] = "",
    zone: Annotated[str, "The time zone of the date, such as Europe/Berlin; empty for the one of this machine."] = "",
    to_zone: Annotated[str, "A time zone to say it in as well."] = "",
) -> str:
    """The date and time now, the weekday of a date, a date so many days later, how long it is between two dates, and
    the time in another time zone.
    """
    now = toolkit.now()
    here = _zoned(now, zone) if zone else now
    moment = _moment(when, here)
    lines = [said(moment)]
    if add:
        moment = added(moment, add)
        lines.append(f"{add.strip()} later: {said(moment)}" if not add.strip().startswith("-") else said(moment))
    if until:
        lines += between(moment, _moment(until, here))
    if to_zone:
        lines.append(f"In {to_zone.strip()}: {said(_zoned(moment, to_zone))}")
    return "\n".join(lines)


def said(moment: datetime) -> str:
    """A moment without doubt: ISO date, weekday, time with its zone, calendar week."""
    week = moment.isocalendar().week
    day = f"{moment:%Y-%m-%d} ({moment:%A}, week {week})"
    return f"{day} {moment:%H:%M:%S} {moment.tzname() or ''}".strip()


def added(moment: datetime, amount: str) -> datetime:
    """The moment so much later. Months and years keep the day where the month has it, else its last."""
    from dateutil.relativedelta import relativedelta

    rest = AMOUNT.sub("", amount).replace("and", "").strip(" ,")
    found = AMOUNT.findall(amount)
    if rest or not found:
        raise InvalidInput(f"{amount!r} is no length of time.", hint="Write it as 3 days or 1 year 2 months.")
    for number, unit in found:
        count, name = int(number.replace(" ", "")), unit.casefold()
        try:
            if name in {"working day", "business day"}:
                moment = _working_days_later(moment, count)
            elif name in {"second", "minute", "hour"} and moment.tzinfo is not None:
                utc = moment.astimezone(ZoneInfo("UTC")) + timedelta(**{f"{name}s": count})
                moment = utc.astimezone(moment.tzinfo)
            else:
                step = relativedelta(**{f"{name}s": count})
                moment = moment + step
        except (OverflowError, ValueError) as error:
            raise InvalidInput("That is beyond the calendar, which ends with the year 9999.") from error
    return moment


def between(one: datetime, other: datetime) -> list[str]:
    """How long it is from one moment to the other, in several ways."""
    from dateutil.relativedelta import relativedelta

    days = (other.date() - one.date()).days
    parts = relativedelta(other.date(), one.date())
    words = [f"{getattr(parts, name)} {name}" for name in ("years", "months", "days") if getattr(parts, name)]
    lines = [f"Until {said(other)}: {days} days ({days / 7:.2f} weeks)"]
    lines += [f"That is {', '.join(words)}."] if words and abs(days) > 31 else []
    lines.append(f"Working days (Monday to Friday, first day not counted): {_working_days(one.date(), other.date())}")
    seconds = (other - one).total_seconds()
    lines += [f"Hours: {seconds / 3600:.2f}"] if abs(seconds) < 400 * 3600 else []
    return lines


def _moment(text: str, now: datetime) -> datetime:
    from dateutil import parser

    word = text.strip().casefold()
    if word in {"", "now"}:
        return now
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if word in DAYS:
        return midnight + timedelta(days=DAYS[word])
    try:
        return _with_zone(datetime.fromisoformat(text.strip()), now)
    except ValueError:
        pass
    try:
        found: datetime = parser.parse(text[:100], default=midnight.replace(tzinfo=None))
    except (ValueError, OverflowError, TypeError) as error:
        raise InvalidInput(f"{text[:100]!r} is no date.", hint="Write it as 2026-03-31 or 2026-03-31 09:30.") from error
    return _with_zone(found, now)


def _with_zone(moment: datetime, now: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)


def _zoned(moment: datetime, zone: str) -> datetime:
    name = zone.strip()
    name = CITIES.get(name.casefold(), name)
    try:
        return moment.astimezone(ZoneInfo(name))
    except (KeyError, ValueError, OSError, OverflowError) as error:
        raise InvalidInput(f"There is no time zone {zone[:60]!r}.", hint="Write it as Europe/Berlin.") from error


def _working_days_later(moment: datetime, count: int) -> datetime:
    if abs(count) > MOST_WORKING_DAYS:
        raise InvalidInput(f"At most {MOST_WORKING_DAYS:,} working days.")
    step = timedelta(days=1 if count > 0 else -1)
    while count:
        moment += step
        count -= (1 if step.days > 0 else -1) if moment.weekday() < 5 else 0
    return moment


def _working_days(one: date, other: date) -> int:
    """Mondays to Fridays after the one day up to the other, negative backwards."""
    if other < one:
        return -_working_days(other, one)
    weeks, rest = divmod((other - one).days, 7)
    return weeks * 5 + sum((one.weekday() + step) % 7 < 5 for step in range(1, rest + 1))
