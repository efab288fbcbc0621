"""Incidents in memory."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import accumulate, islice

from monitor.adapters.memory.alerts import shown, tagged
from monitor.adapters.memory.parts import MemoryPart
from monitor.adapters.memory.state import State
from monitor.application.incidents import ports
from monitor.application.incidents.ports import MOST_ALERTS, IncidentEntry, IncidentFilter, Member, ShownIncident
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.alert import Alert, AlertId, IncidentId
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import ServerId
from monitor.domain.incidents.incidents import DOWN, Ill, Incident
from monitor.domain.notifications.outbox import NotificationId
from monitor.domain.policies.policies import DRILL


def _alerts(state: State, incident_id: IncidentId) -> list[Alert]:
    return state.alerts.where(lambda alert: alert.incident_id == incident_id)


def _ill(state: State, alert: Alert) -> Ill:
    host_id = state.servers[alert.server_id].host_id or alert.server_id
    return Ill(alert.id, host_id, alert.fired_at, alert.server_id, alert.metric in DOWN, alert.metric == DRILL)


def _lasts(incident: Incident) -> bool:
    return incident.ended_at is None


class MemoryIncidents(MemoryPart, ports.Incidents):
    name = "incidents"

    def opened(self) -> list[Incident]:
        state = self._state
        found = [
            each.with_ills(
                [_ill(state, alert) for alert in _alerts(state, each.id) if alert.is_open and alert.metric != DRILL]
            )
            for each in state.incidents.where(_lasts)
        ]
        return sorted(found, key=lambda each: (each.started_at, each.id))

    def save(self, incidents: Sequence[tuple[Incident, Collection[AlertId]]]) -> list[IncidentId]:
        return [self._save(*each) for each in incidents]

    def _save(self, incident: Incident, joined: Collection[AlertId]) -> IncidentId:
        incidents, none = self._state.incidents, frozenset[ServerId]()
        incident = replace(incident, hosts=none, watched=none, down=none)  # those of its alerts, when it is read
        if incident.id:
            incidents.save(incident)
        else:
            incident = incidents.add(incident)
        for alert_id in joined:
            self._state.alerts.amend(alert_id, incident_id=incident.id)
        self._move({n.id for n in self._state.notifications.values() if n.alert_id in joined}, incident.id)
        return incident.id

    def merge(self, merged: Mapping[IncidentId, IncidentId], at: datetime) -> None:
        for gone, into in sorted(merged.items(), reverse=True):
            for alert in _alerts(self._state, gone):
                self._state.alerts.amend(alert.id, incident_id=into)
            self._move({n.id for n in self._state.notifications.values() if n.incident_id == gone}, into)
            for before in [each for each in self._state.incidents.values() if each.merged_into == gone]:
                self._state.incidents.amend(before.id, merged_into=into)
            self._state.incidents.amend(gone, merged_into=into, ended_at=at)

    def end(self, ended: Mapping[IncidentId, datetime]) -> None:
        for incident_id, at in ended.items():
            held = self._state.incidents.get(incident_id)
            if held is not None and _lasts(held) and not any(a.is_open for a in _alerts(self._state, incident_id)):
                self._state.incidents.amend(incident_id, ended_at=at)

    def _move(self, notification_ids: Collection[NotificationId], incident_id: IncidentId) -> None:
        for notification_id in notification_ids:
            self._state.notifications.amend(notification_id, incident_id=incident_id)


class MemoryIncidentQueries(MemoryPart, ports.IncidentQueries):
    name = "incidents"

    def ungrouped(self, since: datetime) -> list[Ill]:
        state = self._state
        newest = max((alert.id for alert in state.alerts.values()), default=0) - ports.NEWEST
        new = state.alerts.where(
            lambda a: a.incident_id is None and (a.is_open or (a.id > newest and (a.late or a.fired_at >= since)))
        )
        return [_ill(state, alert) for alert in new]

    def over(self) -> dict[IncidentId, datetime]:
        found = {}
        for each in self._state.incidents.where(_lasts):
            ends = [alert.resolved_at for alert in _alerts(self._state, each.id)]
            if None not in ends:
                found[each.id] = max((at for at in ends if at is not None), default=each.started_at)
        return found

    def newest(self, actor: Actor, wanted: IncidentFilter) -> list[ShownIncident]:
        state = self._state
        if wanted.server_id is not None and not state.watches(wanted.server_id, actor):
            raise NotFound
        incidents = reversed(state.incidents.where(lambda each: each.merged_into is None and _fits(each, wanted)))
        seen = (self._shown(actor, each) for each in incidents)
        found = (
            each
            for each in seen
            if any(self._is_wanted(member.server_id, wanted) for member in each.members)
            and wanted.level in (None, each.level)
            and each.state in wanted.states
        )
        return _page([*islice(found, wanted.limit)], wanted.most_members)

    def for_message(self, incident_id: IncidentId) -> list[Incident]:
        found = self._state.incidents.where(lambda each: incident_id in (each.id, each.merged_into))
        return sorted(found, key=lambda each: (each.id != incident_id, each.id))

    def get(self, actor: Actor, incident_id: IncidentId) -> ShownIncident:
        incident = self._state.incidents.found(incident_id)
        if incident.merged_into is not None:
            incident = self._state.incidents.found(incident.merged_into)
        found = self._shown(actor, incident)
        if not found.members:
            raise NotFound(f"no incident {incident_id}")
        alerts = [shown(self._state, self._state.alerts[each.id]) for each in found.members[:MOST_ALERTS]]
        merged = self._state.incidents.where(lambda each: each.merged_into == incident.id)
        return replace(found, alerts=alerts, merged_from=[each.id for each in merged])

    def timeline(
        self, actor: Actor, incident_id: IncidentId, after: tuple[datetime, int] | None, limit: int
    ) -> list[IncidentEntry]:
        state = self._state
        alerts = {each.id: each for each in self.get(actor, incident_id).members}
        entries = state.timeline.where(lambda e: e.alert_id in alerts and (after is None or (e.at, e.id) > after))
        found = ((each, alerts[each.alert_id]) for each in sorted(entries, key=lambda e: (e.at, e.id))[:limit])
        return [IncidentEntry(each, of.server_id, state.servers[of.server_id].name, of.metric) for each, of in found]

    def _shown(self, actor: Actor, incident: Incident) -> ShownIncident:
        state = self._state
        members = [
            Member(a.id, a.server_id, a.metric, a.peak_level, a.resolved_at, a.acknowledged_at is not None)
            for a in sorted(_alerts(state, incident.id), key=lambda a: (a.started_at, a.id))
            if state.watches(a.server_id, actor)
        ]
        only = [shown(state, state.alerts[each.id]) for each in members] if len(members) == 1 else ()
        return ShownIncident(incident=incident, members=members, alerts=only)

    def _is_wanted(self, server_id: ServerId, wanted: IncidentFilter) -> bool:
        server = tagged(self._state, server_id)
        return (
            (wanted.server_id is None or wanted.server_id in server.own_ids)
            and (wanted.tag is None or wanted.tag in server.tags)
            and (wanted.text is None or server.mentions(wanted.text))
        )


def _page(found: Sequence[ShownIncident], most: int) -> list[ShownIncident]:
    """Return the first of *found* that have up to *most* alerts together, and at least one of them."""
    sizes = accumulate(len(each.members) for each in found)
    kept = [each for each, size in zip(found, sizes, strict=True) if size <= most] or [*found[:1]]
    return [*kept[:-1], *(replace(each, ends_page=len(kept) < len(found)) for each in kept[-1:])]


def _fits(incident: Incident, wanted: IncidentFilter) -> bool:
    return (
        (wanted.before is None or incident.id < wanted.before)
        and (wanted.start is None or incident.started_at >= wanted.start)
        and (wanted.end is None or incident.started_at < wanted.end)
    )
