"""When alerts of a server and metric changed of late: by that flapping is known."""

from datetime import timedelta

from monitor.domain.alerts import AlertState, Happening
from monitor.domain.servers import ServerId
from tests.contracts.builders import (
    AT,
    MICROSECOND,
    SECOND,
    stored_alert,
    stored_entry,
    stored_server,
)

HOUR = timedelta(hours=1)


class AlertChangesContract:
    def test_recent_changes_are_when_alerts_fired_and_ended(self, new_uow):
        """However they ended, and whether anybody was told; at or after the moment asked for, oldest first."""
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
            last_told_at=AT + 2 * HOUR,
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
        """Of alerts that fire and of those that ended; nothing else that a timeline tells."""
        server = stored_server(new_uow)
        open_one = stored_alert(new_uow, server.id, fired_at=AT - HOUR)
        ended = stored_alert(new_uow, server.id, fired_at=AT - HOUR, state=AlertState.RESOLVED, resolved_at=AT + HOUR)
        for alert in (open_one, ended, stored_alert(new_uow, server.id, metric="memory", fired_at=AT - HOUR)):
            stored_entry(new_uow, alert, Happening.ESCALATED, at=AT - SECOND)
            for n, happening in enumerate(Happening):
                stored_entry(new_uow, alert, happening, at=AT + n * SECOND)
        with new_uow() as uow:
            found = uow.alerts.recent_changes(server.id, "cpu", AT)
            assert found == [*[AT + SECOND] * 2, *[AT + 2 * SECOND] * 2, AT + HOUR]

    def test_two_changes_of_one_moment_are_two(self, new_uow):
        server = stored_server(new_uow)
        for _ in range(2):
            stored_alert(new_uow, server.id, state=AlertState.RESOLVED, resolved_at=AT)
        with new_uow() as uow:
            assert uow.alerts.recent_changes(server.id, "cpu", AT) == [AT] * 4
