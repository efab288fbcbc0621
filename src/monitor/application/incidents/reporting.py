"""The paper of an incident: what happened, who was notified, and what would have paged earlier or less."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.visibility import VisibleFleet
from monitor.application.hindsight.backtest import Backtests, RunBacktest
from monitor.application.hindsight.noise import pages_of, tried_edits
from monitor.application.incidents.ports import IncidentEntry, Queries, ShownIncident
from monitor.application.incidents.suggesting import DOWN, SuggestDependencies, outage_of
from monitor.application.notifications.recipients import receiver_of, way_of
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.users import User
from monitor.domain.alerts.alert import Alert, AlertId, EventKind, IncidentId
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.hindsight.replayed_alerts import Span
from monitor.domain.hindsight.suggestions import Better, better
from monitor.domain.incidents.causes import CauseKind
from monitor.domain.incidents.suggestions import Outage, Suggestion
from monitor.domain.notifications.channels import Channel
from monitor.domain.notifications.outbox import ENDINGS, DeliveryState, Sending, Target
from monitor.domain.policies.policies import OFFLINE, Policy
from monitor.domain.times import microseconds

MOST_READ = 10_000
"""Events of an incident that are looked at, the oldest."""
MOST_TRIED = 20
"""Policies whose edits are tried."""
_BEFORE, _LONGEST = timedelta(days=1), timedelta(days=7)
"""Edits are tried on the alert, up to so long, and on so much history before it."""
_FEWEST = 2
"""Outages of an incident for which a dependency is looked for."""


class Notified(NamedTuple):
    """*way*: mail, or the kind of a channel; None: it is gone, or not for the reader. *messages*: notifications
    without ends. *confirmed_at*: when they first acknowledged an alert of it, or confirmed the way; None: not yet."""

    name: str
    way: str | None
    first_at: datetime
    messages: int
    confirmed_at: datetime | None


class Edit(NamedTuple):
    policy: Policy
    server: Server
    better: Better


class Dependency(NamedTuple):
    """*pages*: notifications that these were down, without and with it. *together*, *alone*: of all children in the
    last 90 days; 0: a guess from a tag."""

    parent: Server
    children: Sequence[Server]
    pages: tuple[int, int]
    together: int
    alone: int

    @property
    def saved(self) -> int:
        return self.pages[0] - self.pages[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """*entries*: at most `MOST_READ`. *tried*: policies whose edits were tried, of how many that fired."""

    found: ShownIncident
    at: datetime
    entries: Sequence[IncidentEntry]
    notified: Sequence[Notified]
    tried: tuple[int, int]
    edits: Sequence[Edit]
    dependency: Dependency | None


@dataclass(frozen=True, slots=True)
class ReportIncident:
    queries: Queries
    fleet: Fleet
    clock: Clock
    run: RunBacktest
    backtests: Backtests
    suggest: SuggestDependencies

    def __call__(self, actor: Actor, incident_id: IncidentId) -> Report:
        """Raises NotFound, TooManyAtOnce."""
        found = self.queries.incidents.get(actor, incident_id)
        entries = self.queries.incidents.timeline(actor, incident_id, None, MOST_READ)
        visible, now = self.fleet.visible_to(actor), self.clock.now()
        with self.backtests.room_for(actor):
            sent = self._sent(found, visible, now)
            firing = self._policies(found)
            return Report(
                found=found,
                at=now,
                entries=entries,
                notified=_notified(visible, found.incident.started_at, sent, entries),
                tried=(min(len(firing), MOST_TRIED), len(firing)),
                edits=[*self._edits(visible, firing[:MOST_TRIED], now)],
                dependency=self._dependency(visible, found, pages_of(sent)),
            )

    def _sent(self, found: ShownIncident, visible: VisibleFleet, now: datetime) -> list[Sending]:
        ids = {each.alert.id for each in found.alerts}
        watched = {each.alert.server_id for each in found.alerts}
        of = visible.ids(server for each in watched if (server := visible.find(each)) is not None)
        since = min(each.alert.fired_at for each in found.alerts)
        return [each for each in self.queries.notifications.sendings(of, None, since, now) if each.alert_id in ids]

    def _policies(self, found: ShownIncident) -> list[tuple[Policy, Alert]]:
        """Return the policies that fired and have values to edit, each with its first alert."""
        policies = self.fleet.directory.rules.policies.all
        known = {each.id: each for each in policies if each.enabled and each.metric != OFFLINE}
        first = {each.alert.policy_id: each.alert for each in reversed(found.alerts)}
        return [(known[alert.policy_id], alert) for alert in reversed(first.values()) if alert.policy_id in known]

    def _edits(self, visible: VisibleFleet, firing: Iterable[tuple[Policy, Alert]], now: datetime) -> Iterator[Edit]:
        for policy, alert in firing:
            until = min(alert.resolved_at or now, alert.fired_at + _LONGEST)
            with suppress(NotFound):  # deleted meanwhile
                server = visible.get(alert.server_id)
                tried = tried_edits(self.run, visible.actor, policy, server, alert.started_at - _BEFORE, until)
                span = Span(microseconds(alert.started_at), microseconds(until))
                if tried and (best := better(tried[0], tried[1:], span)) is not None:
                    yield Edit(policy, server, best)

    def _dependency(
        self, visible: VisibleFleet, found: ShownIncident, pages: Mapping[AlertId, Sequence[Sending]]
    ) -> Dependency | None:
        """Return the dependency that would have saved most: a suggested one, or of a tag on what fell first."""
        outages = {
            each.alert.server_id: outage_of(each.alert, len(pages.get(each.alert.id, ())))
            for each in reversed(found.alerts)
            if each.alert.metric in DOWN
        }
        if len(outages) < _FEWEST:
            return None
        tried: dict[ServerId, list[Suggestion]] = defaultdict(list)
        for each in self.suggest(visible.actor):
            if outages.keys() >= {each.child, each.parent}:
                tried[each.parent].append(each)
        cause, first = found.incident.cause, min(outages.values(), key=lambda each: (each.began_at, each.server_id))
        if cause is not None and cause.group.kind is CauseKind.TAG and not tried:
            tagged = (visible.find(each) for each in sorted(outages.keys() - {first.server_id}))
            others = [each.id for each in tagged if each is not None and cause.group.value in each.tags]
            tried[first.server_id] = [Suggestion(each, first.server_id, 0, 0, 0, 0) for each in others]
        made = [_made(visible, outages, parent, each) for parent, each in tried.items()]
        return max((each for each in made if each.saved), key=lambda each: each.saved, default=None)


def _made(
    visible: VisibleFleet, outages: Mapping[ServerId, Outage], parent: ServerId, suggested: Sequence[Suggestion]
) -> Dependency:
    """Return what these dependencies on *parent* would have made of the incident."""
    children = [outages[each.child] for each in suggested]
    held = sum(each.pages for each in children if each.is_held_by(outages[parent]))
    before = sum(each.pages for each in (outages[parent], *children))
    return Dependency(
        parent=visible.get(parent),
        children=[visible.get(each.server_id) for each in children],
        pages=(before, before - held),
        together=sum(each.together for each in suggested),
        alone=sum(each.alone for each in suggested),
    )


def _notified(
    visible: VisibleFleet, since: datetime, sent: Iterable[Sending], entries: Iterable[IncidentEntry]
) -> list[Notified]:
    """Return who was notified by which way, first first. Only administrators learn of other people's ways."""
    acknowledged: dict[str | None, datetime] = {}
    for entry, *_ in entries:
        if entry.event_kind is EventKind.ACKNOWLEDGED:
            acknowledged.setdefault(entry.username, entry.at)
    found: dict[tuple[str, str | None], Notified] = {}
    for each in sorted(sent, key=lambda each: each.at):
        receiver = receiver_of(visible.directory, each.target)
        if receiver is None or each.delivery is not DeliveryState.SENT or each.event_kind in ENDINGS:
            continue
        name, kind, confirmed_at = _shown(visible, receiver, each.target)
        at = acknowledged.get(name) if isinstance(receiver, User) else None
        if at is None and confirmed_at is not None and confirmed_at >= since:
            at = confirmed_at
        known = found.get((name, kind), Notified(name, kind, each.at, 0, at))
        found[name, kind] = known._replace(messages=known.messages + 1)
    return [*found.values()]


def _shown(visible: VisibleFleet, receiver: User | Channel, target: Target) -> tuple[str, str | None, datetime | None]:
    """Return the name of the receiver, the kind of the way, and when it was confirmed last."""
    if isinstance(receiver, Channel):
        return receiver.name, receiver.kind, None
    way = way_of(visible.directory, target)
    is_own = visible.actor.is_admin or visible.actor.user_id == receiver.id
    if way is None:
        return receiver.username, None, None
    return receiver.username, way.kind if is_own else None, way.confirmed_at
