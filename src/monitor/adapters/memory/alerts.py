"""Alerts and their states in memory."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from secrets import randbelow

from monitor.adapters.memory.database import MemoryReader, MemoryRepository
from monitor.adapters.memory.state import State
from monitor.application.alerts.ports import (
    AlertFilter,
    AlertQueries,
    Alerts,
    AlertStates,
    DueEvaluations,
    FiredAlert,
    ShownAlert,
    StoredState,
    Waiting,
    Watched,
)
from monitor.application.fleet.visibility import VisibleIds
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.alert import Alert, AlertId, EventId, TimelineEntry
from monitor.domain.alerts.due import Cause, DueEvaluation
from monitor.domain.alerts.policies import PolicyId, WatchKey
from monitor.domain.alerts.quiet import Quiet
from monitor.domain.errors import ConstraintViolated, NotFound, TransactionConflict
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.notifications.outbox import DeliveryState
from monitor.domain.times import microseconds


class MemoryAlerts(MemoryRepository, Alerts):
    def add_all(self, alerts: Sequence[Alert]) -> list[Alert]:
        return [self._add(alert) for alert in alerts]

    def _add(self, alert: Alert) -> Alert:
        self._draft.check_server(alert.server_id)
        # Its policy may have been deleted a moment ago.
        policy_id = alert.policy_id if alert.policy_id in self._draft.policies else None
        alert = replace(alert, id=AlertId(self._draft.next_id("alerts")), policy_id=policy_id)
        self._draft.alerts[alert.id] = alert
        return alert

    def get(self, alert_id: AlertId, *, changed_by: Actor | None) -> Alert:
        found = self.get_many([alert_id], changed_by=changed_by)
        if not found:
            raise NotFound(f"no alert {alert_id}")
        return found[alert_id]

    def get_many(self, alert_ids: Collection[AlertId], *, changed_by: Actor | None) -> dict[AlertId, Alert]:
        draft, wanted = self._draft, sorted(set(alert_ids))
        found = {alert_id: draft.alerts[alert_id] for alert_id in wanted if alert_id in draft.alerts}
        if changed_by is not None:
            if len(found) < len(wanted) or not all(draft.watches(a.server_id, changed_by) for a in found.values()):
                raise NotFound("no such alert")
            for alert in found.values():
                if (host := draft.host_of(alert.server_id)) is not None:
                    host.check_changeable_by(changed_by)
        return found

    def save(self, alert: Alert) -> None:
        self._draft.alerts.found(alert.id, "alert")
        self._draft.alerts[alert.id] = alert

    def save_notified(self, alert_ids: Collection[AlertId], at: datetime) -> None:
        for alert_id in alert_ids:
            if (alert := self._draft.alerts.get(alert_id)) is not None:
                self._draft.alerts[alert_id] = replace(alert, last_notified_at=at)

    def save_peaks(self, peaks: Mapping[AlertId, tuple[float, datetime]]) -> None:
        for alert_id, (value, at) in peaks.items():
            if (alert := self._draft.alerts.get(alert_id)) is not None:
                self._draft.alerts[alert_id] = replace(alert, peak_value=value, peak_at=at)

    def save_expected(self, expected: Mapping[AlertId, datetime | None]) -> None:
        for alert_id, at in expected.items():
            if (alert := self._draft.alerts.get(alert_id)) is not None:
                self._draft.alerts[alert_id] = replace(alert, expected_at=at)

    def open(self, *, server_ids: Collection[ServerId] | None = None) -> list[Alert]:
        wanted = None if server_ids is None else set(server_ids)
        return [
            alert
            for alert in self._draft.alerts.in_order()
            if alert.is_open and (wanted is None or alert.server_id in wanted)
        ]

    def lasting(self, server_id: ServerId, since: datetime) -> list[Alert]:
        own = (alert for alert in self._draft.alerts.in_order() if alert.server_id == server_id)
        return [alert for alert in own if alert.resolved_at is None or alert.resolved_at >= since]

    def add_to_timeline(self, entries: Sequence[TimelineEntry]) -> list[TimelineEntry]:
        return [self._add_to_timeline(entry) for entry in entries]

    def quiets(self, watches: Collection[Watched]) -> dict[Watched, Quiet]:
        return {watched: self._draft.quiets.get(watched, Quiet()) for watched in watches}

    def save_quiets(self, quiets: Mapping[Watched, Quiet]) -> None:
        for (server_id, key), quiet in quiets.items():
            self._draft.check_server(server_id)
            self._draft.quiets[server_id, key] = quiet

    def forget_quiet(self, before: datetime, at_most: int) -> None:
        at, quiets = microseconds(before), self._draft.quiets
        old = [key for key, quiet in quiets.items() if quiet.open is None and (quiet.ended_at or 0) <= at]
        for key in old[:at_most]:
            del quiets[key]

    def _add_to_timeline(self, entry: TimelineEntry) -> TimelineEntry:
        if entry.alert_id not in self._draft.alerts:
            raise ConstraintViolated("the alert is gone")
        entry = replace(entry, id=EventId(self._draft.next_id("timeline")))
        before = self._draft.timelines.get(entry.alert_id, ())
        self._draft.timelines[entry.alert_id] = (*before, entry)
        return entry


_HIGHEST_FIRST = 2**30


class MemoryAlertStates(MemoryRepository, AlertStates):
    def all(self) -> list[StoredState]:
        return list(self._draft.alert_states.values())

    def fingerprint(self) -> tuple[int, int]:
        return len(self.all()), sum(stored.version for stored in self.all())

    def of_servers(self, server_ids: Collection[ServerId]) -> list[StoredState]:
        wanted = set(server_ids)
        return [stored for stored in self._draft.alert_states.values() if stored.server_id in wanted]

    def of_policy(self, policy_id: PolicyId, at_most: int | None = None) -> list[StoredState]:
        return [stored for stored in self._draft.alert_states.values() if stored.policy_id == policy_id][:at_most]

    def save(self, states: Sequence[StoredState], ended: Sequence[StoredState] = ()) -> list[StoredState]:
        self.delete(ended)
        return [self._save(stored) for stored in states]

    def delete(self, states: Sequence[StoredState]) -> None:
        for stored in states:
            self._check_version(stored)
            del self._draft.alert_states[stored.server_id, stored.metric]

    def _save(self, stored: StoredState) -> StoredState:
        if stored.server_id not in self._draft.servers:
            raise ConstraintViolated("the server is gone") if stored.version == 0 else TransactionConflict
        self._check_version(stored)
        # First versions are random: a process that remembers a deleted row must not mistake the next one for it.
        stored = stored._replace(version=stored.version + 1 if stored.version else 1 + randbelow(_HIGHEST_FIRST))
        self._draft.alert_states[stored.server_id, stored.metric] = stored
        return stored

    def _check_version(self, stored: StoredState) -> None:
        held = self._draft.alert_states.get((stored.server_id, stored.metric))
        if (held.version if held is not None else 0) != stored.version:
            raise TransactionConflict


class MemoryDueEvaluations(MemoryRepository, DueEvaluations):
    def add(self, due: Sequence[DueEvaluation]) -> list[DueEvaluation]:
        return [self._add(each) for each in due]

    def of_watches(self, server_ids: Collection[ServerId] | None = None) -> list[DueEvaluation]:
        every = [due for due in self._draft.due_evaluations.values() if due.cause is not Cause.LATE]
        return [due for due in every if server_ids is None or due.server_id in server_ids]

    def delete(self, due: Sequence[DueEvaluation]) -> bool:
        return sum(map(self._delete, due)) == len(due)

    def _delete(self, due: DueEvaluation) -> bool:
        key = due.server_id, due.watched, due.cause
        held = self._draft.due_evaluations.get(key)
        if held is None or held.version != due.version:
            return False
        del self._draft.due_evaluations[key]
        return True

    def _add(self, due: DueEvaluation) -> DueEvaluation:
        self._draft.check_server(due.server_id)
        key = due.server_id, due.watched, due.cause
        held = self._draft.due_evaluations.get(key, due)
        due = due._replace(
            since=min(due.since, held.since),
            noted_at=min(due.noted_at, held.noted_at),
            last_noted_at=max(due.last_noted_at, held.last_noted_at),
            version=1 + randbelow(_HIGHEST_FIRST),
        )
        self._draft.due_evaluations[key] = due
        return due


class MemoryAlertQueries(MemoryReader, AlertQueries):
    def newest(self, actor: Actor, wanted: AlertFilter) -> list[ShownAlert]:
        state = self._state
        for named in (wanted.server_id, wanted.watched_id):
            if named is not None and not state.watches(named, actor):
                raise NotFound
        newest_first = reversed(state.alerts.in_order())
        seen = (alert for alert in newest_first if state.watches(alert.server_id, actor))
        found = (alert for alert in seen if _matches(alert, _tagged(state, alert.server_id), wanted))
        return [_shown(state, alert) for alert in islice(found, wanted.limit)]

    def get(self, actor: Actor, alert_id: AlertId) -> tuple[ShownAlert, list[TimelineEntry]]:
        state = self._state
        alert = state.alerts.get(alert_id)
        if alert is None or not state.watches(alert.server_id, actor):
            raise NotFound(f"no alert {alert_id}")
        timeline = sorted(state.timelines.get(alert_id, ()), key=lambda entry: (entry.at, entry.id))
        return _shown(state, alert), timeline

    def last_fired(self, server_id: ServerId, key: WatchKey, at: datetime) -> Alert | None:
        own = (a for a in self._state.alerts.values() if a.server_id == server_id and a.key == key)
        fired = (alert for alert in own if alert.fired_at <= at)
        return max(fired, key=lambda alert: (alert.fired_at, alert.id), default=None)

    def fired(self, of: VisibleIds, metric: str | None, start: datetime, end: datetime) -> list[FiredAlert]:
        return [
            FiredAlert(
                a.id, a.server_id, a.policy_id, a.fired_at, a.resolved_at, a.acknowledged_at is not None, a.verdict
            )
            for a in self._state.alerts.in_order()
            if (of.ids is None or a.server_id in of.ids) and metric in (None, a.metric) and start <= a.fired_at < end
        ]

    def awaiting_reminder(self, before: datetime) -> list[Alert]:
        notified = ((alert, alert.last_notified_at) for alert in self._waiting())
        return [alert for alert, at in notified if at is not None and at <= before]

    def never_notified(self) -> list[Waiting]:
        notifications = self._state.notifications.values()
        notified = {n.alert_id for n in notifications if n.delivery is not DeliveryState.DROPPED}
        new = (alert for alert in self._waiting() if alert.last_notified_at is None and alert.id not in notified)
        return [Waiting(alert.id, alert.server_id, alert.metric, alert.level) for alert in new]

    def due(self, at: datetime) -> list[Waiting]:
        held = (alert for alert in self._state.alerts.in_order() if alert.due_at is not None and alert.due_at <= at)
        return [Waiting(alert.id, alert.server_id, alert.metric, alert.level) for alert in held]

    def _waiting(self) -> list[Alert]:
        alerts = self._state.alerts.in_order()
        return [each for each in alerts if each.is_open and each.acknowledged_at is None and each.due_at is None]

    def due_evaluations(self, last_noted: datetime, noted: datetime, at_most: int) -> list[DueEvaluation]:
        found = [
            due
            for due in self._state.due_evaluations.values()
            if due.cause is Cause.EDITED
            or due.noted_at <= noted
            or (due.cause is Cause.LATE and due.last_noted_at <= last_noted)
        ]
        found.sort(key=lambda due: (due.cause is not Cause.EDITED, due.noted_at, due.server_id, due.watched))
        return found[:at_most]


def _tagged(state: State, server_id: ServerId) -> Server:
    """Return it with the tags of the server that it belongs to, if it is a check."""
    own = state.servers[server_id]
    return own if own.host_id is None else replace(own, tags=state.servers[own.host_id].tags)


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
