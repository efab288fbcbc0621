"""Rotas beside a slow model that looks at every quarter of an hour."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.availability import Span
from monitor.domain.oncall.rotas import Away, Hours, Override, Rota, Shift, around, on_call, shifts

QUARTER, DAY = timedelta(minutes=15), timedelta(days=1)
ANN, BEN, CLEO, DAN, EVE = map(UserId, range(1, 6))
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "America/Sao_Paulo")
WORKDAYS, WEEKEND = frozenset(range(5)), frozenset({5, 6})


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def quarters(least: datetime, days: int) -> st.SearchStrategy[datetime]:
    return st.integers(0, days * 96).map(lambda number: least + number * QUARTER)


BEGIN = datetime(2026, 2, 20, tzinfo=UTC)
TIMES = st.integers(0, 95).map(lambda number: time(number // 4, number % 4 * 15))
HOURS = st.builds(Hours, st.frozensets(st.integers(0, 6), min_size=1), TIMES, TIMES)
PEOPLE = st.sampled_from([ANN, BEN, CLEO, DAN, EVE])
SPANS = st.builds(lambda begin, length: Span(begin, begin + length * QUARTER), quarters(BEGIN, 60), st.integers(1, 400))
ROTAS = st.builds(
    Rota,
    name=st.just("nights"),
    timezone=st.sampled_from(ZONES),
    starts_at=quarters(BEGIN, 20),
    turn_days=st.integers(1, 9),
    hours=st.none() | st.lists(HOURS, min_size=1, max_size=3).map(tuple),
    user_ids=st.lists(PEOPLE, min_size=1, max_size=5, unique=True).map(tuple),
    overrides=st.lists(st.builds(lambda who, span: Override(who, *span), PEOPLE, SPANS), max_size=3, unique=True).map(
        tuple
    ),
)
AWAY = st.dictionaries(PEOPLE, st.lists(SPANS, max_size=2), max_size=3)


def model(rota: Rota, away: Away, moment: datetime) -> UserId | None:
    """Who is on call, by counting days from the first hand-over."""
    if moment < rota.starts_at:
        return None
    begun = rota.starts_at.astimezone(rota.zone)
    *_, now = seen = clocks(rota, moment, range(-8, 1))
    latest, earliest = max(seen), min(now, min(clocks(rota, moment, range(1, 9))) - QUARTER)
    if not is_open(rota, latest, earliest):
        return None
    date = latest.date() if latest.time() >= begun.time() else latest.date() - DAY
    counted = [counts(rota, begun.date() + number * DAY) for number in range(7)]
    before = sum(counted[number % 7] for number in range((date - begun.date()).days))
    place = before // rota.turn_days % len(rota.user_ids)
    chosen = [each.user_id for each in reversed(rota.overrides) if each.starts_at <= moment < each.ends_at]
    for user_id in [*chosen, *rota.user_ids[place:], *rota.user_ids[:place]]:
        if not any(begin <= moment < end for begin, end in away.get(user_id, ())):
            return user_id
    return None


def clocks(rota: Rota, moment: datetime, quarters: range) -> list[datetime]:
    """Return what clocks show around a moment. What they have shown has begun; what they will show is not over."""
    return [(moment + each * QUARTER).astimezone(rota.zone).replace(tzinfo=None) for each in quarters]


def is_open(rota: Rota, latest: datetime, earliest: datetime) -> bool:
    """Tell whether hours have begun by the *latest* time that clocks have shown, and end after the *earliest* that they
    show before it is shown for the last time: other than now only where they are set back."""
    return rota.hours is None or any(
        covers(hours, latest.date() - days * DAY, latest, earliest) for hours in rota.hours for days in (0, 1)
    )


def covers(hours: Hours, day: date, latest: datetime, earliest: datetime) -> bool:
    """Tell whether the window that begins on *day* covers what clocks show."""
    ends = datetime.combine(day + (DAY if hours.ends <= hours.starts else 0 * DAY), hours.ends)
    return day.weekday() in hours.weekdays and datetime.combine(day, hours.starts) <= latest and earliest < ends


def counts(rota: Rota, day: date) -> bool:
    """Tell whether any quarter between this hand-over and the next one is open, on days without a change of clocks."""
    first = datetime.combine(day, rota.starts_at.astimezone(rota.zone).time())
    return any(is_open(rota, each, each) for each in (first + number * QUARTER for number in range(96)))


@given(ROTAS, AWAY, quarters(BEGIN, 90) | quarters(datetime(2026, 10, 24, tzinfo=UTC), 10))
def test_it_is_what_the_model_says(rota: Rota, away: Away, moment: datetime) -> None:
    """In all zones, on the days on which clocks are set forward and back too."""
    assert on_call(rota, away, moment) == model(rota, away, moment)


@given(ROTAS, st.integers(-12, 12), st.sampled_from(["2026-03-29 01:00", "2026-10-25 01:00"]))
def test_so_it_is_around_a_change_of_the_clock(rota: Rota, number: int, changes: str) -> None:
    moment = at(changes) + number * QUARTER
    berlin = replace(rota, timezone="Europe/Berlin")
    assert on_call(berlin, {}, moment) == model(berlin, {}, moment)


@given(ROTAS, AWAY, quarters(BEGIN, 60), st.integers(1, 3000), st.integers(0, 3000))
def test_calendar_and_now_never_differ(rota: Rota, away: Away, start: datetime, length: int, offset: int) -> None:
    """Whatever part of the calendar is asked for, across changes of the clock too."""
    end = start + length * QUARTER
    found = shifts(rota, away, start, end)
    moment = start + offset % length * QUARTER
    covering = [shift.user_id for shift in found if shift.starts_at <= moment < shift.ends_at]
    assert covering == [each for each in [on_call(rota, away, moment)] if each is not None]
    assert joined([*shifts(rota, away, start, moment), *shifts(rota, away, moment, end)]) == found
    _, upcoming = around(rota, away, start)
    later = [shift for shift in found if shift.starts_at > start]
    assert not later or (upcoming is not None and upcoming[:2] == later[0][:2])


def joined(found: list[Shift]) -> list[Shift]:
    whole: list[Shift] = []
    for shift in found:
        if whole and (whole[-1].user_id, whole[-1].ends_at) == (shift.user_id, shift.starts_at):
            shift = Shift(shift.user_id, whole.pop().starts_at, shift.ends_at)
        whole.append(shift)
    return whole


@given(ROTAS, AWAY, quarters(BEGIN, 60), st.integers(1, 3000))
def test_shifts_are_in_order_and_within_what_was_asked(rota: Rota, away: Away, start: datetime, length: int) -> None:
    end = start + length * QUARTER
    found = shifts(rota, away, start, end)
    times = [each for shift in found for each in (shift.starts_at, shift.ends_at)]
    assert times == sorted(times)
    assert all(shift.starts_at < shift.ends_at for shift in found)
    assert all(start <= each <= end and each >= rota.starts_at for each in times)


@given(ROTAS, AWAY, quarters(BEGIN, 60))
def test_the_shift_now_is_shown_whole(rota: Rota, away: Away, moment: datetime) -> None:
    now, later = around(rota, away, moment)
    longer = shifts(rota, away, moment - 500 * DAY, moment + 500 * DAY)
    covering = [each for each in longer if each.starts_at <= moment < each.ends_at]
    ends = [min(each.ends_at, moment + 400 * DAY) for each in covering]
    assert [Shift(*each[:2], end) for each, end in zip(covering, ends, strict=True)] == ([] if now is None else [now])
    upcoming = next((each for each in longer if each.starts_at > moment), None)
    assert (later and later[:2]) == (upcoming and upcoming[:2])


@given(ROTAS, AWAY, quarters(BEGIN, 60))
def test_nobody_who_is_away_is_on_call(rota: Rota, away: Away, moment: datetime) -> None:
    user_id = on_call(rota, away, moment)
    assert not any(begin <= moment < end for begin, end in away.get(user_id or UserId(0), ()))


@given(ROTAS.filter(lambda rota: rota.hours is None), quarters(BEGIN, 60))
def test_without_hours_somebody_is_always_on_call(rota: Rota, moment: datetime) -> None:
    assert (on_call(rota, {}, moment) is not None) == (moment >= rota.starts_at)


def test_a_hand_over_keeps_its_local_time_when_clocks_change() -> None:
    rota = Rota(
        name="r", timezone="Europe/Berlin", starts_at=at("2026-03-23 09:00", "Europe/Berlin"), user_ids=(ANN, BEN)
    )
    found = shifts(rota, {}, rota.starts_at, at("2026-04-20 09:00", "Europe/Berlin"))
    assert [at(f"2026-{day} 09:00", "Europe/Berlin") for day in ("03-23", "03-30", "04-06", "04-13")] == [
        shift.starts_at for shift in found
    ]
    assert timedelta(days=7) - timedelta(hours=1) == found[0].ends_at - found[0].starts_at


@pytest.mark.parametrize(
    ("starts", "ends", "first", "last"),
    [
        (time(2, 15), time(2, 45), "2026-10-25 00:15", "2026-10-25 01:45"),
        (time(2), time(3), "2026-10-25 00:00", "2026-10-25 02:00"),
        (time(22), time(2, 30), "2026-10-24 20:00", "2026-10-25 01:30"),
        (time(22), time(2), "2026-10-24 20:00", "2026-10-25 01:00"),
        (time(2, 30), time(6), "2026-10-25 00:30", "2026-10-25 05:00"),
        (time(22), time(2, 30), "2026-03-28 21:00", "2026-03-29 01:00"),
        (time(2, 30), time(6), "2026-03-29 01:00", "2026-03-29 04:00"),
        (time(2, 15), time(2, 45), "2026-03-29 01:00", None),
    ],
)
def test_hours_begin_when_clocks_first_show_it_and_end_when_they_last_do(
    starts: time, ends: time, first: str, last: str | None
) -> None:
    """Berlin shows 2 to 3 o'clock twice in October, and never in March. *first*, *last*: in UTC; None: no hours."""
    hours = (Hours(frozenset(range(7)), starts, ends),)
    rota = Rota(name="r", timezone="Europe/Berlin", starts_at=at("2026-01-01"), hours=hours, user_ids=(ANN,))
    night = at(first).replace(hour=15, minute=0) - (DAY if at(first).hour < 15 else 0 * DAY)
    expected = [] if last is None else [Shift(ANN, at(first), at(last))]
    assert expected == shifts(rota, {}, night, night + timedelta(hours=16))


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        ("2026-10-24 00:30", "2026-10-25 00:30", "2026-10-26 01:30"),
        ("2026-03-28 01:30", "2026-03-29 01:00", "2026-03-30 00:30"),
    ],
)
def test_a_hand_over_within_the_doubled_hour_is_at_its_first_time_and_in_the_missing_one_at_the_jump(
    before: str, change: str, after: str
) -> None:
    starts_at = at(f"{before[:10]} 02:30", "Europe/Berlin")
    rota = Rota(name="r", timezone="Europe/Berlin", starts_at=starts_at, turn_days=1, user_ids=(ANN, BEN))
    assert at(before) == starts_at
    assert [Shift(ANN, at(before), at(change)), Shift(BEN, at(change), at(after))] == shifts(
        rota, {}, starts_at, at(after)
    )


def test_turns_of_a_day_skip_nobody_over_the_weekend() -> None:
    """Five people and five workdays would else leave one without a turn, or give one all of them."""
    hours = (Hours(WORKDAYS, time(9), time(17)),)
    starts_at = at("2026-06-01 09:00")
    rota = Rota(name="r", timezone="UTC", starts_at=starts_at, turn_days=1, hours=hours, user_ids=(ANN, BEN, CLEO))
    found = shifts(rota, {}, starts_at, starts_at + 14 * DAY)
    assert [ANN, BEN, CLEO, ANN, BEN, CLEO, ANN, BEN, CLEO, ANN] == [shift.user_id for shift in found]
    assert {0, 1, 2, 3, 4} == {shift.starts_at.weekday() for shift in found}


def test_hours_over_midnight_belong_to_the_turn_of_their_evening() -> None:
    hours = (Hours(WORKDAYS, time(18), time(8)),)
    starts_at = at("2026-06-01 12:00")
    rota = Rota(name="r", timezone="UTC", starts_at=starts_at, turn_days=1, hours=hours, user_ids=(ANN, BEN))
    assert [Shift(ANN, at("2026-06-01 18:00"), at("2026-06-02 08:00"))] == shifts(rota, {}, starts_at, starts_at + DAY)


def test_an_override_and_an_absence_cut_a_turn() -> None:
    starts_at = at("2026-06-01 00:00")
    override = Override(CLEO, at("2026-06-02 00:00"), at("2026-06-03 00:00"))
    rota = Rota(name="r", timezone="UTC", starts_at=starts_at, user_ids=(ANN, BEN), overrides=(override,))
    away = {ANN: [Span(at("2026-06-04 00:00"), at("2026-06-05 00:00"))]}
    found = shifts(rota, away, starts_at, starts_at + 7 * DAY)
    assert [ANN, CLEO, ANN, BEN, ANN] == [shift.user_id for shift in found]


def test_who_is_away_is_passed_over_also_as_an_override() -> None:
    starts_at = at("2026-06-01 00:00")
    rota = Rota(
        name="r",
        timezone="UTC",
        starts_at=starts_at,
        user_ids=(ANN,),
        overrides=(Override(BEN, starts_at, starts_at + DAY),),
    )
    away = {BEN: [Span(starts_at, starts_at + DAY)]}
    assert ANN == on_call(rota, away, starts_at)
    assert on_call(rota, away | {ANN: away[BEN]}, starts_at) is None
