"""Silences, at their boundaries, over midnight, and where clocks are put forward or back."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.errors import InvalidInput, NotBegun
from monitor.domain.fleet.servers import ServerId
from monitor.domain.policies.policies import Scope
from monitor.domain.policies.silences import MAX_REASON
from monitor.domain.recurrence import Recurrence
from tests.contracts.builders import AT, MICROSECOND, a_server, a_silence

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
EVERY_DAY = frozenset(range(7))
MONDAY = datetime(2030, 1, 7, tzinfo=UTC)

MINUTE = timedelta(minutes=1)
# Northern and southern summers, half hours, jumps at midnight, half-hour jumps (Lord Howe), no jumps at all.
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "America/Havana",
    "Africa/Cairo",
    "Asia/Beirut",
    "Asia/Kolkata",
    "Asia/Shanghai",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Kiritimati",
)


def jumps(zone: str, year: int) -> list[datetime]:
    """The instants of a year at which that zone's clocks are put forward or back."""
    found, at = [], datetime(year, 1, 1, tzinfo=UTC)
    while at.year == year:
        after = at + HOUR
        if at.astimezone(ZoneInfo(zone)).utcoffset() != after.astimezone(ZoneInfo(zone)).utcoffset():
            found.append(next(m for m in (at + n * MINUTE for n in range(1, 61)) if _has_jumped(zone, m)))
        at = after
    return found


def _has_jumped(zone: str, at: datetime) -> bool:
    return at.astimezone(ZoneInfo(zone)).utcoffset() != (at - MINUTE).astimezone(ZoneInfo(zone)).utcoffset()


JUMPS = [(zone, at) for zone in ZONES for at in jumps(zone, 2025)]

recurrences = st.builds(
    Recurrence,
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
    starts=st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 29, 30, 59])),
    lasts=st.sampled_from([1, 15, 30, 60, 61, 90, 120, 480, 1439, 1440]).map(
        lambda minutes: timedelta(minutes=minutes)
    ),
    zone=st.sampled_from(ZONES),
)


@st.composite
def instants(draw: st.DrawFn, recurrence: Recurrence) -> datetime:
    """Draw any instant, or one at the edge of a window, or near a jump of the clocks."""
    zone = ZoneInfo(recurrence.zone)
    day = date(2025, 1, 1) + timedelta(days=draw(st.integers(0, 364)))
    begin = datetime.combine(day, recurrence.starts, zone)
    near_window = draw(st.sampled_from([begin, begin + recurrence.lasts]))
    own_jumps = [at for name, at in JUMPS if name == recurrence.zone]
    near_jump = draw(st.sampled_from(own_jumps)) if own_jumps else near_window
    base = draw(st.sampled_from([near_window.astimezone(UTC), near_jump]))
    return base + draw(st.sampled_from([-1, 0, 1])) * MICROSECOND + timedelta(minutes=draw(st.integers(-180, 180)))


def shows(recurrence: Recurrence, at: datetime) -> bool:
    """Whether the wall clock shows a time within a window, by counting from the beginning of the week."""
    local = at.astimezone(ZoneInfo(recurrence.zone))
    in_week = timedelta(
        days=local.weekday(),
        hours=local.hour,
        minutes=local.minute,
        seconds=local.second,
        microseconds=local.microsecond,
    )
    starts = timedelta(hours=recurrence.starts.hour, minutes=recurrence.starts.minute, seconds=recurrence.starts.second)
    return any((in_week - (day * DAY + starts)) % WEEK < recurrence.lasts for day in recurrence.weekdays)


@given(st.data(), recurrences)
def test_a_time_that_the_wall_clock_shows_within_a_window_is_covered(data, recurrence: Recurrence) -> None:
    """And no other, but for the hour that comes twice: there a window is not interrupted."""
    at = data.draw(instants(recurrence))
    if recurrence.covers(at) == shows(recurrence, at):
        return
    local = at.astimezone(ZoneInfo(recurrence.zone))
    assert recurrence.covers(at)
    assert local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset(), "not an hour that comes twice"


@given(recurrences, st.sampled_from(JUMPS), st.integers(-1, 1))
def test_a_window_is_one_unbroken_span(recurrence: Recurrence, jump: tuple[str, datetime], shift: int) -> None:
    """Also when clocks go back: there are no notifications in the middle of a maintenance."""
    zone, around = jump
    day = (around.astimezone(ZoneInfo(zone)) + shift * DAY).date()
    weekly = Recurrence(
        weekdays=frozenset({day.weekday()}), starts=recurrence.starts, lasts=recurrence.lasts, zone=zone
    )
    covered = [weekly.covers(around + n * MINUTE) for n in range(-240, 240)]
    # Of a window a week there is at most one begin and one end in these eight hours.
    begins = [n for n in range(1, len(covered)) if covered[n] and not covered[n - 1]]
    ends = [n for n in range(1, len(covered)) if covered[n - 1] and not covered[n]]
    assert len(begins) <= 1
    assert len(ends) <= 1
    assert not (begins and ends) or begins < ends


@given(st.sampled_from(ZONES), st.builds(time, st.integers(0, 23), st.sampled_from([0, 30])), st.data())
def test_a_whole_day_on_every_day_is_always(zone: str, starts: time, data) -> None:
    always = Recurrence(weekdays=EVERY_DAY, starts=starts, lasts=DAY, zone=zone)
    assert always.covers(data.draw(instants(always)))


@given(st.data(), recurrences)
def test_weekdays_add_up(data, recurrence: Recurrence) -> None:
    """A set of weekdays covers what each of them alone does."""
    at = data.draw(instants(recurrence))
    alone = [
        Recurrence(weekdays=frozenset({day}), starts=recurrence.starts, lasts=recurrence.lasts, zone=recurrence.zone)
        for day in recurrence.weekdays
    ]
    assert recurrence.covers(at) == any(one.covers(at) for one in alone)


def test_a_window_includes_its_first_instant_and_not_its_end() -> None:
    window = Recurrence(weekdays=frozenset({0}), starts=time(1, 30), lasts=HOUR)
    begin, end = MONDAY + 1.5 * HOUR, MONDAY + 2.5 * HOUR
    moments = [begin - MICROSECOND, begin, end - MICROSECOND, end]
    assert [window.covers(at) for at in moments] == [False, True, True, False]


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    sunday_night = Recurrence(weekdays=frozenset({6}), starts=time(22), lasts=8 * HOUR)
    moments = [MONDAY - 2 * HOUR, MONDAY, MONDAY + 6 * HOUR - MICROSECOND, MONDAY + 6 * HOUR, MONDAY + 23 * HOUR]
    assert [sunday_night.covers(at) for at in moments] == [True, True, True, False, False]


def test_a_window_is_by_the_wall_clock_of_its_zone() -> None:
    """Monday 08:00 in Shanghai is midnight in Greenwich."""
    window = Recurrence(weekdays=frozenset({0}), starts=time(8), lasts=HOUR, zone="Asia/Shanghai")
    assert [window.covers(MONDAY + n * HOUR) for n in (-1, 0, 1)] == [False, True, False]


def hours_covered(recurrence: Recurrence, around: datetime) -> float:
    """By minutes, in the two days around."""
    return sum(recurrence.covers(around + timedelta(minutes=n)) for n in range(-1440, 1440)) / 60


@pytest.mark.parametrize(
    ("starts", "lasts", "in_spring", "in_autumn"),
    [
        (time(1, 30), 2 * HOUR, 1.0, 3.0),  # around the jump
        (time(2, 30), 1 * HOUR, 0.5, 2.0),  # begins in the hour that is left out, or comes twice
        (time(1, 30), 1 * HOUR, 0.5, 2.0),  # ends in it
        (time(2, 15), HOUR / 2, 0.0, 1.5),  # lies in it
        (time(0, 0), 1 * HOUR, 1.0, 1.0),  # lies before it
        (time(0, 0), DAY, 23.0, 25.0),
    ],
)
def test_where_clocks_jump_a_window_is_that_much_shorter_or_longer(starts, lasts, in_spring, in_autumn) -> None:
    """Berlin leaves out 02:00 to 03:00 on the last Sunday in March, and has it twice on the last in October."""
    window = Recurrence(weekdays=frozenset({6}), starts=starts, lasts=lasts, zone="Europe/Berlin")
    assert hours_covered(window, datetime(2030, 3, 31, 1, tzinfo=UTC)) == in_spring
    assert hours_covered(window, datetime(2030, 10, 27, 1, tzinfo=UTC)) == in_autumn


@pytest.mark.parametrize("weekdays", [set(), {7}, {-1}, {0, 8}])
def test_weekdays_are_0_to_6_and_at_least_one(weekdays) -> None:
    with pytest.raises(InvalidInput):
        Recurrence(weekdays=frozenset(weekdays), starts=time(0), lasts=HOUR)


@pytest.mark.parametrize("lasts", [timedelta(0), MINUTE - MICROSECOND, DAY + MICROSECOND, -HOUR])
def test_a_window_lasts_from_a_minute_to_a_day(lasts) -> None:
    with pytest.raises(InvalidInput):
        Recurrence(weekdays=EVERY_DAY, starts=time(0), lasts=lasts)


def test_the_zone_is_named_once() -> None:
    """A start with a zone of its own would mean two."""
    with pytest.raises(InvalidInput):
        Recurrence(weekdays=EVERY_DAY, starts=time(0, tzinfo=UTC), lasts=HOUR)


@pytest.mark.parametrize(
    "zone",
    ["", "..", "../etc/passwd", "/etc/localtime", "Mars/Phobos", "America", "UTC\n", "\0", "\ud800", "z" * 5_000],
)
def test_an_unknown_zone_is_refused(zone) -> None:
    with pytest.raises(InvalidInput) as caught:
        Recurrence(weekdays=EVERY_DAY, starts=time(0), lasts=HOUR, zone=zone)
    assert caught.value.problems["recurrence"].code == "unknown_zone"


def test_a_silence_includes_its_first_instant_and_not_its_end() -> None:
    silence = a_silence(starts_at=AT, ends_at=AT + HOUR)
    moments = [AT - MICROSECOND, AT, AT + HOUR - MICROSECOND, AT + HOUR]
    assert [silence.is_active(at) for at in moments] == [False, True, True, False]


@given(st.data(), recurrences)
def test_a_recurring_one_is_active_within_its_windows_and_its_own_span(data, recurrence: Recurrence) -> None:
    at = data.draw(instants(recurrence))
    starts_at = at + data.draw(st.sampled_from([-HOUR, -MICROSECOND, timedelta(0), MICROSECOND]))
    ends_at = starts_at + data.draw(st.sampled_from([MICROSECOND, HOUR, DAY]))
    silence = a_silence(starts_at=starts_at, ends_at=ends_at, recurrence=recurrence)
    assert silence.is_active(at) == (starts_at <= at < ends_at and recurrence.covers(at))


@given(st.none() | recurrences, st.integers(1, 30), st.integers(0, 29))
def test_an_ended_silence_is_active_when_it_was_up_to_its_new_end(recurrence, hours: int, before: int) -> None:
    silence = a_silence(starts_at=MONDAY, ends_at=MONDAY + DAY, recurrence=recurrence)
    ended = silence.ended(MONDAY + hours * HOUR)
    assert ended == replace(silence, ends_at=MONDAY + min(hours, 24) * HOUR)
    at = MONDAY + before * HOUR
    assert ended.is_active(at) == (silence.is_active(at) and before < hours)


@pytest.mark.parametrize("before", [timedelta(), MICROSECOND, DAY])
def test_a_silence_that_has_not_begun_cannot_be_ended(before: timedelta) -> None:
    silence = a_silence(starts_at=MONDAY, ends_at=MONDAY + DAY)
    with pytest.raises(NotBegun):
        silence.ended(MONDAY - before)


def test_a_silence_is_for_a_metric_or_for_all_and_for_a_scope() -> None:
    web = a_server(id=ServerId(1), tags=frozenset({"web"}))
    other = a_server(id=ServerId(2))
    for scope, covered in [
        (Scope(), {1, 2}),
        (Scope(tag="web"), {1}),
        (Scope(server_id=ServerId(2)), {2}),
        (Scope(tag="db"), set()),
    ]:
        for metric, metrics in [(None, {"cpu", "memory"}), ("cpu", {"cpu"})]:
            silence = a_silence(scope=scope, metric=metric)
            found = {
                (server.id, name)
                for server in (web, other)
                for name in ("cpu", "memory")
                if silence.covers(server, name, AT)
            }
            assert found == {(server_id, name) for server_id in covered for name in metrics}
            assert not silence.covers(web, "cpu", AT - MICROSECOND)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_at": AT}, "ends_at"),
        ({"ends_at": AT - MICROSECOND}, "ends_at"),
        ({"metric": "C P U"}, "metric"),
        ({"reason": "r" * (MAX_REASON + 1)}, "reason"),
        ({"reason": "a\r\nBcc: b@example.com"}, "reason"),
        ({"reason": "a\0"}, "reason"),
    ],
)
def test_an_invalid_silence_is_refused(changes, field) -> None:
    with pytest.raises(InvalidInput) as caught:
        a_silence(**changes)
    assert caught.value.problems.keys() == {field}


def test_a_silence_may_last_a_microsecond_or_years() -> None:
    assert a_silence(ends_at=AT + MICROSECOND).is_active(AT)
    assert a_silence(ends_at=AT + 4_000 * DAY, reason="r" * MAX_REASON).is_active(AT + 3_999 * DAY)


@given(st.data(), recurrences)
def test_a_span_is_the_time_in_which_it_is_active(data, recurrence: Recurrence) -> None:
    """From its first instant up to the next in which it acts no more; before it, it does not act."""
    at = data.draw(instants(recurrence))
    silence = a_silence(
        starts_at=at - HOUR, ends_at=at + data.draw(st.sampled_from([HOUR, WEEK])), recurrence=recurrence
    )
    span = silence.span(at)
    if span is None:
        assert not any(silence.is_active(at + n * MINUTE) for n in range(60))
        return
    begin, end = span
    assert silence.is_active(at) == (begin <= at)
    assert silence.is_active(max(begin, at))
    assert silence.is_active(end - MICROSECOND)
    assert not silence.is_active(end)
    assert begin <= at or not silence.is_active(begin - MICROSECOND)


@given(recurrences, st.integers(0, 400))
def test_its_spans_are_one_after_the_other(recurrence: Recurrence, hours: int) -> None:
    silence = a_silence(starts_at=MONDAY, ends_at=MONDAY + 2 * WEEK, recurrence=recurrence)
    at, found = MONDAY + hours * HOUR, []
    while (span := silence.span(at)) is not None:
        found.append(span)
        at = span[1]
    assert found == [*silence.spans(MONDAY + hours * HOUR)]


def test_windows_that_follow_without_a_pause_end_together() -> None:
    weekend = Recurrence(weekdays=frozenset({5, 6}), starts=time(0), lasts=DAY)
    silence = a_silence(starts_at=MONDAY - WEEK, ends_at=MONDAY + WEEK, recurrence=weekend)
    assert silence.span(MONDAY - HOUR) == (MONDAY - DAY, MONDAY)
    assert silence.span(MONDAY - 25 * HOUR) == (MONDAY - 2 * DAY, MONDAY)
    assert silence.span(MONDAY) == (MONDAY + 5 * DAY, MONDAY + WEEK)


def test_a_silence_of_every_hour_of_the_week_is_active_until_its_end() -> None:
    always = Recurrence(weekdays=EVERY_DAY, starts=time(3), lasts=DAY)
    silence = a_silence(starts_at=MONDAY, ends_at=MONDAY + 400 * DAY, recurrence=always)
    assert silence.span(MONDAY + HOUR) == (MONDAY, MONDAY + 400 * DAY)


def test_a_silence_that_starts_where_the_calendar_ends_has_no_window() -> None:
    last = datetime(9999, 12, 31, 23, 59, 58, tzinfo=UTC)
    weekly = Recurrence(weekdays=frozenset({0}), starts=time(0), lasts=HOUR)
    assert a_silence(starts_at=last, ends_at=last + timedelta(seconds=1), recurrence=weekly).span(AT) is None
