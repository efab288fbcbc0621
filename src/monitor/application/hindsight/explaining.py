"""Explain a moment of the history: what the policies saw, who was notified, who was not, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.application.alerts.ports import Queries
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.visibility import VisibleFleet
from monitor.application.hindsight.past_hours import extremes_before, read_from
from monitor.application.history import tiers
from monitor.application.history.ports import SampleFilter
from monitor.application.notifications.recipients import audience, escalations_of, no_step
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import SYSTEM, Actor
from monitor.domain.accounts.audit import AuditFilter
from monitor.domain.accounts.users import User
from monitor.domain.alerts.alert import Alert, EventKind, TimelineEntry
from monitor.domain.alerts.anew import level_at, was_open
from monitor.domain.alerts.offline import offline_at, seconds_without_report
from monitor.domain.alerts.reasons import Reason
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.hindsight.past_state import PastState, Phase, state_at, was_acknowledged
from monitor.domain.history.frames import DECLARED
from monitor.domain.intake.samples import METRIC_NAME
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel
from monitor.domain.notifications.explanation import Answer, Facts, StepState, UsedWay, answered, steps_at, used_ways
from monitor.domain.notifications.outbox import Notification, Target
from monitor.domain.oncall.escalations import Escalation
from monitor.domain.oncall.ways import MAIL, WayId
from monitor.domain.policies.policies import OFFLINE, THRESHOLD, Policy, PolicyKind, WatchKey
from monitor.domain.policies.silences import Silence
from monitor.domain.times import MICROSECOND, microseconds, moment

_PRESENT = timedelta(seconds=1)
"""Times are asked for in whole seconds."""
MOST_OTHERS = 100
"""Users listed who do not see the server."""
_LOOKED_BACK = timedelta(days=1)
"""How much is read before the longest that a breach has to last: enough to learn how often the host reports."""
_POLICY_CHANGES = 1000
_BACKLOG = 1000
"""Samples looked at that were measured before a policy changed, and may have come after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """*ways*: that messages took, each with its kind: `mail`, or that of a channel; "" if the way is gone."""

    receiver: User | Channel
    answer: Answer
    ways: Sequence[tuple[str, UsedWay]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """*policy*: in force on the server; None if there is none. *policy_changed_at*: when it, or one that might be in
    force instead, was changed last after the moment; None: never.

    *alert*: that fired then. *needed*, *lasted*: how long a breach has to last, and how long it had lasted: at the
    moment, or when the alert fired. *parent*: what it depends on that was down, and since when. *others*: how many
    users who do not see the server are not listed. *escalations*: that say today who is notified, with their steps at
    the moment.
    """

    server: Server
    at: datetime
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
        self, actor: Actor, server_id: ServerId, metric: str, at: datetime | None, kind: PolicyKind = THRESHOLD
    ) -> Explanation:
        """*at* None: now. Raises NotFound, InvalidInput, HistoryUnavailable."""
        now = self.clock.now()
        at = self._checked(metric, at, now)
        key = kind.key_of(metric)
        visible = self.fleet.visible_to(actor)
        server, directory = visible.get(server_id), visible.directory
        alert, timeline, outbox = self._alert(actor, server, key, at)
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
        standing = _standing(directory, server, level, escalations, now)
        recipients = _recipients(directory, standing, facts, actor)
        return Explanation(
            server=server,
            at=at,
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
            is_offline=server.is_host and self._is_offline(actor, server, at, found),
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
    def _checked(metric: str, at: datetime | None, now: datetime) -> datetime:
        problems = {}
        if not METRIC_NAME.fullmatch(metric):
            problems["metric"] = Problem("invalid_metric_name")
        if at is not None and at > now:
            problems["at"] = Problem("in_future")
        elif at is not None and at < moment(0):  # of which no database has a sample
            problems["at"] = Problem("too_old")
        if problems:
            raise InvalidInput(problems)
        return now if at is None else at

    def _alert(
        self, actor: Actor, server: Server, key: WatchKey, at: datetime
    ) -> tuple[Alert | None, Sequence[TimelineEntry], Sequence[Notification]]:
        """Return the alert that fired at the moment, with its timeline and its notifications."""
        alert = self.queries.alerts.last_fired(server.id, key, at)
        if alert is None or not was_open(alert, at):
            return None, (), ()
        _, timeline = self.queries.alerts.get(actor, alert.id)
        return alert, timeline, self.queries.notifications.of_alert(alert.id)

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

    def _is_offline(self, actor: Actor, server: Server, at: datetime, found: PastState) -> bool:
        """Use the alert if a policy watches for it: it knows when this server itself was down. Else use the rule."""
        if OFFLINE in self.fleet.directory.rules.policies_for(server):
            alert = self.queries.alerts.last_fired(server.id, OFFLINE, at)
            return alert is not None and was_open(alert, at)
        if found.last_report_at is None:
            return False
        offline_after = self.fleet.directory.preferences.offline_after_or(self.offline_after)
        last, now = microseconds(found.last_report_at), microseconds(at)
        return offline_at(last, now, offline_after, found.longest_silence) is not None


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


def _standing(
    directory: Directory, server: Server, level: Level, escalations: Sequence[Escalation], now: datetime
) -> dict[Target, Reason | None]:
    """Return the people and channels that an alert of *level* is for today (None), or would be but for the reason."""
    found: dict[Target, Reason | None] = {}
    audiences = [no_step(directory, server, level, each, now) for each in escalations]
    for present in audiences or [audience(directory, server, level, now)]:
        found |= {Target.of(left_out): left_out.reason for left_out in present.left_out}
        found |= dict.fromkeys(target.receiver for target in present.targets)
    return found


def _recipients(
    directory: Directory, standing: Mapping[Target, Reason | None], facts: Facts, actor: Actor
) -> tuple[list[Recipient], int]:
    """Return the people and channels that might be notified, then others; and how many of those are left out.

    Only administrators learn of people who have nothing to do with the server, of channels that were not notified,
    and of other people's ways.
    """
    kinds = {way.id: way.kind for ways in directory.roster.ways.values() for way in ways}
    known, first = {n.target.receiver for n in facts.outbox}, _first_notified(facts)

    def recipient(receiver: User | Channel, target: Target, *who: str | None) -> Recipient:
        reason = standing.get(target, Reason.NOT_LINKED)
        is_shown = actor.is_admin or target.user_id in (None, actor.user_id)
        used = [(_kind(receiver, each, kinds), each) for each in used_ways(facts, target) if is_shown]
        return Recipient(receiver=receiver, answer=answered(facts, target, reason, first.get(who)), ways=used)

    near: list[Recipient] = []
    far: list[Recipient] = []
    for user in sorted(directory.users.values(), key=lambda user: user.username.casefold()):
        target = Target(user_id=user.id)
        found = recipient(user, target, user.username, None)
        is_concerned = target in standing or target in known or facts.reason_recorded(target) is not None
        is_near = is_concerned or found.answer.was_notified or user.id == actor.user_id
        (near if is_near else far).append(found)
    for channel in directory.channels.values():
        target = Target(channel_id=channel.id)
        found = recipient(channel, target, None, channel.name)
        if actor.is_admin or target in known or found.answer.was_notified:
            near.append(found)
    shown = far[:MOST_OTHERS] if actor.is_admin else []
    return [*near, *shown], len(far) - len(shown)


def _kind(receiver: User | Channel, used: UsedWay, kinds: Mapping[WayId, str]) -> str:
    if isinstance(receiver, Channel):
        return receiver.kind
    return MAIL if used.way_id is None else kinds.get(used.way_id, "")


def _first_notified(facts: Facts) -> dict[tuple[str | None, ...], datetime]:
    """Return when each user name, or channel, was notified first by the timeline, which is kept longer than the outbox.

    Empty while the outbox knows.
    """
    found: dict[tuple[str | None, ...], datetime] = {}
    for entry in () if facts.outbox else facts.timeline:
        if entry.event_kind is EventKind.NOTIFIED:
            who = entry.username, entry.channel if entry.username is None else None
            found[who] = min(entry.at, found.get(who, entry.at))
    return found
