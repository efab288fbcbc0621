"""Rotas beside a slow model that looks at every quarter of an hour."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

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
    local = moment.astimezone(rota.zone)
    date = local.date() if handed_over(rota, local) else local.date() - DAY
    if not is_open(rota, local):
        return None
    days = (date - begun.date()).days
    before = sum(counts(rota, begun.date() + number * DAY) for number in range(days))
    place = before // rota.turn_days % len(rota.user_ids)
    chosen = [each.user_id for each in reversed(rota.overrides) if each.starts_at <= moment < each.ends_at]
    for user_id in [*chosen, *rota.user_ids[place:], *rota.user_ids[:place]]:
        if not any(begin <= moment < end for begin, end in away.get(user_id, ())):
            return user_id
    return None


def handed_over(rota: Rota, local: datetime) -> bool:
    """Tell whether the hand-over of this date was: the first time that clocks show it, or a later one."""
    begun = rota.starts_at.astimezone(rota.zone)
    return local.time() >= begun.time() or bool(local.fold)


def is_open(rota: Rota, local: datetime) -> bool:
    return rota.hours is None or any(
        covers(hours, local.time(), (local.weekday() - days) % 7, days) for hours in rota.hours for days in (0, 1)
    )


def covers(hours: Hours, clock: time, weekday: int, days: int) -> bool:
    """Tell whether the window that began *days* ago, on *weekday*, covers what the clock shows."""
    if weekday not in hours.weekdays:
        return False
    over_midnight = hours.ends <= hours.starts
    if days == 0:
        return hours.starts <= clock and (over_midnight or clock < hours.ends)
    return over_midnight and clock < hours.ends


def counts(rota: Rota, date: object) -> bool:
    """Tell whether any quarter between this hand-over and the next one is open, on days without a change of clocks."""
    begun = rota.starts_at.astimezone(rota.zone)
    first = datetime.combine(date, begun.time())  # type: ignore[arg-type]
    return any(is_open(rota, first + number * QUARTER) for number in range(96))


PLAIN_ZONES = ROTAS.filter(lambda rota: rota.timezone in ("UTC", "Asia/Shanghai"))


@given(PLAIN_ZONES, AWAY, quarters(BEGIN, 90))
def test_it_is_what_the_model_says(rota: Rota, away: Away, moment: datetime) -> None:
    assert on_call(rota, away, moment) == model(rota, away, moment)


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
