from datetime import datetime
from itertools import islice

from monitor.adapters.memory.database import Database
from monitor.adapters.memory.state import State
from monitor.application.ports.queries import AlertFilter, AlertQueries, ShownAlert
from monitor.domain.actors import Actor
from monitor.domain.alerts import LEVEL_CHANGES, Alert, AlertId, TimelineEntry
from monitor.domain.errors import NotFound
from monitor.domain.servers import Server, ServerId


class MemoryAlertQueries(AlertQueries):
    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, actor: Actor, wanted: AlertFilter) -> list[ShownAlert]:
        state = self._database.state
        if wanted.server_id is not None and not _sees(state, actor, wanted.server_id):
            raise NotFound(f"no server {wanted.server_id}")
        newest_first = (alert for _, alert in sorted(state.alerts.items(), reverse=True))
        seen = (alert for alert in newest_first if _sees(state, actor, alert.server_id))
        found = (alert for alert in seen if _matches(alert, state.servers[alert.server_id], wanted))
        return [_shown(state, alert) for alert in islice(found, wanted.limit)]

    def get(self, actor: Actor, alert_id: AlertId) -> tuple[ShownAlert, list[TimelineEntry]]:
        state = self._database.state
        alert = state.alerts.get(alert_id)
        if alert is None or not _sees(state, actor, alert.server_id):
            raise NotFound(f"no alert {alert_id}")
        timeline = sorted(state.timelines.get(alert_id, ()), key=lambda entry: (entry.at, entry.id))
        return _shown(state, alert), timeline

    def calm(self, since: datetime) -> list[tuple[ServerId, str]]:
        state = self._database.state
        flapping = [alert for _, alert in sorted(state.alerts.items()) if alert.flapping]
        changed = {(a.server_id, a.metric) for a in flapping if _last_change(state, a) > since}
        return [series for series in dict.fromkeys((a.server_id, a.metric) for a in flapping) if series not in changed]


def _sees(state: State, actor: Actor, server_id: ServerId) -> bool:
    server = state.servers.get(server_id)
    return server is not None and server.is_visible_to(actor)


def _last_change(state: State, alert: Alert) -> datetime:
    levels = [entry.at for entry in state.timelines.get(alert.id, ()) if entry.happening in LEVEL_CHANGES]
    return alert.resolved_at or max([alert.fired_at, *levels])


def _matches(alert: Alert, server: Server, wanted: AlertFilter) -> bool:
    return (
        wanted.may_be_of(server)
        and (wanted.state is None or alert.state is wanted.state)
        and (wanted.level is None or alert.peak_level is wanted.level)
        and (wanted.acknowledged is None or (alert.acknowledged_at is not None) is wanted.acknowledged)
        and (wanted.metric is None or alert.metric == wanted.metric)
        and (wanted.start is None or alert.fired_at >= wanted.start)
        and (wanted.end is None or alert.fired_at < wanted.end)
        and (wanted.before is None or alert.id < wanted.before)
    )


def _shown(state: State, alert: Alert) -> ShownAlert:
    user = state.users.get(alert.acknowledged_by) if alert.acknowledged_by is not None else None
    return ShownAlert(
        alert=alert,
        server_name=state.servers[alert.server_id].name,
        acknowledged_by=user.username if user is not None else None,
    )
