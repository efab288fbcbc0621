"""Explain a moment of the history: what the policies saw, who was notified, who was not, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.application.alerts.ports import Queries
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.visibility import VisibleFleet
from monitor.application.hindsight.explained_people import Recipient, recipients_of, standing_of
from monitor.application.hindsight.past_hours import extremes_before, read_from
from monitor.application.history import tiers
from monitor.application.history.ports import SampleFilter
from monitor.application.notifications.called import escalations_of
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import SYSTEM, Actor
from monitor.domain.accounts.audit import AuditFilter
from monitor.domain.alerts.alert import Alert
from monitor.domain.alerts.anew import level_at
from monitor.domain.alerts.offline import offline_at, seconds_without_report
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.hindsight.past_state import PastState, Phase, state_at, was_acknowledged
from monitor.domain.history.frames import DECLARED
from monitor.domain.intake.samples import METRIC_NAME
from monitor.domain.levels import Level
from monitor.domain.notifications.explanation import Facts, StepState, steps_at
from monitor.domain.oncall.escalations import Escalation
from monitor.domain.policies.policies import OFFLINE, THRESHOLD, Policy, PolicyKind, WatchKey
from monitor.domain.policies.silences import Silence
from monitor.domain.times import MICROSECOND, microseconds, moment

_PRESENT = timedelta(seconds=1)
"""Times are asked for in whole seconds."""
_LOOKED_BACK = timedelta(days=1)
"""How much is read before the longest that a breach has to last: enough to learn how often the host reports."""
_POLICY_CHANGES = 1000
_BACKLOG = 1000
"""Samples looked at that were measured before a policy changed, and may have come after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """*policy*: in force on the server; None if there is none. *policy_changed_at*: when it, or one that might be in
    force instead, was changed last after the moment; None: never.

    *fired*: all alerts that fired there then. *alert*: of these, the one of *metric* and *kind*. *needed*, *lasted*:
    how long a breach has to last, and how long it had lasted: at the moment, or when the alert fired. *parent*: what it
    depends on that was down, and since when. *others*: how many users who do not see the server are not listed.
    *escalations*: that say today who is notified, with their steps at the moment.
    """

    server: Server
    metric: str
    kind: PolicyKind
    at: datetime
    fired: Sequence[Alert]
    policy: Policy | None
    policy_changed_at: datetime | None
    alert: Alert | None
    level: Level
    value: float | None
    facts: Facts
    needed: timedelta
    lasted: timedelta
    silence: Silence | None
    parent: tuple[Server, datetime] | None
    is_offline: bool
    recipients: list[Recipient]
    others: int
    escalations: Sequence[tuple[Escalation, Sequence[StepState]]]


@dataclass(frozen=True, slots=True)
class ExplainAlert:
    queries: Queries
    fleet: Fleet
    clock: Clock
    offline_after: timedelta

    def __call__(
        self, actor: Actor, server_id: ServerId, metric: str | None, at: datetime | None, kind: PolicyKind | None = None
    ) -> Explanation:
        """*metric*, *kind* None: of the worst alert that fired then. *at* None: now. Raises NotFound, InvalidInput,
        HistoryUnavailable."""
        now = self.clock.now()
        at = self._checked(metric, at, now)
        visible = self.fleet.visible_to(actor)
        server, directory = visible.get(server_id), visible.directory
        fired = self.queries.alerts.firing_at(server.id, at)
        metric, kind = _chosen(directory, server, fired, metric, kind)
        key = kind.key_of(metric)
        alert = next((each for each in reversed(fired) if each.key == key), None)
        timeline = [] if alert is None else self.queries.alerts.get(actor, alert.id)[1]
        outbox = [] if alert is None else self.queries.notifications.of_alert(alert.id)
        policy = _policy(directory, server, key, alert)
        changed_before, changed_after = self._policy_changes(server, metric, at, policy)
        found = self._past_state(server, metric, policy, at, changed_before)
        silences = directory.rules.silences.covering(server)
        silence = next((each for each in silences if each.covers(server, metric, at)), None)
        phase = Phase.FIRING if alert is not None else Phase.PENDING if found.is_pending else Phase.OK
        level = Level.OK if alert is None else level_at(alert, timeline, at)
        facts = Facts(
            at=at,
            phase=phase,
            timeline=timeline,
            outbox=outbox,
            is_acknowledged=was_acknowledged(timeline, at),
            is_silenced=silence is not None,
            is_now=now - at <= _PRESENT,
        )
        escalations = escalations_of(directory, server, key)
        standing = standing_of(directory, server, level, escalations, now)
        recipients = recipients_of(directory, standing, facts, actor)
        return Explanation(
            server=server,
            metric=metric,
            kind=kind,
            at=at,
            fired=fired,
            policy=policy,
            policy_changed_at=changed_after,
            alert=alert,
            level=level,
            value=_value(metric, alert, found, at),
            facts=facts,
            needed=timedelta(0) if policy is None else policy.sustained_for,
            lasted=found.lasted if alert is None else alert.fired_at - alert.started_at,
            silence=silence,
            parent=self._parent(visible, server, at),
            is_offline=server.is_host and self._is_offline(server, at, found, fired),
            recipients=recipients[0],
            others=recipients[1],
            escalations=[(each, steps_at(facts, each)) for each in escalations],
        )

    def _parent(self, visible: VisibleFleet, server: Server, at: datetime) -> tuple[Server, datetime] | None:
        """Return what was down of all that *server* depends on today, as far as it is visible."""
        outages = self.queries.alerts.outages(server.depends_on, at) if server.depends_on else ()
        found = ((visible.find(each.server_id), each.fired_at) for each in outages if each.fired_at <= at)
        return next(((parent, since) for parent, since in found if parent is not None), None)

    @staticmethod
    def _checked(metric: str | None, at: datetime | None, now: datetime) -> datetime:
        problems = {}
        if metric is not None and not METRIC_NAME.fullmatch(metric):
            problems["metric"] = Problem("invalid_metric_name")
        if at is not None and at > now:
            problems["at"] = Problem("in_future")
        elif at is not None and at < moment(0):  # of which no database has a sample
            problems["at"] = Problem("too_old")
        if problems:
            raise InvalidInput(problems)
        return now if at is None else at

    def _past_state(
        self, server: Server, metric: str, policy: Policy | None, at: datetime, changed_before: datetime | None
    ) -> PastState:
        start = since = at - _LOOKED_BACK - (timedelta(0) if policy is None else policy.sustained_for)
        if policy is None or metric == OFFLINE:
            policy, hours = None, []
        else:
            start = read_from(policy, start - timedelta(microseconds=policy.kind.lead(policy)))
            hours = extremes_before(self.queries, SYSTEM, server.id, policy, start)
        frame = tiers.frame(self.queries, SYSTEM, server.id, start, at + MICROSECOND, [metric, DECLARED])
        if policy is not None and changed_before is not None:
            since = max(since, self._seen_before(server, changed_before))
        return state_at(at, frame, metric, policy, since, hours)

    def _seen_before(self, server: Server, changed_at: datetime) -> datetime:
        """Return the time of the newest sample that had arrived when a policy changed. The policy judges newer ones."""
        if not server.is_host:  # runs of checks are stored at once
            return changed_at
        wanted = SampleFilter(server_id=server.id, end=changed_at + MICROSECOND, limit=_BACKLOG)
        rows = [row.sample for row in self.queries.samples.newest(SYSTEM, wanted)]
        if not rows:  # only chunks are left, which do not say when a sample came
            return changed_at
        return max((each.recorded_at for each in rows if each.received_at <= changed_at), default=moment(0))

    def _policy_changes(
        self, server: Server, metric: str, at: datetime, policy: Policy | None
    ) -> tuple[datetime | None, datetime | None]:
        """Return when policies, of whatever kind, for the server and metric changed last: up to the moment and after.

        Of the time before only as much is read as counts for a state.
        """
        since = at - _LOOKED_BACK - (timedelta(0) if policy is None else policy.sustained_for)
        wanted = AuditFilter(action="policy", target=metric, since=since)
        scopes = ("everything", *(f"server {id_}" for id_ in server.own_ids), *(f"tag {tag}" for tag in server.tags))
        beginnings = tuple(f"{scope}{mark} " for scope in scopes for mark in ":;")
        entries = self.queries.audit.newest(SYSTEM, wanted, limit=_POLICY_CHANGES)
        times = [entry.at for entry in entries if entry.detail.startswith(beginnings)]
        before, after = [each for each in times if each <= at], [each for each in times if each > at]
        return max(before, default=None), max(after, default=None)

    def _is_offline(self, server: Server, at: datetime, found: PastState, fired: Sequence[Alert]) -> bool:
        """Use the alert if a policy watches for it: it knows when this server itself was down. Else use the rule."""
        if OFFLINE in self.fleet.directory.rules.policies_for(server):
            return any(alert.metric == OFFLINE for alert in fired)
        if found.last_report_at is None:
            return False
        offline_after = self.fleet.directory.preferences.offline_after_or(self.offline_after)
        last, now = microseconds(found.last_report_at), microseconds(at)
        return offline_at(last, now, offline_after, found.longest_silence) is not None


def _chosen(
    directory: Directory, server: Server, fired: Sequence[Alert], metric: str | None, kind: PolicyKind | None
) -> tuple[str, PolicyKind]:
    """Return what to explain: what is given, else the worst alert that *fired*, else what a policy watches."""
    own = [each for each in fired if metric in (None, each.metric) and kind in (None, each.kind)]
    watched: Alert | Policy | None = max(own, key=lambda alert: (alert.peak_level, -alert.id), default=None)
    if watched is None and metric is None:
        watched = next(iter(directory.rules.policies_for(server).values()), None)
    if watched is None or (metric is not None and kind is not None):
        return metric or OFFLINE, kind or THRESHOLD
    return watched.metric, watched.kind


def _policy(directory: Directory, server: Server, key: WatchKey, alert: Alert | None) -> Policy | None:
    """Return the policy of *alert* if it is still there and still covers *server*, else the one in force."""
    covering = directory.rules.policies.covering(server) if alert is not None else ()
    own = (each for each in covering if alert is not None and each.id == alert.policy_id)
    return next(own, None) or directory.rules.policies_for(server).get(key)


def _value(metric: str, alert: Alert | None, found: PastState, at: datetime) -> float | None:
    if metric != OFFLINE:
        return found.value
    last = alert.started_at if alert is not None else found.last_report_at
    return None if last is None else seconds_without_report(last, at)
