"""Policies, silences, alerts and their states in memory."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from operator import attrgetter
from secrets import randbelow

from monitor.adapters.memory.parts import Entities, MemoryPart, Rows, fits, having, removing
from monitor.adapters.memory.state import ServerQuiet, State
from monitor.application.alerts import ports
from monitor.application.alerts.ports import AlertFilter, FiredAlert, Outage, ShownAlert, StoredState, Waiting, Watched
from monitor.application.fleet.visibility import VisibleIds
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.alert import Alert, AlertId, TimelineEntry
from monitor.domain.alerts.anew import was_open
from monitor.domain.alerts.due import Cause, DueEvaluation
from monitor.domain.alerts.quiet import Quiet
from monitor.domain.errors import NotFound, TransactionConflict
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.notifications.outbox import NOTIFIED, DeliveryState
from monitor.domain.policies.check_policies import UP
from monitor.domain.policies.policies import OFFLINE, Policy, PolicyId
from monitor.domain.policies.silences import Silence, SilenceId
from monitor.domain.times import microseconds


class MemoryAlertPolicies(Entities[PolicyId, Policy], ports.AlertPolicies):
    name = "policies"


class MemorySilences(Rows[SilenceId, Silence], ports.Silences):
    name = "silences"
    delete_before = removing(lambda silence, at: silence.ends_at < at)

    def get(self, silence_id: SilenceId, *, visible_to: Actor) -> Silence:
        silence, state = self._table.found(silence_id), self._state
        seen = (server for server in state.servers.values() if state.watches(server.id, visible_to))
        if not visible_to.is_admin and not any(map(silence.scope.covers, seen)):
            raise NotFound(f"no silence {silence_id}")
        return silence

    def end(self, silence_id: SilenceId, at: datetime) -> None:
        self.save(replace(self._table.found(silence_id), ends_at=at))


class MemoryAlerts(MemoryPart, ports.Alerts):
    name = "alerts"
    lasting = having(
        lambda a, server_id, since: a.server_id == server_id and (a.resolved_at is None or a.resolved_at >= since)
    )
    open = having(lambda a, server_ids=None: a.is_open and (server_ids is None or a.server_id in server_ids))

    def add_all(self, alerts: Sequence[Alert]) -> list[Alert]:
        # Their policies may have been deleted a moment ago.
        there = self._state.policies
        return [
            self._state.alerts.add(replace(a, policy_id=a.policy_id if a.policy_id in there else None)) for a in alerts
        ]

    def get_many(self, alert_ids: Collection[AlertId], *, changed_by: Actor | None) -> dict[AlertId, Alert]:
        state = self._state
        found = state.alerts.of(alert_ids)
        if changed_by is not None:
            if len(found) < len(set(alert_ids)) or not all(state.watches(a.server_id, changed_by) for a in found):
                raise NotFound("no such alert")
            for alert in found:
                if (host := state.host_of(alert.server_id)) is not None:
                    host.check_changeable_by(changed_by)
        return {alert.id: alert for alert in found}

    def save(self, alert: Alert) -> None:
        self._state.alerts.save(alert)

    def save_notified(self, alert_ids: Collection[AlertId], at: datetime) -> list[AlertId]:
        return [each for each in sorted(alert_ids) if self._state.alerts.amend(each, last_notified_at=at)]

    def save_peaks(self, peaks: Mapping[AlertId, tuple[float, datetime]]) -> None:
        for alert_id, (value, at) in peaks.items():
            self._state.alerts.amend(alert_id, peak_value=value, peak_at=at)

    def save_expected(self, expected: Mapping[AlertId, datetime | None]) -> None:
        for alert_id, at in expected.items():
            self._state.alerts.amend(alert_id, expected_at=at)

    def add_to_timeline(self, entries: Sequence[TimelineEntry]) -> list[TimelineEntry]:
        return [self._state.timeline.add(entry) for entry in entries]

    def quiets(self, watches: Collection[Watched]) -> dict[Watched, Quiet]:
        held = {(row.server_id, row.key): row.quiet for row in self._state.quiets.of(watches)}
        return {watched: held.get(watched, Quiet()) for watched in watches}

    def save_quiets(self, quiets: Mapping[Watched, Quiet]) -> None:
        for (server_id, key), quiet in quiets.items():
            self._state.quiets.put(ServerQuiet(server_id, key, quiet))

    def forget_quiet(self, before: datetime, at_most: int) -> None:
        at, quiets = microseconds(before), self._state.quiets
        old = [key for key, row in quiets.items() if row.quiet.open is None and (row.quiet.ended_at or 0) <= at]
        quiets.delete(*old[:at_most])


_HIGHEST_FIRST = 2**30


class MemoryAlertStates(MemoryPart, ports.AlertStates):
    name = "alert_states"
    of_servers = having(lambda stored, server_ids: stored.server_id in server_ids)

    def all(self) -> list[StoredState]:
        return list(self._state.alert_states.values())

    def fingerprint(self) -> tuple[int, int]:
        return len(self.all()), sum(stored.version for stored in self.all())

    def of_policy(self, policy_id: PolicyId, at_most: int | None = None) -> list[StoredState]:
        return self._state.alert_states.where(lambda stored: stored.policy_id == policy_id)[:at_most]

    def save(self, states: Sequence[StoredState], ended: Sequence[StoredState] = ()) -> list[StoredState]:
        self.delete(ended)
        return [self._save(stored) for stored in states]

    def delete(self, states: Sequence[StoredState]) -> None:
        for stored in states:
            self._check_version(stored)
            self._state.alert_states.delete((stored.server_id, stored.metric))

    def _save(self, stored: StoredState) -> StoredState:
        self._check_version(stored)
        # First versions are random: a process that remembers a deleted row must not mistake the next one for it.
        stored = stored._replace(version=stored.version + 1 if stored.version else 1 + randbelow(_HIGHEST_FIRST))
        self._state.alert_states.put(stored)
        return stored

    def _check_version(self, stored: StoredState) -> None:
        held = self._state.alert_states.get((stored.server_id, stored.metric))
        if (held.version if held is not None else 0) != stored.version:
            raise TransactionConflict


class MemoryDueEvaluations(MemoryPart, ports.DueEvaluations):
    name = "due_evaluations"
    of_watches = having(
        lambda due, server_ids=None: due.cause is not Cause.LATE and (server_ids is None or due.server_id in server_ids)
    )

    def add(self, due: Sequence[DueEvaluation]) -> list[DueEvaluation]:
        return [self._add(each) for each in due]

    def delete(self, due: Sequence[DueEvaluation]) -> bool:
        rows = self._state.due_evaluations
        held = ((key, rows.get(key), each) for each in due for key in [(each.server_id, each.watched, each.cause)])
        same = [key for key, row, each in held if row is not None and row.version == each.version]
        return rows.delete(*same) == len(due)

    def _add(self, due: DueEvaluation) -> DueEvaluation:
        held = self._state.due_evaluations.get((due.server_id, due.watched, due.cause), due)
        due = due._replace(
            since=min(due.since, held.since),
            noted_at=min(due.noted_at, held.noted_at),
            last_noted_at=max(due.last_noted_at, held.last_noted_at),
            version=1 + randbelow(_HIGHEST_FIRST),
        )
        self._state.due_evaluations.put(due)
        return due


class MemoryAlertQueries(MemoryPart, ports.AlertQueries):
    def newest(self, actor: Actor, wanted: AlertFilter) -> list[ShownAlert]:
        state = self._state
        for named in (wanted.server_id, wanted.watched_id):
            if named is not None and not state.watches(named, actor):
                raise NotFound
        newest_first = reversed(state.alerts.in_order())
        seen = (alert for alert in newest_first if state.watches(alert.server_id, actor))
        found = (alert for alert in seen if _matches(alert, tagged(state, alert.server_id), wanted))
        return [shown(state, alert) for alert in islice(found, wanted.limit)]

    def get(self, actor: Actor, alert_id: AlertId) -> tuple[ShownAlert, list[TimelineEntry]]:
        state = self._state
        alert = state.alerts.found(alert_id)
        if not state.watches(alert.server_id, actor):
            raise NotFound(f"no alert {alert_id}")
        timeline = state.timeline.where(lambda entry: entry.alert_id == alert_id)
        return shown(state, alert), sorted(timeline, key=lambda entry: entry.at)

    def firing_at(self, server_id: ServerId, at: datetime) -> list[Alert]:
        found = self._state.alerts.where(lambda alert: alert.server_id == server_id and was_open(alert, at))
        return sorted(found, key=lambda alert: alert.fired_at)

    def fired(self, of: VisibleIds, metric: str | None, start: datetime, end: datetime) -> list[FiredAlert]:
        found = self._state.alerts.where(
            lambda a: (
                (of.ids is None or a.server_id in of.ids) and metric in (None, a.metric) and start <= a.fired_at < end
            )
        )
        return [
            FiredAlert(
                *(a.id, a.server_id, a.policy_id, a.fired_at, a.resolved_at),
                *(a.acknowledged_at is not None, a.verdict, a.started_at),
            )
            for a in found
        ]

    def outages(self, server_ids: Collection[ServerId], since: datetime) -> list[Outage]:
        found = self._state.alerts.where(
            lambda a: (
                a.server_id in server_ids
                and a.metric in (OFFLINE, UP)
                and (a.resolved_at is None or a.resolved_at >= since)
            )
        )
        return sorted((Outage(a.server_id, a.fired_at, a.resolved_at) for a in found), key=lambda each: each.fired_at)

    def awaiting_reminder(self, before: datetime) -> list[Alert]:
        return [a for a in self._waiting() if a.last_notified_at is not None and a.last_notified_at <= before]

    def never_notified(self, before: datetime) -> list[Waiting]:
        notifications = self._state.notifications.values()
        notified = {n.alert_id for n in notifications if n.delivery in NOTIFIED}
        notified |= {paging.alert_id for paging in self._state.pagings.values()}
        parked = {n.alert_id for n in notifications if n.delivery is DeliveryState.PARKED}
        return _as_waiting(
            a
            for a in self._waiting()
            if a.last_notified_at is None and a.id not in notified and (a.fired_at <= before or a.id not in parked)
        )

    def due(self, at: datetime) -> list[Waiting]:
        return _as_waiting(self._state.alerts.where(lambda a: a.due_at is not None and a.due_at <= at))

    def due_steps(self, at: datetime) -> list[Waiting]:
        due = sorted((p.progress.due_at, p.alert_id) for p in self._state.pagings.values() if p.progress.due_at <= at)
        alerts = [self._state.alerts[id_] for id_ in dict.fromkeys(id_ for _, id_ in due)]
        return _as_waiting(alert for alert in alerts if alert.due_at is None)

    def acknowledged(self, before: datetime | None) -> list[Waiting]:
        return _as_waiting(self._state.alerts.where(lambda alert: alert.is_acknowledgement_over(before)))

    def _waiting(self) -> list[Alert]:
        return self._state.alerts.where(lambda a: a.is_open and a.acknowledged_at is None and a.due_at is None)

    def due_evaluations(self, last_noted: datetime, noted: datetime, at_most: int) -> list[DueEvaluation]:
        found = self._state.due_evaluations.where(
            lambda due: (
                due.cause is Cause.EDITED
                or due.noted_at <= noted
                or (due.cause is Cause.LATE and due.last_noted_at <= last_noted)
            )
        )
        found.sort(key=lambda due: (due.cause is not Cause.EDITED, due.noted_at, due.server_id, due.watched))
        return found[:at_most]


def _as_waiting(alerts: Iterable[Alert]) -> list[Waiting]:
    return [Waiting(*attrgetter(*Waiting._fields)(alert)) for alert in alerts]


def tagged(state: State, server_id: ServerId) -> Server:
    """Return it with the tags of the server that it belongs to, if it is a check."""
    own = state.servers[server_id]
    return own if own.host_id is None else replace(own, tags=state.servers[own.host_id].tags)


def _matches(alert: Alert, server: Server, wanted: AlertFilter) -> bool:
    return (
        wanted.may_be_of(server)
        and fits(alert, wanted, "state", "metric")
        and wanted.level in (None, alert.peak_level)
        and wanted.acknowledged in (None, alert.acknowledged_at is not None)
        and (wanted.start is None or alert.fired_at >= wanted.start)
        and (wanted.end is None or alert.fired_at < wanted.end)
        and (wanted.before is None or alert.id < wanted.before)
    )


def shown(state: State, alert: Alert) -> ShownAlert:
    user = state.users.get(alert.acknowledged_by) if alert.acknowledged_by is not None else None
    return ShownAlert(
        alert=alert,
        server_name=state.servers[alert.server_id].name,
        acknowledged_by=user.username if user is not None else None,
    )
