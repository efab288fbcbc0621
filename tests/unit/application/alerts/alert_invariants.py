"""What holds in the store at every moment, whatever happened before."""

from collections import Counter

from monitor.domain.alerts.alert import Alert, AlertState, EventKind
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import DeliveryState
from monitor.domain.policies.policies import OFFLINE
from monitor.domain.times import moment
from tests.unit.application.alerts.alert_world import World

CHANGES = (EventKind.FIRED, EventKind.ESCALATED, EventKind.DEESCALATED, EventKind.RESOLVED, EventKind.CANCELLED)
READ_AS = dict.fromkeys((EventKind.ACK_EXPIRED, EventKind.HANDED_OVER), EventKind.STEP)
"""How notifications of these events are called. A step that runs at once is called what began it."""
ENDS = {AlertState.RESOLVED: EventKind.RESOLVED, AlertState.CANCELLED: EventKind.CANCELLED}


def assert_consistent(world: World) -> None:
    """No state without its event, no event without its outbox rows, no outbox row without its event."""
    alerts = world.alerts()
    _assert_states_are_alerts(world, alerts)
    for alert in alerts:
        _assert_timeline_tells_all(world, alert)
    _assert_outbox_follows_events(world, alerts)
    _assert_quiet_follows_alerts(world, alerts)


def _assert_states_are_alerts(world: World, alerts: list[Alert]) -> None:
    """What fires has a state and an alert; what is pending has no alert; what is idle has no state."""
    with world.store() as uow:
        states = uow.alert_states.all()
    assert all(stored.state.level or stored.state.is_pending for stored in states)
    firing = {(s.server_id, s.metric, s.alert_id, s.state.level) for s in states if s.state.level}
    assert firing == {(a.server_id, a.metric, a.id, a.level) for a in alerts if a.is_open}
    assert all(s.alert_id is None for s in states if not s.state.level)
    keys = [(a.server_id, a.metric) for a in alerts if a.is_open]
    assert len(keys) == len(set(keys)), "two open alerts of one metric"


def _assert_timeline_tells_all(world: World, alert: Alert) -> None:
    """It fires once and first, ends once and last, and goes between the levels in steps that fit."""
    timeline = sorted(world.timeline(alert), key=lambda e: e.id)
    if any(entry.event_kind is EventKind.FOUND for entry in timeline) or (alert.late and alert.resolved_at):
        # What was recorded before late samples came stays, and is not what they say.
        assert EventKind.FIRED in [entry.event_kind for entry in timeline]
        return
    entries = [entry for entry in timeline if entry.event_kind in CHANGES]
    happened = [entry.event_kind for entry in entries]
    assert happened[0] is EventKind.FIRED
    assert happened.count(EventKind.FIRED) == 1
    end = ENDS.get(alert.state)
    assert [event_kind for event_kind in happened if event_kind in ENDS.values()] == ([end] if end else [])
    assert (alert.resolved_at is None) is alert.is_open
    assert end is None or happened[-1] is end
    level = entries[0].level
    for entry in entries[1:]:
        if entry.event_kind is EventKind.ESCALATED:
            assert (level, entry.level) == (Level.WARNING, Level.CRITICAL)
        elif entry.event_kind is EventKind.DEESCALATED:
            assert (level, entry.level) == (Level.CRITICAL, Level.WARNING)
        level = entry.level
    assert level is alert.level
    assert alert.peak_level is max(entry.level for entry in entries if entry.level is not None)
    if alert.metric == OFFLINE and alert.resolved_at is not None:
        assert alert.value == alert.peak_value == (alert.resolved_at - alert.started_at).total_seconds()
    assert entries[0].at == alert.fired_at
    assert alert.metric == OFFLINE or alert.started_at <= alert.fired_at


def _assert_outbox_follows_events(world: World, alerts: list[Alert]) -> None:
    entries = {entry.id: entry for alert in alerts for entry in world.timeline(alert)}
    rows = [row for row in world.outbox() if row.alert_id is not None]  # else of a server that was deleted
    for row in rows:
        entry = entries[row.event_id] if row.event_id is not None else None
        assert entry is not None, "an outbox row without an event"
        assert entry.alert_id == row.alert_id
        assert row.event_kind is READ_AS.get(entry.event_kind, entry.event_kind) or entry.event_kind is EventKind.STEP
        assert (row.sent_at is not None) is (row.delivery is DeliveryState.SENT)
    twice = [key for key, count in Counter((row.event_id, row.target) for row in rows).items() if count > 1]
    assert twice == [], "an event has two rows for one target"


def _assert_quiet_follows_alerts(world: World, alerts: list[Alert]) -> None:
    """The quiet rule keeps nothing open that has ended, and an alert falls due when the rule says so."""
    with world.store() as uow:
        for server_id, key in {(alert.server_id, alert.key) for alert in alerts}:
            quiet = uow.alerts.quiet(server_id, key)
            open_ = [alert for alert in alerts if alert.is_open and (alert.server_id, alert.key) == (server_id, key)]
            assert open_ or quiet.open is None
            assert all(alert.due_at == (None if quiet.due is None else moment(quiet.due)) for alert in open_)
    assert all(alert.due_at is None for alert in alerts if not alert.is_open)
