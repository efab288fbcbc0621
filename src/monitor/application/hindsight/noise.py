"""Count the notifications of each policy on each server, and those at night."""

import heapq
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo

from monitor.application.alerts.ports import FiredAlert, Queries
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.hindsight.backtest import Backtests, RunBacktest
from monitor.application.notifications.called import all_steps, escalations_of
from monitor.application.notifications.recipients import audience
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.alert import AlertId, EventKind, Verdict
from monitor.domain.alerts.quiet import Why
from monitor.domain.alerts.quiet_replay import Replay
from monitor.domain.errors import NotFound, check_range
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.hindsight.neighbours import neighbours
from monitor.domain.hindsight.replayed_alerts import ReplayedAlert, Span
from monitor.domain.hindsight.suggestions import Suggestion, Tried, suggested
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import ENDINGS, DeliveryState, Sending, Target
from monitor.domain.policies.policies import Policy, PolicyId
from monitor.domain.times import MICROSECOND, microseconds, moment

MAX_DAYS = 90
"""Notifications are kept for as long."""
NIGHT_BEGINS, NIGHT_ENDS = 22, 7
ALONE_WITHIN = timedelta(minutes=10)
_COUNTED = (DeliveryState.SENT, DeliveryState.PENDING, DeliveryState.PARKED)
_UNCOUNTED = (*ENDINGS, EventKind.REMINDED)
"""A replay does not know who would have acknowledged an alert, so neither counts reminders."""
_TO_HALVE = 2
"""With fewer alerts no edit is tried."""
Place = tuple[int, PolicyId, ServerId]
"""Of a row in the list: minus its pages, its policy, its server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseRow:
    """*pages*: notifications, each for one person or channel, that alerts fired or got worse: sent, or about to be.
    *night_pages*: those of people, at night. *alerts*: how many alerts they are about. *ended_alone*: of these, those
    that ended soon, before anybody acknowledged them. *people*: the notifications of each, by name, the most first."""

    policy_id: PolicyId
    server_id: ServerId
    pages: int
    night_pages: int
    alerts: int
    ended_alone: int
    useful: int
    noise: int
    people: Mapping[str, int] = field(default_factory=dict)
    suggestion: Suggestion | None = None

    @property
    def place(self) -> Place:
        return -self.pages, self.policy_id, self.server_id


@dataclass(frozen=True, slots=True)
class Wanted:
    """*after*: the place of the last row of the previous page. *is_suggesting*: whether edits are tried."""

    days: int
    limit: int
    policy_id: PolicyId | None = None
    server_id: ServerId | None = None
    after: Place | None = None
    is_suggesting: bool = True


@dataclass(frozen=True, slots=True)
class CountNoise:
    """*zone*: of the people, who have none of their own; None: that of this machine."""

    queries: Queries
    fleet: Fleet
    clock: Clock
    run: RunBacktest
    backtests: Backtests
    zone: tzinfo | None = None

    def __call__(self, actor: Actor, wanted: Wanted) -> list[NoiseRow]:
        """Return rows, those with the most pages first, at most `limit` and one more, which has no suggestion.

        Raises InvalidInput, NotFound, TooManyAtOnce.
        """
        check_range("days", wanted.days, 1, MAX_DAYS)
        visible, now = self.fleet.visible_to(actor), self.clock.now()
        ids = visible.ids(None if wanted.server_id is None else [visible.get(wanted.server_id)])
        start = now - timedelta(days=wanted.days)
        fired = self.queries.alerts.fired(ids, None, start, now)
        grouped: dict[tuple[PolicyId, ServerId], list[FiredAlert]] = {}
        for alert in fired:
            if alert.policy_id is not None and wanted.policy_id in (None, alert.policy_id):
                grouped.setdefault((alert.policy_id, alert.server_id), []).append(alert)
        sent = pages_of(self.queries.notifications.sendings(ids, None, start, now))
        rows = (self._row(policy_id, server_id, own, sent) for (policy_id, server_id), own in grouped.items())
        left = (r for r in rows if (r.pages or r.noise) and (wanted.after is None or r.place > wanted.after))
        page = heapq.nsmallest(wanted.limit + 1, left, key=lambda row: row.place)
        if not wanted.is_suggesting:
            return page
        with self.backtests.room_for(actor):
            suggested_rows = [
                self._with_suggestion(actor, row, grouped[row.policy_id, row.server_id], wanted.days)
                for row in page[: wanted.limit]
            ]
        return [*suggested_rows, *page[wanted.limit :]]

    def _row(
        self, policy_id: PolicyId, server_id: ServerId, own: Sequence[FiredAlert], sent: dict[AlertId, list[Sending]]
    ) -> NoiseRow:
        heard = [alert for alert in own if alert.id in sent]
        pages = [each for alert in heard for each in sent[alert.id]]
        return NoiseRow(
            policy_id=policy_id,
            server_id=server_id,
            pages=len(pages),
            night_pages=sum(map(self._is_at_night, pages)),
            alerts=len(heard),
            ended_alone=sum(map(_ended_alone, heard)),
            useful=sum(alert.verdict is Verdict.USEFUL for alert in own),
            noise=sum(alert.verdict is Verdict.NOISE for alert in own),
            people=dict(_names(self.fleet.directory, (each.target for each in pages)).most_common()),
        )

    def _is_at_night(self, sending: Sending) -> bool:
        hour = sending.at.astimezone(self.zone).hour
        return sending.target.user_id is not None and (hour >= NIGHT_BEGINS or hour < NIGHT_ENDS)

    def _with_suggestion(self, actor: Actor, row: NoiseRow, own: Sequence[FiredAlert], days: int) -> NoiseRow:
        directory = self.fleet.directory
        server = directory.watched(row.server_id)
        policy = next((each for each in directory.rules.policies.all if each.id == row.policy_id), None)
        if server is None or policy is None or not policy.enabled or row.alerts < _TO_HALVE:
            return row
        with suppress(NotFound):  # deleted meanwhile
            now = self.clock.now()
            start = now - timedelta(days=days)
            before, *tried = tried_edits(self.run, actor, policy, server, start, now) or [Tried(policy, (), ())]
            useful = [alert.span for alert in own if alert.verdict is Verdict.USEFUL]
            return replace(row, suggestion=suggested(before, tried, useful, row.pages))
        return row


def pages_of(sendings: Iterable[Sending]) -> dict[AlertId, list[Sending]]:
    """Return the notifications that an alert fired or got worse, without those held back or dropped; of several ways of
    a person, one."""
    found: dict[AlertId, dict[object, Sending]] = {}
    for each in sendings:
        if each.alert_id is not None and each.event_kind not in _UNCOUNTED and each.delivery in _COUNTED:
            event = each.target.receiver, each.event_kind, each.created_at
            found.setdefault(each.alert_id, {}).setdefault(event, each)
    return {alert_id: [*own.values()] for alert_id, own in found.items()}


def tried_edits(
    run: RunBacktest, actor: Actor, policy: Policy, server: Server, start: datetime, end: datetime
) -> list[Tried]:
    """Replay *policy*, and then each of its neighbours, as people would hear of it; nothing if it has no neighbours."""
    seen = run.extremes(actor, policy, [server], start, end, lambda _: None)
    policies = [each.policy for each in neighbours(policy, seen)]
    if not policies:
        return []
    found = run.past(actor, policies, server, start, end).backtest(policies, lists_all=True)
    heard = _Heard(run.fleet.directory, server, policy, end)
    return [
        Tried(tried, [*map(Span, each.fired, each.ended)], *heard(each.alerts))
        for tried, each in zip(policies, found, strict=True)
    ]


class _Heard:
    """Notifications that today's people and channels would have had. Today's silences apply."""

    def __init__(self, directory: Directory, server: Server, policy: Policy, now: datetime) -> None:
        self._directory, self._server, self._now = directory, server, now
        covering = directory.rules.silences.covering(server)
        self._silences = [silence for silence in covering if silence.metric in (None, policy.metric)]
        self._escalations = escalations_of(directory, server, policy.key)
        self._known: dict[Level, Collection[Target]] = {}

    def __call__(self, alerts: Sequence[ReplayedAlert]) -> tuple[list[int], int, Counter[str]]:
        """Return the times of notices, the number of notifications, and how many each person would have had."""
        pause = self._directory.preferences.reminder_pause // MICROSECOND
        events = [event for alert in alerts for event in alert.events]
        at: list[int] = []
        notified: list[Target] = []
        for notice in Replay(pause).heard(events, microseconds(self._now)):
            is_silenced = any(silence.is_active(moment(notice.at)) for silence in self._silences)
            targets = () if notice.why is Why.ENDED or is_silenced else self._recipients(notice.level)
            if targets:
                at.append(notice.at)
                notified += targets
        return at, len(notified), _names(self._directory, notified)

    def _recipients(self, level: Level) -> Collection[Target]:
        """Return people and channels; all that steps name if there is an escalation."""
        if level not in self._known:
            place = self._directory, self._server, level
            steps = [all_steps(*place, each, self._now) for each in self._escalations]
            found = steps or [audience(*place, self._now)]
            self._known[level] = {target.receiver for each in found for target in each.targets}
        return self._known[level]


def _names(directory: Directory, targets: Iterable[Target]) -> Counter[str]:
    """Return how often each person is among *targets*."""
    users = (directory.users.get(each.user_id) for each in targets if each.user_id is not None)
    return Counter(user.username for user in users if user is not None)


def _ended_alone(alert: FiredAlert) -> bool:
    is_short = alert.ended_at is not None and alert.ended_at - alert.fired_at <= ALONE_WITHIN
    return is_short and not alert.is_acknowledged
