"""Recent changes of the alerts of a server and metric, from which flapping is found."""

from dataclasses import replace
from datetime import timedelta

from monitor.domain.alerts.alert import Alert, AlertState, EventKind
from monitor.domain.fleet.servers import ServerId
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import DeliveryState, Target
from tests.contracts.builders import (
    AT,
    MICROSECOND,
    SECOND,
    a_notification,
    stored_alert,
    stored_entry,
    stored_notifications,
    stored_server,
    stored_user,
)

HOUR = timedelta(hours=1)


class AlertChangesContract:
    def test_recent_changes_are_when_alerts_fired_and_ended(self, new_uow):
        """However they ended, notified or not; at or after the given moment, oldest first."""
        server, other = stored_server(new_uow, "192.0.2.1"), stored_server(new_uow, "192.0.2.2")
        resolved, cancelled = AlertState.RESOLVED, AlertState.CANCELLED
        stored_alert(new_uow, server.id, fired_at=AT + 5 * HOUR)
        stored_alert(new_uow, server.id, fired_at=AT - HOUR, state=resolved, resolved_at=AT)
        stored_alert(
            new_uow,
            server.id,
            fired_at=AT + HOUR,
            state=cancelled,
            resolved_at=AT + 3 * HOUR,
            acknowledged_at=AT + 2 * HOUR,
            last_notified_at=AT + 2 * HOUR,
        )
        stored_alert(
            new_uow, server.id, fired_at=AT + 4 * HOUR, state=resolved, resolved_at=AT + 4 * HOUR + SECOND, late=True
        )
        stored_alert(new_uow, server.id, metric="memory", fired_at=AT + HOUR + SECOND)
        stored_alert(new_uow, other.id, fired_at=AT + HOUR + 2 * SECOND)
        times = [AT - HOUR, AT, AT + HOUR, AT + 3 * HOUR, AT + 4 * HOUR, AT + 4 * HOUR + SECOND, AT + 5 * HOUR]
        with new_uow() as uow:
            for n, since in enumerate(times):
                assert uow.alerts.recent_changes(server.id, "cpu", since) == times[n:]
                assert uow.alerts.recent_changes(server.id, "cpu", since + MICROSECOND) == times[n + 1 :]
            assert uow.alerts.recent_changes(ServerId(1_000_000), "cpu", AT) == []

    def test_recent_changes_are_also_those_from_one_level_to_another(self, new_uow):
        """Of firing and of ended alerts; other entries of a timeline do not count."""
        server = stored_server(new_uow)
        open_one = stored_alert(new_uow, server.id, fired_at=AT - HOUR)
        ended = stored_alert(new_uow, server.id, fired_at=AT - HOUR, state=AlertState.RESOLVED, resolved_at=AT + HOUR)
        for alert in (open_one, ended, stored_alert(new_uow, server.id, metric="memory", fired_at=AT - HOUR)):
            stored_entry(new_uow, alert, EventKind.ESCALATED, at=AT - SECOND)
            for n, event_kind in enumerate(EventKind):
                stored_entry(new_uow, alert, event_kind, at=AT + n * SECOND)
        with new_uow() as uow:
            found = uow.alerts.recent_changes(server.id, "cpu", AT)
            assert found == [*[AT + SECOND] * 2, *[AT + 2 * SECOND] * 2, AT + HOUR]

    def test_two_changes_at_one_moment_count_as_two(self, new_uow):
        server = stored_server(new_uow)
        for _ in range(2):
            stored_alert(new_uow, server.id, state=AlertState.RESOLVED, resolved_at=AT)
        with new_uow() as uow:
            assert uow.alerts.recent_changes(server.id, "cpu", AT) == [AT] * 4

    def test_a_marked_alert_flaps_until_the_mark_is_removed(self, new_uow):
        """Open or not; of that server and metric alone."""
        server, other = stored_server(new_uow, "192.0.2.1"), stored_server(new_uow, "192.0.2.2")
        calm = stored_alert(new_uow, server.id)
        marked = [
            stored_alert(new_uow, server.id, flapping=True, state=state, resolved_at=None if state == "firing" else AT)
            for state in (AlertState.RESOLVED, AlertState.FIRING, AlertState.CANCELLED)
        ]
        elsewhere = [
            stored_alert(new_uow, server.id, metric="memory", flapping=True),
            stored_alert(new_uow, other.id, flapping=True),
        ]
        with new_uow() as uow:
            assert uow.alerts.noticed(server.id, "cpu") is Level.OK
            assert uow.alerts.noticed(server.id, "disk") is None
            assert uow.alerts.noticed(ServerId(1_000_000), "cpu") is None
            assert uow.alerts.end_flapping(server.id, "cpu") == [alert.id for alert in marked]
            assert uow.alerts.end_flapping(server.id, "cpu") == []
            assert uow.alerts.noticed(server.id, "cpu") is None
            uow.commit()
        with new_uow() as uow:
            ids = [alert.id for alert in (calm, *marked, *elsewhere)]
            found = uow.alerts.get_many(ids, changed_by=None)
            assert list(found.values()) == [calm, *(replace(alert, flapping=False) for alert in marked), *elsewhere]

    def test_the_notice_of_flapping_is_the_highest_that_is_kept(self, new_uow):
        """Only notices of its marked alerts count, and no other notifications."""
        server, target = stored_server(new_uow), Target(user_id=stored_user(new_uow).id)
        first, second = (stored_alert(new_uow, server.id, flapping=True) for _ in range(2))
        unmarked = stored_alert(new_uow, server.id)

        def noticed_after(
            alert: Alert,
            level: Level,
            event_kind: EventKind = EventKind.FLAPPING,
            delivery: DeliveryState = DeliveryState.SENT,
        ) -> Level | None:
            entry = stored_entry(new_uow, alert, event_kind)
            stored_notifications(new_uow, a_notification(entry, target, level=level, delivery=delivery))
            with new_uow() as uow:
                found: Level | None = uow.alerts.noticed(server.id, "cpu")
            return found

        assert noticed_after(first, Level.CRITICAL, event_kind=EventKind.FIRED) is Level.OK
        assert noticed_after(first, Level.CRITICAL, delivery=DeliveryState.DROPPED) is Level.OK
        assert noticed_after(unmarked, Level.CRITICAL) is Level.OK
        assert noticed_after(first, Level.WARNING, delivery=DeliveryState.PENDING) is Level.WARNING
        assert noticed_after(second, Level.CRITICAL, delivery=DeliveryState.PARKED) is Level.CRITICAL
        assert noticed_after(second, Level.WARNING, delivery=DeliveryState.HELD) is Level.CRITICAL
