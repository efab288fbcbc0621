"""Whom calendars show: the same for all who ask, over months of rotas with overrides, hours and absences."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from monitor.adapters.http.oncall.calendars import as_ics
from monitor.adapters.memory.fakes import FixedClock
from monitor.application.notifications.called import step_audience
from monitor.application.oncall.calendars import FILE_AFTER, FILE_BEFORE, MAX_SHIFTS, Calendars
from monitor.application.oncall.rotas import ManageRotas
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.accounts.availability import Span
from monitor.domain.errors import InvalidInput, NotFound
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import Target as Recipient
from monitor.domain.oncall import rotas
from monitor.domain.oncall.escalations import Escalation, Step, Target, TargetKind
from monitor.domain.oncall.rotas import Hours, Override, Rota, RotaId, Shift
from tests.unit.application.core import ROOT, Core
from tests.unit.domain.oncall.test_rotas import HOURS, ZONES

DAY, QUARTER = timedelta(days=1), timedelta(minutes=15)
BEGIN = datetime(2030, 1, 1, tzinfo=UTC)
PEOPLE = range(3)
MOMENTS = st.integers(0, 300 * 96).map(lambda number: BEGIN + number * QUARTER)
SPANS = st.builds(lambda start, length: Span(start, start + length * QUARTER), MOMENTS, st.integers(1, 2000))
RANDOM = st.fixed_dictionaries(
    {
        "timezone": st.sampled_from(ZONES),
        "starts_at": MOMENTS,
        "turn_days": st.integers(1, 9),
        "hours": st.none() | st.lists(HOURS, min_size=1, max_size=3, unique=True).map(tuple),
        "members": st.lists(st.sampled_from(PEOPLE), max_size=3, unique=True),
        "overrides": st.lists(st.tuples(st.sampled_from(PEOPLE), SPANS), max_size=3, unique=True),
        "away": st.lists(st.lists(SPANS, max_size=2), min_size=3, max_size=3),
    }
)


def calendars_at(core: Core, moment: datetime) -> Calendars:
    return Calendars(core.fleet, FixedClock(moment), "secret")


def holder(shifts: list[Shift], moment: datetime) -> UserId | None:
    found = [each.user_id for each in shifts if each.starts_at <= moment < each.ends_at]
    assert len(found) <= 1
    return found[0] if found else None


def read(calendars: Calendars, rota: Rota) -> tuple[list[str], list[Shift]]:
    """Return ids and shifts of the file, as programs read it."""
    file = calendars.file(rota.id, calendars.token(rota.id))
    directory = calendars.fleet.directory
    ids = {user.username: user.id for user in directory.users.values()}
    events = Calendar.from_ical(as_ics(file, directory)).walk("VEVENT")
    names = [str(each["summary"]).removesuffix(f" ({rota.name})") for each in events]
    return [str(each["uid"]) for each in events], [
        Shift(ids[name], each.decoded("dtstart"), each.decoded("dtend"))
        for name, each in zip(names, events, strict=True)
    ]


def stored(core: Core, drawn: dict[str, Any]) -> Rota:
    people = [core.user(name, email=f"{name}@example.com") for name in ("ann", "bob", "carl")]
    own = dict(drawn)
    members, overrides, away = own.pop("members"), own.pop("overrides"), own.pop("away")
    for person, spans in zip(people, away, strict=True):
        core.update_profile(person, away=tuple(spans))
    rota = Rota(
        name="nights",
        user_ids=tuple(people[each].user_id for each in members),
        overrides=tuple(Override(people[each].user_id, *span) for each, span in overrides),
        **own,
    )
    rota = ManageRotas(core.new_uow, core.clock, core.fleet).create(ROOT, rota)
    core.fleet.refresh()
    return rota


@given(RANDOM, MOMENTS, st.lists(st.integers(0, 210 * 96 - 1), min_size=1, max_size=8))
def test_calendar_now_file_and_steps_never_differ(drawn: dict[str, Any], today: datetime, offsets: list[int]) -> None:
    """Changes of the clock in both directions lie in these months."""
    core = Core(clock=FixedClock(BEGIN - DAY))
    rota, server = stored(core, drawn), core.server()
    first = today.replace(hour=0, minute=0) - FILE_BEFORE
    last = first + FILE_BEFORE + FILE_AFTER
    calendar = calendars_at(core, today).on_call(rota.id, first, last)
    ids, file = read(calendars_at(core, today), rota)
    assert len(ids) == len(set(ids))
    assert calendar == [Shift(each.user_id, max(each.starts_at, first), each.ends_at) for each in file]
    directory = core.fleet.directory
    escalation = Escalation(name="ops", steps=(Step(timedelta(0), (Target(TargetKind.ROTA, rota.id),)),))
    for moment in (first + offset * QUARTER for offset in offsets):
        [(_, now, later)] = calendars_at(core, moment).now()
        expected = holder(calendar, moment)
        assert expected == (None if now is None else now.user_id)
        called = step_audience(directory, server, Level.CRITICAL, escalation, escalation.steps[0], moment).targets
        assert ([] if expected is None else [Recipient(user_id=expected)]) == called
        assert ([] if now is None else [now]) == calendars_at(core, moment).on_call(rota.id)
        assert later == rotas.around(directory.roster.rotas[rota.id], directory.away, moment)[1]


@given(RANDOM, MOMENTS, st.integers(1, 60))
def test_an_event_has_the_same_id_on_another_day(drawn: dict[str, Any], today: datetime, days: int) -> None:
    core = Core(clock=FixedClock(BEGIN - DAY))
    rota = stored(core, drawn)
    before, after = (
        dict(zip(*read(calendars_at(core, moment), rota), strict=True)) for moment in (today, today + days * DAY)
    )
    end = today.replace(hour=0, minute=0) + FILE_AFTER
    shared = {uid: shift for uid, shift in after.items() if shift.starts_at < end}
    assert shared.keys() <= before.keys()
    assert all(before[uid].ends_at in (shift.ends_at, end) for uid, shift in shared.items())


def test_a_shift_of_years_keeps_its_id(core: Core, ann: Actor) -> None:
    rota = Rota(name="always", timezone="UTC", starts_at=BEGIN, user_ids=(ann.user_id,))
    rota = ManageRotas(core.new_uow, core.clock, core.fleet).create(ROOT, rota)
    days = [read(calendars_at(core, BEGIN + number * DAY), rota)[0] for number in (0, 429, 430, 431, 900)]
    assert [[f"{rota.id}-20300101T000000-{ann.user_id}@monitor"]] * 5 == days


@pytest.fixture
def rota(core: Core, ann: Actor, bob: Actor) -> Rota:
    hours = (Hours(frozenset(range(5)), time(9), time(17)),)
    made = Rota(name="web", timezone="Europe/Berlin", starts_at=BEGIN, hours=hours, user_ids=(ann.user_id, bob.user_id))
    return ManageRotas(core.new_uow, core.clock, core.fleet).create(ROOT, made)


def test_hours_are_those_of_the_zone_in_weeks_in_which_clocks_change(core: Core, rota: Rota) -> None:
    _, shifts = read(calendars_at(core, datetime(2030, 3, 20, 12, tzinfo=UTC)), rota)
    mornings = {each.starts_at.date(): each.starts_at.hour for each in shifts}
    assert (8, 7) == (mornings[date(2030, 3, 29)], mornings[date(2030, 4, 1)])


def test_a_shift_now_is_shown_whole(core: Core, rota: Rota, ann: Actor) -> None:
    calendars = calendars_at(core, BEGIN + timedelta(hours=9))
    [shift] = calendars.on_call(rota.id)
    assert (ann.user_id, 8, 16) == (shift.user_id, shift.starts_at.hour, shift.ends_at.hour)
    [cut] = calendars.on_call(rota.id, BEGIN + timedelta(hours=9), BEGIN + timedelta(hours=10))
    assert Shift(ann.user_id, BEGIN + timedelta(hours=9), BEGIN + timedelta(hours=10)) == cut


def test_a_calendar_is_bounded(core: Core, rota: Rota, ann: Actor) -> None:
    calendars = calendars_at(core, BEGIN)
    many = tuple(Hours(frozenset(range(7)), time(n), time(n, 30)) for n in range(20))
    manage = ManageRotas(core.new_uow, core.clock, core.fleet)
    dense = manage.create(ROOT, Rota(name="dense", timezone="UTC", starts_at=BEGIN, hours=many, user_ids=rota.user_ids))
    wrong = [
        (rota, BEGIN, BEGIN, "not_after_start"),
        (rota, BEGIN, BEGIN + 401 * DAY, "too_long_after_start"),
        (rota, BEGIN.replace(year=9999), None, "out_of_range"),
        (rota, BEGIN.replace(year=1), None, "out_of_range"),
        (dense, BEGIN, BEGIN + 400 * DAY, "too_many_shifts"),
    ]
    for of, at, until, code in wrong:
        with pytest.raises(InvalidInput) as refusal:
            calendars.on_call(of.id, at, until)
        assert [code] == [problem.code for problem in refusal.value.problems.values()]
    assert 4000 <= len(calendars.on_call(dense.id, BEGIN, BEGIN + 200 * DAY)) <= MAX_SHIFTS


def test_a_file_needs_the_token_of_its_rota(core: Core, rota: Rota) -> None:
    calendars = calendars_at(core, BEGIN)
    others = Calendars(core.fleet, core.clock, "another secret")
    for token in ("", "é", calendars.token(RotaId(rota.id + 1)), others.token(rota.id)):
        with pytest.raises(NotFound):
            calendars.file(rota.id, token)
    with pytest.raises(NotFound):
        calendars.file(RotaId(4711), calendars.token(RotaId(4711)))
