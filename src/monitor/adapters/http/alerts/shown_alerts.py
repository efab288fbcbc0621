"""Alerts as responses show them: stored ones, and pending ones from memory, which have no id."""

from dataclasses import dataclass
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType, structs

from monitor.adapters.http.alerts.coming import ComingOut, ParentOut, shown_coming
from monitor.adapters.http.edge import times
from monitor.adapters.http.edge.mapping import LEVELS, LevelName, shown
from monitor.adapters.http.policies.policies import KindName
from monitor.application.alerts.coming import ComingNotifications
from monitor.application.alerts.evaluating.state_cache import StateCache
from monitor.application.alerts.holding import Holding
from monitor.application.alerts.ports import AlertFilter, Outage, ShownAlert, StoredState
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.visibility import VisibleFleet
from monitor.application.operations.ports import Queries
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.alert import AlertId, EventKind, TimelineEntry, Verdict
from monitor.domain.alerts.reasons import Reason
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import Kind, Server, ServerId
from monitor.domain.levels import Level
from monitor.domain.policies.check_policies import UP
from monitor.domain.policies.kinds.known import split_key
from monitor.domain.times import moment


class ProcessOut(Struct, frozen=True):
    name: str
    cpu: float
    memory: float


StateName = Literal["pending", "firing", "resolved", "cancelled"]


class AlertOut(Struct, frozen=True, kw_only=True):
    """*id*: null if pending. *server_name*: or the name of the check or check-in. *server_id*: null for one without a
    server. *value*: the newest one, or the last one of a closed alert; for `offline`, the seconds
    without a report. *peak_level*, *peak_value*, *peak_at*: the highest level, the worst value since it fired, and when
    that value was reached; null if pending. *kind*: of its policy. *expected_at*: when the line of a forecast reaches
    the threshold; null if it does not, or if pending. *due_at*: when people are notified if it still fires; null if it
    is not held. *acknowledged_by*, *verdict_by*: user names. *ack_ends_at*: when its acknowledgement expires; null if
    it does not. *late*: it was over when late samples showed it, so its recipients were notified once; of a cancelled
    one, late samples showed that there was no breach. *may_change*: whether the caller may acknowledge and judge it.
    *incident_id*: null until it is grouped, some seconds after it fires. *suppressed_by*: what it depends on that is
    down, if the caller sees it. *processes*: the top ones when it fired; in lists only if they are asked for."""

    id: int | None
    server_id: int | None
    server_name: str
    check_id: int | None
    check_in_id: int | None
    policy_id: int | None
    metric: str
    level: LevelName
    state: StateName
    value: float | None
    threshold: float | None
    started_at: str
    fired_at: str | None
    resolved_at: str | None
    acknowledged_by: str | None
    acknowledged_at: str | None
    ack_ends_at: str | None
    silenced: bool
    late: bool
    due_at: str | None
    may_change: bool
    peak_level: LevelName | None
    peak_value: float | None
    peak_at: str | None
    kind: KindName
    expected_at: str | None
    verdict: Verdict | None
    verdict_by: str | None
    verdict_at: str | None
    verdict_note: str | None
    drill: bool
    incident_id: int | None
    suppressed_by: ParentOut | None
    processes: list[ProcessOut] | UnsetType = UNSET


class TimelineOut(Struct, frozen=True, kw_only=True, omit_defaults=True):
    at: str
    event: EventKind
    level: LevelName | None = None
    value: float | None = None
    username: str | None = None
    recipient: str | None = None
    channel: str | None = None
    note: str | None = None

    @staticmethod
    def of(entry: TimelineEntry) -> "TimelineOut":
        return shown(TimelineOut, entry, event=entry.event_kind, level=LEVELS.get(entry.level) if entry.level else None)


class AlertDetail(AlertOut, frozen=True, kw_only=True):
    """*policy_note*: what to do, in Markdown, as its policy says now. *coming*: who is notified next, at most 100."""

    policy_note: str
    processes: list[ProcessOut]
    timeline: list[TimelineOut]
    coming: list[ComingOut]


def ids_of(watched_id: ServerId, watched: Server | None) -> dict[str, int | None]:
    """Return the ids of what an alert is about. *watched*: None if it was just deleted."""
    kind = watched.kind if watched is not None else Kind.HOST
    return {
        "server_id": watched_id if watched is None or kind is Kind.HOST else watched.host_id,
        "check_id": watched_id if kind is Kind.CHECK else None,
        "check_in_id": watched_id if kind is Kind.CHECK_IN else None,
    }


def chosen(visible: VisibleFleet, check_id: int | None, check_in_id: int | None) -> ServerId | None:
    """Return the id of the check or check-in that is asked for. Raises NotFound if it is another thing, or both are."""
    asked = [(id_, kind) for id_, kind in ((check_id, Kind.CHECK), (check_in_id, Kind.CHECK_IN)) if id_ is not None]
    if len(asked) > 1:
        raise NotFound
    return visible.get(ServerId(asked[0][0]), asked[0][1]).id if asked else None


@dataclass(frozen=True, slots=True)
class ShowAlerts:
    """Alerts with the newest values of their hosts."""

    queries: Queries
    fleet: Fleet
    states: StateCache
    clock: Clock
    coming: ComingNotifications

    def detail(self, actor: Actor, alert_id: AlertId) -> AlertDetail:
        """Raises NotFound."""
        found, timeline = self.queries.alerts.get(actor, alert_id)
        return AlertDetail(
            **structs.asdict(self.listed(actor, found, with_processes=True)),
            policy_note=self.fleet.directory.rules.note_of(found.alert.policy_id),
            timeline=[TimelineOut.of(entry.seen_by(actor)) for entry in timeline],
            coming=shown_coming(self.coming(found.alert, timeline), self.fleet.visible_to(actor)),
        )

    def listed(self, actor: Actor, found: ShownAlert, *, with_processes: bool = False) -> AlertOut:
        now, directory = self.clock.now(), self.fleet.directory
        alert = found.alert.present(self.fleet.live.get(found.alert.server_id), now)
        server = directory.watched(alert.server_id)
        ends_at = alert.acknowledged_until(directory.preferences.ack_expires)
        return shown(
            AlertOut,
            alert,
            kind=alert.kind.name,
            drill=alert.is_drill,
            **ids_of(alert.server_id, server),
            server_name=found.server_name,
            acknowledged_by=found.acknowledged_by,
            ack_ends_at=None if ends_at is None else times.written(ends_at),
            may_change=server is not None and server.is_changeable_by(actor),
            silenced=alert.is_open and directory.is_silenced(alert.server_id, alert.metric, now),
            suppressed_by=self._suppressed_by(actor, server, alert.metric) if server and alert.is_open else None,
            processes=[ProcessOut(*process) for process in alert.processes] if with_processes else UNSET,
        )

    def _suppressed_by(self, actor: Actor, server: Server, metric: str) -> ParentOut | None:
        """Return which server or check that it depends on is down, if the actor sees that one."""
        now, directory = self.clock.now(), self.fleet.directory
        down = {each: Outage(each, now, None) for each in server.depends_on if self.states.fires((each, UP))}
        hold = Holding(self.fleet, now, down).by_parent(server.id, metric, now)
        parent = None if hold is None else VisibleFleet(directory, actor).find(hold.parent_id)
        is_down = hold is not None and hold.reason is Reason.SUPPRESSED_BY
        return ParentOut(parent.id, parent.name) if parent is not None and is_down else None

    def pending(self, visible: VisibleFleet, wanted: AlertFilter) -> list[AlertOut]:
        """Return the pending ones that match *wanted*. Raises NotFound for a server that is not visible."""
        for named in (wanted.server_id, wanted.watched_id):
            if named is not None:
                visible.get(named)
        if wanted.acknowledged:
            return []
        found = [
            self._pending(stored, server, visible.actor)
            for stored in self.states.pending()
            if (server := visible.find(stored.server_id)) is not None
            and wanted.metric in (None, split_key(stored.metric)[0])
            and wanted.may_be_of(server)
        ]
        return [out for out in found if wanted.level is None or out.level == LEVELS[wanted.level]]

    def _pending(self, stored: StoredState, server: Server, actor: Actor) -> AlertOut:
        state, live, directory = stored.state, self.fleet.live.get(server.id), self.fleet.directory
        metric, kind = split_key(stored.metric)
        since = state.critical_since if state.warning_since is None else state.warning_since
        level = Level.WARNING if state.critical_since is None else Level.CRITICAL
        policy = next((policy for policy in directory.rules.policies.all if policy.id == stored.policy_id), None)
        absent: dict[str, Any] = dict.fromkeys(AlertOut.__struct_fields__)
        known = {
            **ids_of(server.id, server),
            "server_name": server.name,
            "policy_id": stored.policy_id,
            "metric": metric,
            "level": LEVELS[level],
            "state": "pending",
            "value": live.sample.metric(metric) if live is not None and live.sample is not None else None,
            "threshold": policy.threshold(level) if policy is not None else None,
            "started_at": times.written(moment(since or 0)),
            "silenced": directory.is_silenced(server.id, metric, self.clock.now()),
            "late": False,
            "may_change": server.is_changeable_by(actor),
            "kind": kind.name,
            "processes": UNSET,
        }
        return AlertOut(**absent | known)
