"""Ticks of schedules by the clocks of a zone, against a search through every minute."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.cron import CronSchedules
from monitor.domain.errors import InvalidInput

MINUTE = timedelta(minutes=1)
YEAR = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
WEEKS = [(datetime(2026, m, d, tzinfo=UTC), datetime(2026, m + 1, 3, tzinfo=UTC)) for m, d in ((3, 6), (10, 23))]
"""In which Berlin and New York change their clocks."""
ZONES = ("Europe/Berlin", "America/New_York", "UTC", "Asia/Kolkata")


def ticks(schedule: str, zone: str, start: datetime, end: datetime) -> list[datetime]:
    found, at = [], start
    while (at := CronSchedules().next_after(schedule, zone, at)) < end:
        found.append(at)
    return found


def values(field: str, low: int, high: int) -> set[int]:
    """Of the forms that these tests use: `*`, `*/n`, and numbers and ranges by commas."""
    if field.startswith("*"):
        return {*range(low, high + 1, int(field[2:] or 1))}
    parts = (part.partition("-") for part in field.split(","))
    return {number for first, _, last in parts for number in range(int(first), int(last or first) + 1)}


class Matcher:
    """Whether a schedule matches what a clock shows."""

    def __init__(self, schedule: str) -> None:
        minute, hour, day, month, weekday = self.fields = schedule.split()
        self.minutes, self.hours = values(minute, 0, 59), values(hour, 0, 23)
        self.days, self.months, self.weekdays = values(day, 1, 31), values(month, 1, 12), values(weekday, 0, 7)
        self.is_fixed = not (minute.startswith("*") or hour.startswith("*"))

    def fits(self, wall: datetime) -> bool:
        return wall.minute in self.minutes and wall.hour in self.hours and self.fits_day(wall)

    def fits_day(self, wall: datetime) -> bool:
        if wall.month not in self.months:
            return False
        is_day = wall.day in self.days
        is_weekday = not self.weekdays.isdisjoint({wall.isoweekday(), wall.isoweekday() % 7})
        both = self.fields[2].startswith("*") or self.fields[4].startswith("*")
        return (is_day and is_weekday) if both else (is_day or is_weekday)


def by_minutes(schedule: str, zone_name: str, start: datetime, end: datetime) -> Iterator[datetime]:
    """Walk through all minutes. Clocks that skip minutes catch up a fixed time at once; repeated ones do not count."""
    matcher, zone = Matcher(schedule), ZoneInfo(zone_name)
    at, wall = start, start.astimezone(zone).replace(tzinfo=None)
    while (at := at + MINUTE) < end:
        local = at.astimezone(zone)
        before, wall = wall, local.replace(tzinfo=None, fold=0)
        if not matcher.is_fixed:
            if matcher.fits(wall):
                yield at
            continue
        skipped = range(1, int((wall - before) / MINUTE))
        if local.fold == 0 and any(matcher.fits(before + n * MINUTE) for n in (*skipped, (wall - before) // MINUTE)):
            yield at


@pytest.mark.parametrize("zone", ZONES[:2])
@pytest.mark.parametrize(
    "schedule",
    [
        "30 2 * * *",
        "0 3 * * *",
        "0 2,3 * * *",
        "15 */2 * * *",
        "0 * * * *",
        "*/20 1-3 * * *",
        "0 2 29 3 0",
        "5 1 * 11 *",
    ],
)
def test_weeks_in_which_clocks_change_are_as_minute_by_minute(schedule: str, zone: str) -> None:
    for start, end in WEEKS:
        assert ticks(schedule, zone, start, end) == [*by_minutes(schedule, zone, start, end)]


MINUTES = st.sampled_from(["*", "*/7", "*/30", "0", "30", "0,59", "10-14"])
HOURS = st.sampled_from(["*", "*/5", "0", "1", "2", "3", "1-3", "2,23"])
DAYS = st.sampled_from(["*", "1", "29", "8,25", "*/9"])
MONTHS = st.sampled_from(["*", "3,10,11", "2"])
WEEKDAYS = st.sampled_from(["*", "0", "7", "1-5", "6"])
CHANGES = [datetime(2026, month, day, tzinfo=UTC) for month, day in ((3, 7), (3, 28), (10, 24), (10, 31))]
"""The days before Berlin and New York change their clocks."""


@given(st.tuples(MINUTES, HOURS, DAYS, MONTHS, WEEKDAYS), st.sampled_from(ZONES), st.sampled_from(CHANGES))
def test_any_schedule_is_as_minute_by_minute_where_clocks_change(
    fields: tuple[str, ...], zone: str, start: datetime
) -> None:
    schedule, end = " ".join(fields), start + timedelta(days=3)
    assert ticks(schedule, zone, start, end) == [*by_minutes(schedule, zone, start, end)]


@given(st.integers(0, 3 * 86_400), st.sampled_from(ZONES))
def test_the_next_tick_is_later(seconds: int, zone: str) -> None:
    """Also within the hour that clocks repeat."""
    at = datetime(2026, 10, 24, tzinfo=UTC) + timedelta(seconds=seconds)
    for schedule in ("30 2 * * *", "15 1,2 * * *", "* * * * *"):
        assert CronSchedules().next_after(schedule, zone, at) > at


@pytest.mark.parametrize(
    "schedule",
    ["60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "a * * * *", "0 0 30 2 *", "5- * * * *"],
)
def test_what_never_comes_is_refused(schedule: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        CronSchedules().next_after(schedule, "UTC", YEAR[0])
    assert [*refused.value.problems] == ["schedule"]


def test_names_and_last_days_are_understood() -> None:
    assert ticks("0 2 * feb sun", "UTC", *YEAR)[0] == datetime(2026, 2, 1, 2, tzinfo=UTC)
    assert ticks("0 2 L 2 *", "UTC", *YEAR) == [datetime(2026, 2, 28, 2, tzinfo=UTC)]
