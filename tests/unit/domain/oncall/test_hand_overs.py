"""Hand-overs: each change of who is on call, once, whatever the spans in which anybody looks."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.availability import Span
from monitor.domain.oncall.hand_overs import HandOver, hand_over_now, hand_overs
from monitor.domain.oncall.rotas import Hours, Override, Rota, on_call

START = datetime(2026, 6, 1, 9, tzinfo=UTC)  # a Monday
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BOB, EVE, CAROL = UserId(1), UserId(2), UserId(3)


def a_rota(**more: object) -> Rota:
    fields = {"name": "nights", "timezone": "UTC", "starts_at": START, "user_ids": (BOB, EVE)} | more
    return Rota(**fields)  # type: ignore[arg-type]


def found(rota: Rota, days: int, away: dict[UserId, list[Span]] | None = None) -> list[HandOver]:
    return [*hand_overs(rota, away or {}, START - HOUR, START + days * DAY)]


def test_each_turn_begins_with_one() -> None:
    expected = [(BOB, 0, None), (EVE, 7, BOB), (BOB, 14, EVE)]
    assert expected == [(each.user_id, (each.at - START).days, each.before) for each in found(a_rota(), 20)]


def test_overrides_and_absences_hand_over_and_back() -> None:
    rota = a_rota(overrides=(Override(CAROL, START + DAY, START + 2 * DAY),))
    assert [(BOB, None), (CAROL, BOB), (BOB, CAROL)] == [(e.user_id, e.before) for e in found(rota, 6)]
    away = {BOB: [Span(START + DAY, START + 2 * DAY)]}
    assert [(BOB, None), (EVE, BOB), (BOB, EVE)] == [(e.user_id, e.before) for e in found(a_rota(), 6, away)]


def test_the_hours_of_the_same_person_on_the_next_day_are_none() -> None:
    rota = a_rota(turn_days=5, hours=(Hours(frozenset(range(5)), time(9), time(17)),))
    assert [(BOB, 0), (EVE, 7)] == [(e.user_id, (e.at - START).days) for e in found(rota, 13)]


ROTAS = st.builds(
    lambda users, days, hours: a_rota(user_ids=tuple(map(UserId, users)), turn_days=days, hours=hours),
    st.lists(st.integers(1, 3), min_size=1, max_size=4),
    st.integers(1, 9),
    st.none() | st.just((Hours(frozenset(range(5)), time(22), time(6)),)),
)


@given(ROTAS, st.lists(st.integers(0, 30 * 24), max_size=20))
def test_looking_more_often_finds_the_same(rota: Rota, looks: list[int]) -> None:
    times = [START - HOUR, *sorted(START + each * HOUR for each in {*looks, 30 * 24})]
    parts = [each for since, until in pairwise(times) for each in hand_overs(rota, {}, since, until)]
    assert found(rota, 30) == parts


@given(ROTAS)
def test_who_takes_over_is_on_call_from_then_on(rota: Rota) -> None:
    for each in found(rota, 30):
        assert each.user_id == on_call(rota, {}, each.at)
        assert each.before != on_call(rota, {}, each.at)


def test_a_change_hands_over_when_it_is_seen() -> None:
    now, moment = START + 2 * DAY, timedelta(seconds=30)
    away = {BOB: [Span(START + DAY, START + 3 * DAY)]}  # entered a moment ago, for a time that had begun
    assert HandOver(EVE, now, BOB) == hand_over_now(a_rota(), away, BOB, now - moment, now)
    assert HandOver(BOB, now, EVE) == hand_over_now(a_rota(), {}, EVE, now - moment, now)
    for last in (None, EVE):  # unknown, as after an upgrade; announced already
        assert hand_over_now(a_rota(), away, last, now - moment, now) is None
    nobody = {BOB: away[BOB], EVE: away[BOB]}
    assert hand_over_now(a_rota(), nobody, BOB, now - moment, now) is None


@given(ROTAS)
def test_without_changes_only_turns_hand_over(rota: Rota) -> None:
    last, looks = None, [START + 6 * n * HOUR for n in range(-1, 30 * 4)]
    for since, now in pairwise(looks):
        turns = [each for each in hand_overs(rota, {}, since, now) if each.user_id == on_call(rota, {}, now)]
        assert hand_over_now(rota, {}, last, since, now) == (turns[-1] if turns else None)
        last = on_call(rota, {}, now) or last


def test_who_took_over_and_went_off_duty_unseen_is_announced_when_on_call_again() -> None:
    rota, friday = a_rota(turn_days=4, hours=(Hours(frozenset(range(5)), time(9), time(17)),)), START + 4 * DAY
    assert on_call(rota, {}, friday) == EVE
    monday = START + 7 * DAY
    assert HandOver(EVE, monday, BOB) == hand_over_now(rota, {}, BOB, monday - HOUR, monday)
