"""What becomes of an alert."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.accounts.actors import UserId
from monitor.domain.alerts.alert import Alert, AlertClosed, AlertState
from monitor.domain.fleet.servers import ServerId
from monitor.domain.levels import Level
from monitor.domain.policies.comparing import Change, Event
from monitor.domain.times import microseconds
from tests.contracts.builders import AT, MICROSECOND, SECOND, an_alert

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ACKNOWLEDGED = an_alert(ServerId(1), acknowledged_by=UserId(7), acknowledged_at=AT, last_notified_at=AT)
LATER_CHANGES = (Change.ESCALATED, Change.DEESCALATED, Change.RESOLVED)

events = st.builds(
    lambda change, level, seconds, value: Event(change, level, microseconds(AT) + seconds * 1_000_000, value),
    st.sampled_from(LATER_CHANGES),
    st.sampled_from([Level.WARNING, Level.CRITICAL]),
    st.integers(0, 86_400),
    st.floats(allow_nan=False, allow_infinity=False),
)
thresholds = st.none() | st.sampled_from([70.0, 85.0])


@given(events, thresholds, st.booleans())
def test_an_event_changes_only_its_own_fields(event: Event, threshold, is_acknowledged: bool) -> None:
    before = ACKNOWLEDGED if is_acknowledged else an_alert(ServerId(1), last_notified_at=AT)
    after = before.changed(event, threshold)
    if event.change is Change.RESOLVED:
        at = AT + timedelta(microseconds=event.at - microseconds(AT))
        assert after == replace(before, state=AlertState.RESOLVED, resolved_at=at, value=event.value)
        return
    assert (after.level, after.value, after.threshold) == (event.level, event.value, threshold)
    assert after.peak_level == max(before.level, event.level)
    same = replace(
        after, level=before.level, value=before.value, threshold=before.threshold, peak_level=before.peak_level
    )
    if event.change is Change.ESCALATED:
        assert (after.acknowledged_by, after.acknowledged_at) == (None, None)
        same = replace(same, acknowledged_by=before.acknowledged_by, acknowledged_at=before.acknowledged_at)
    assert same == before


@given(st.lists(st.tuples(events, thresholds), min_size=1, max_size=10))
def test_events_one_after_the_other_leave_the_last_ones_marks(history) -> None:
    """The last event decides the state; the last event other than a resolution decides the level."""
    alert = ACKNOWLEDGED
    for event, threshold in history:
        alert = replace(alert, state=AlertState.FIRING, resolved_at=None).changed(event, threshold)
    last, _ = history[-1]
    levels = [event.level for event, _ in history if event.change is not Change.RESOLVED]
    assert alert.value == last.value
    assert alert.is_open == (last.change is not Change.RESOLVED)
    assert (alert.resolved_at is None) == alert.is_open
    assert alert.level == (levels[-1] if levels else ACKNOWLEDGED.level)
    assert (alert.acknowledged_at is None) == any(event.change is Change.ESCALATED for event, _ in history)


def test_going_down_from_critical_keeps_an_acknowledgement() -> None:
    """It was given for more."""
    event = Event(Change.DEESCALATED, Level.WARNING, microseconds(AT), 71.0)
    assert ACKNOWLEDGED.changed(event, 70.0).acknowledged_by == UserId(7)


def test_resolved_and_cancelled_alerts_differ() -> None:
    cancelled = ACKNOWLEDGED.cancelled(AT + HOUR)
    assert cancelled == replace(ACKNOWLEDGED, state=AlertState.CANCELLED, resolved_at=AT + HOUR)
    assert not cancelled.is_open


def test_a_firing_alert_can_be_acknowledged_again_by_another_user() -> None:
    alert = an_alert(ServerId(1))
    once = alert.acknowledged(UserId(7), AT)
    assert once == replace(alert, acknowledged_by=UserId(7), acknowledged_at=AT)
    assert once.acknowledged(UserId(8), AT + HOUR) == replace(
        alert, acknowledged_by=UserId(8), acknowledged_at=AT + HOUR
    )


@pytest.mark.parametrize("state", [AlertState.RESOLVED, AlertState.CANCELLED])
def test_an_ended_alert_cannot_be_acknowledged(state) -> None:
    with pytest.raises(AlertClosed):
        an_alert(ServerId(1), state=state, resolved_at=AT).acknowledged(UserId(7), AT)


@pytest.mark.parametrize("reminder_after", [SECOND, HOUR, 4 * HOUR])
@pytest.mark.parametrize("late_by", [-HOUR, -MICROSECOND, timedelta(0), MICROSECOND, HOUR])
@pytest.mark.parametrize(
    ("changes", "may_be_reminded_of"),
    [
        ({}, True),
        ({"level": Level.CRITICAL}, True),
        ({"state": AlertState.RESOLVED, "resolved_at": AT}, False),
        ({"state": AlertState.CANCELLED, "resolved_at": AT}, False),
        ({"acknowledged_at": AT, "acknowledged_by": UserId(7)}, False),
        ({"acknowledged_at": AT}, False),  # by somebody whose account is gone
        ({"due_at": AT}, False),  # it is held
        ({"last_notified_at": None}, False),  # nobody was notified of it yet
    ],
)
def test_a_reminder_is_due_so_long_after_the_last_notification(
    changes, may_be_reminded_of, late_by, reminder_after
) -> None:
    alert = replace(an_alert(ServerId(1), last_notified_at=AT), **changes)
    expected = may_be_reminded_of and late_by >= timedelta(0)
    assert alert.needs_reminder(AT + reminder_after + late_by, reminder_after) == expected


def test_the_first_notification_needs_no_pause() -> None:
    alert = an_alert(ServerId(1), last_notified_at=None)
    assert alert.needs_reminder(AT, HOUR, has_first_recipients=True)
    assert not replace(alert, acknowledged_at=AT).needs_reminder(AT + 9 * HOUR, HOUR, has_first_recipients=True)
    assert not replace(alert, last_notified_at=AT).needs_reminder(AT, HOUR, has_first_recipients=True)


def test_an_alert_begins_open_and_not_notified() -> None:
    alert: Alert = an_alert(ServerId(1))
    assert (alert.is_open, alert.last_notified_at, alert.acknowledged_at, alert.late) == (True, None, None, False)


def test_an_alert_begins_with_its_peak() -> None:
    alert = an_alert(ServerId(1), value=88.0, level=Level.CRITICAL)
    assert (alert.peak_level, alert.peak_value, alert.peak_at) == (Level.CRITICAL, 88.0, alert.fired_at)


@given(st.lists(st.tuples(events, thresholds), max_size=10))
def test_the_highest_level_stays(history) -> None:
    alert = an_alert(ServerId(1))
    for event, threshold in history:
        alert = replace(alert, state=AlertState.FIRING, resolved_at=None).changed(event, threshold)
    levels = [event.level for event, _ in history if event.change is not Change.RESOLVED]
    assert alert.peak_level == max([Level.WARNING, *levels])


def test_the_worst_value_is_that_of_the_engine() -> None:
    alert = an_alert(ServerId(1), value=75.0)
    assert alert.peaked(None, None) == alert
    assert alert.peaked(98.0, microseconds(AT + HOUR)) == replace(alert, peak_value=98.0, peak_at=AT + HOUR)


@pytest.mark.parametrize("end", [lambda a, at: a.cancelled(at), lambda a, at: a.changed(resolved_at(at), None)])
def test_an_offline_alert_has_its_whole_length_as_value_at_its_end(end) -> None:
    alert = an_alert(ServerId(1), metric="offline", level=Level.CRITICAL, value=90.0, started_at=AT)
    after = end(alert, AT + HOUR)
    assert (after.value, after.peak_value, after.peak_at) == (3600.0, 3600.0, AT + HOUR)
    assert alert.valued(0.0, AT + MINUTE).value == 60.0


def resolved_at(at: datetime) -> Event:
    return Event(Change.RESOLVED, Level.CRITICAL, microseconds(at), 90.0)
