"""Reminders are counted as live alerts send them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.alerts.alert import CALM_AFTER, Flapping
from monitor.domain.alerts.engine import Change
from monitor.domain.alerts.offline import OfflinePeriod
from monitor.domain.alerts.reminders import Notices
from monitor.domain.times import MICROSECOND, SECOND

HOUR = 3600 * SECOND
EVERY_4_H = timedelta(hours=4)


def notices(*changes: tuple[Change, float], flapping: bool = False) -> Notices:
    found = Notices()
    for change, hours in changes:
        found.change(change, round(hours * HOUR), flapping=flapping)
    return found


def offline(since: float, until: float) -> OfflinePeriod:
    return OfflinePeriod(last_report=round(since * HOUR), offline_at=round(since * HOUR), until=round(until * HOUR))


@pytest.mark.parametrize(("hours", "reminders"), [(3, 0), (4, 0), (4.001, 1), (8, 1), (9, 2), (720, 179)])
def test_one_after_each_pause(hours, reminders) -> None:
    assert notices((Change.FIRED, 0)).reminders(round(hours * HOUR), EVERY_4_H) == reminders


def test_an_escalation_begins_the_pause_anew() -> None:
    assert notices((Change.FIRED, 0), (Change.ESCALATED, 3)).reminders(8 * HOUR, EVERY_4_H) == 1
    assert notices((Change.FIRED, 0), (Change.DEESCALATED, 3)).reminders(8 * HOUR, EVERY_4_H) == 1
    assert notices((Change.FIRED, 0), (Change.DEESCALATED, 3)).reminders(8 * HOUR + 1, EVERY_4_H) == 2


def test_they_wait_while_the_host_is_offline() -> None:
    fired = notices((Change.FIRED, 0))
    assert fired.reminders(24 * HOUR, EVERY_4_H, [offline(3, 23)]) == 1
    assert fired.reminders(23 * HOUR, EVERY_4_H, [offline(3, 23)]) == 0
    assert fired.reminders(24 * HOUR, EVERY_4_H, [offline(5, 6), offline(7, 9)]) == 5  # at 4, 9, 13, 17 and 21


def test_of_a_flapping_one_reminders_begin_when_it_is_calm() -> None:
    calm = CALM_AFTER // MICROSECOND
    fired = notices((Change.FIRED, 0), flapping=True)
    assert [fired.reminders(calm + hours * HOUR, EVERY_4_H) for hours in (4, 5)] == [0, 1]


@given(
    st.lists(st.integers(1, 600), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(1, 300), st.integers(1, 300)), max_size=4),
    st.integers(1, 90),
    st.integers(1, 4000),
)
def test_they_are_those_of_a_look_at_each_minute(gaps, away, pause, lasts) -> None:
    """Against maintenance that looks each minute; changes and ends come just before a look, reports just after."""
    minute, at, changes, periods = 60 * SECOND, 0, [], []
    for gap in gaps:
        changes.append(at)
        at += gap * minute
    begin = 0
    for until_offline, lasting in away:
        begin += until_offline
        periods.append(OfflinePeriod(begin * minute, begin * minute, (begin + lasting) * minute))
        begin += lasting
    end = changes[-1] + lasts * minute
    fired = Notices()
    for place, change in enumerate(changes):
        fired.change(Change.ESCALATED if place else Change.FIRED, change, flapping=False)
    last, reminded = 0, 0
    for now in range(0, end, minute):
        if now in changes:
            last = now
        elif now - last >= pause * minute and not any(p.offline_at <= now < p.until for p in periods):
            last, reminded = now, reminded + 1
    assert fired.reminders(end, timedelta(minutes=pause), periods) == reminded


def test_flapping_is_followed_change_by_change() -> None:
    flapping, seen = Flapping(), []
    for hours in (0, 1, 2, 3, 4, 5, 5.5, 8, 11.5, 12):
        flapping.change(round(hours * HOUR))
        seen.append(flapping.is_on)
    assert seen == [False] * 6 + [True, True, False, False]
