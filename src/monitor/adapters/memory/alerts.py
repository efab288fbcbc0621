from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from monitor.adapters.memory.database import Database
from monitor.adapters.memory.state import Draft
from monitor.application.ports.alerts import Alerts
from monitor.domain.actors import Actor
from monitor.domain.alert_engine import Level
from monitor.domain.alerts import LEVEL_CHANGES, Alert, AlertId, EventId, Happening, TimelineEntry
from monitor.domain.errors import ConstraintViolated, NotFound
from monitor.domain.notifications import Delivery
from monitor.domain.policies import PolicyId
from monitor.domain.servers import ServerId


class MemoryAlerts(Alerts):
    def __init__(self, database: Database, draft: Draft) -> None:
        self._database = database
        self._draft = draft

    def add(self, alert: Alert) -> Alert:
        if alert.server_id not in self._draft.servers:
            raise ConstraintViolated("the server is gone")
        # Of a policy that was deleted a moment ago: without it, as if it had been deleted a moment later.
        policy_id = alert.policy_id if alert.policy_id in self._draft.policies else None
        alert = replace(alert, id=AlertId(self._database.next_id("alerts")), policy_id=policy_id)
        self._draft.alerts[alert.id] = alert
        return alert

    def get(self, alert_id: AlertId, *, visible_to: Actor | None) -> Alert:
        found = self.get_many([alert_id], visible_to=visible_to)
        if not found:
            raise NotFound(f"no alert {alert_id}")
        return found[alert_id]

    def get_many(self, alert_ids: Collection[AlertId], *, visible_to: Actor | None) -> dict[AlertId, Alert]:
        alerts, servers = self._draft.alerts, self._draft.servers
        found = [alerts[alert_id] for alert_id in sorted(set(alert_ids)) if alert_id in alerts]
        return {
            alert.id: alert
            for alert in found
            if visible_to is None or servers[alert.server_id].is_visible_to(visible_to)
        }

    def save(self, alert: Alert) -> None:
        if alert.id not in self._draft.alerts:
            raise NotFound(f"no alert {alert.id}")
        self._draft.alerts[alert.id] = alert

    def save_peaks(self, peaks: Mapping[AlertId, tuple[float, datetime]]) -> None:
        for alert_id, (value, at) in peaks.items():
            if (alert := self._draft.alerts.get(alert_id)) is not None:
                self._draft.alerts[alert_id] = replace(alert, peak_value=value, peak_at=at)

    def open(self, *, policy_id: PolicyId | None = None, server_ids: Collection[ServerId] | None = None) -> list[Alert]:
        wanted = None if server_ids is None else set(server_ids)
        return [
            alert
            for alert in self._in_id_order()
            if alert.is_open
            and (policy_id is None or alert.policy_id == policy_id)
            and (wanted is None or alert.server_id in wanted)
        ]

    def untold(self) -> set[AlertId]:
        notifications = self._draft.notifications.values()
        told = {n.alert_id for n in notifications if n.delivery is not Delivery.DROPPED}
        return {alert.id for alert in self.open() if alert.last_told_at is None} - told

    def add_to_timeline(self, entries: Sequence[TimelineEntry]) -> list[TimelineEntry]:
        return [self._add_to_timeline(entry) for entry in entries]

    def recent_changes(self, server_id: ServerId, metric: str, since: datetime) -> list[datetime]:
        alerts = [a for a in self._draft.alerts.values() if a.server_id == server_id and a.metric == metric]
        times = [at for alert in alerts for at in (alert.fired_at, alert.resolved_at) if at is not None]
        entries = [entry for alert in alerts for entry in self._draft.timelines.get(alert.id, ())]
        times += [entry.at for entry in entries if entry.happening in LEVEL_CHANGES]
        return sorted(at for at in times if at >= since)

    def noticed(self, server_id: ServerId, metric: str) -> Level | None:
        marked = {alert.id for alert in self._flapping(server_id, metric)}
        if not marked:
            return None
        notices = (n for n in self._draft.notifications.values() if n.happening is Happening.FLAPPING)
        stand = (n for n in notices if n.alert_id in marked and n.delivery is not Delivery.DROPPED)
        return max((n.level for n in stand), default=Level.OK)

    def end_flapping(self, server_id: ServerId, metric: str) -> list[AlertId]:
        marked = self._flapping(server_id, metric)
        for alert in marked:
            self.save(replace(alert, flapping=False))
        return [alert.id for alert in marked]

    def _flapping(self, server_id: ServerId, metric: str) -> list[Alert]:
        series = (server_id, metric)
        return [alert for alert in self._in_id_order() if alert.flapping and (alert.server_id, alert.metric) == series]

    def _in_id_order(self) -> list[Alert]:
        return [alert for _, alert in sorted(self._draft.alerts.items())]

    def _add_to_timeline(self, entry: TimelineEntry) -> TimelineEntry:
        if entry.alert_id not in self._draft.alerts:
            raise ConstraintViolated("the alert is gone")
        entry = replace(entry, id=EventId(self._database.next_id("timeline")))
        before = self._draft.timelines.get(entry.alert_id, ())
        self._draft.timelines[entry.alert_id] = (*before, entry)
        return entry
