"""The report of an incident: what happened, who was notified, and what would have paged earlier or less."""

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
from monitor.application.incidents.suggesting import SuggestDependencies, outage_of
from monitor.application.notifications.recipients import receiver_of, way_of
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.users import User
from monitor.domain.alerts.alert import Alert, AlertId, EventKind, IncidentId
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import ServerId
from monitor.domain.hindsight.replayed_alerts import Span
from monitor.domain.hindsight.suggestions import Better, better
from monitor.domain.incidents.causes import CauseKind
from monitor.domain.incidents.incidents import DOWN
from monitor.domain.incidents.suggestions import Outage, Suggestion
from monitor.domain.notifications.outbox import ENDINGS, DeliveryState, Sending
from monitor.domain.policies.policies import OFFLINE, Policy
from monitor.domain.times import microseconds

MOST_READ = 10_000
"""Events of an incident that are looked at, the oldest."""
MOST_TRIED = 20
"""Policies whose edits are tried."""
_BEFORE, _LONGEST = timedelta(days=1), timedelta(days=7)
"""Edits are tried on the alert, up to so long, and on so much history before it."""


class Notified(NamedTuple):
    """*way*: mail, or the kind of a channel; None: it is gone, or not for the reader. *messages*: notifications
    without ends. *confirmed_at*: when the person first acknowledged an alert of it; None: not yet."""

    name: str
    way: str | None
    first_at: datetime
    messages: int
    confirmed_at: datetime | None


class Edit(NamedTuple):
    policy: Policy
    server_name: str
    better: Better


class Dependency(NamedTuple):
    """*before*, *after*: notifications that these were down, without and with it. *together*, *alone*: outages of all
    *children* in the last 90 days; 0: a guess from a tag."""

    parent: str
    children: Sequence[str]
    before: int
    after: int
    together: int
    alone: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """*entries*: at most `MOST_READ`. *tried*: so many policies, *of* so many that fired and have edits."""

    found: ShownIncident
    at: datetime
    entries: Sequence[IncidentEntry]
    notified: Sequence[Notified]
    tried: int
    of: int
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
        found, now = self.queries.incidents.get(actor, incident_id), self.clock.now()
        entries = self.queries.incidents.timeline(actor, incident_id, None, MOST_READ)
        visible, alerts = self.fleet.visible_to(actor), {each.id for each in found.members}
        of = visible.ids(filter(None, map(visible.find, {each.server_id for each in found.members})))
        since = min(each.alert.fired_at for each in found.alerts)
        with self.backtests.room_for(actor):
            sent = [e for e in self.queries.notifications.sendings(of, None, since, now) if e.alert_id in alerts]
            firing = self._policies(each.alert for each in found.alerts)
            return Report(
                found=found,
                at=now,
                entries=[each._replace(entry=each.entry.seen_by(actor)) for each in entries],
                notified=_notified(visible, sent, entries),
                tried=min(len(firing), MOST_TRIED),
                of=len(firing),
                edits=[*self._edits(visible, firing[:MOST_TRIED], now)],
                dependency=self._dependency(visible, found, pages_of(sent)),
            )

    def _policies(self, alerts: Iterable[Alert]) -> list[tuple[Policy, Alert]]:
        """Return the policies that fired and have values to edit, each with its first alert."""
        policies = self.fleet.directory.rules.policies.all
        known = {each.id: each for each in policies if each.enabled and each.metric != OFFLINE}
        first: dict[object, Alert] = {}
        for alert in alerts:
            first.setdefault(alert.policy_id, alert)
        return [(known[alert.policy_id], alert) for alert in first.values() if alert.policy_id in known]

    def _edits(self, visible: VisibleFleet, firing: Iterable[tuple[Policy, Alert]], now: datetime) -> Iterator[Edit]:
        for policy, alert in firing:
            until = min(alert.resolved_at or now, alert.fired_at + _LONGEST)
            with suppress(NotFound):  # deleted meanwhile
                server = visible.get(alert.server_id)
                tried = tried_edits(self.run, visible.actor, policy, server, alert.started_at - _BEFORE, until)
                span = Span(microseconds(alert.started_at), microseconds(until))
                if tried and (best := better(tried[0], tried[1:], span)) is not None:
                    yield Edit(policy, server.name, best)

    def _dependency(
        self, visible: VisibleFleet, found: ShownIncident, pages: Mapping[AlertId, Sequence[Sending]]
    ) -> Dependency | None:
        """Return the dependency that would have saved most: a suggested one, or of a tag on what fell first."""
        down = [each.alert for each in reversed(found.alerts) if each.alert.metric in DOWN]
        outages = {each.server_id: outage_of(each, len(pages.get(each.id, ()))) for each in down}
        if len(outages) <= 1:
            return None
        tried: dict[ServerId, list[Suggestion]] = defaultdict(list)
        for each in self.suggest(visible.actor):
            if outages.keys() >= {each.child, each.parent}:
                tried[each.parent].append(each)
        cause = found.incident.cause
        if cause is not None and cause.group.kind is CauseKind.TAG and not tried:
            first = min(outages.values(), key=lambda each: (each.began_at, each.server_id)).server_id
            tagged = [server for each in sorted(outages) if (server := visible.find(each)) and each != first]
            others = [each.id for each in tagged if cause.group.value in each.tags]
            tried[first] = [Suggestion(each, first, 0, 0, 0, 0) for each in others]
        made = [_made(visible, outages, parent, each) for parent, each in tried.items()]
        best = max(made, key=lambda each: each.before - each.after, default=None)
        return best if best is not None and best.after < best.before else None


def _made(
    visible: VisibleFleet, outages: Mapping[ServerId, Outage], parent: ServerId, suggested: Sequence[Suggestion]
) -> Dependency:
    """Return what these dependencies on *parent* would have made of the incident."""
    children = [outages[each.child] for each in suggested]
    held = sum(each.pages for each in children if each.is_held_by(outages[parent]))
    before = sum(each.pages for each in (outages[parent], *children))
    return Dependency(
        *(visible.get(parent).name, [visible.get(each.server_id).name for each in children], before, before - held),
        *(sum(each.together for each in suggested), sum(each.alone for each in suggested)),
    )


def _notified(visible: VisibleFleet, sent: Iterable[Sending], entries: Iterable[IncidentEntry]) -> list[Notified]:
    """Return who was notified by which way, first first. Only administrators learn of other people's ways."""
    directory, actor, confirmed = visible.directory, visible.actor, dict[str | None, datetime]()
    for entry, *_ in entries:
        if entry.event_kind is EventKind.ACKNOWLEDGED:
            confirmed.setdefault(entry.username, entry.at)
    found: dict[tuple[str, str | None], Notified] = {}
    for each in sorted(sent, key=lambda each: each.at):
        receiver = receiver_of(directory, each.target)
        if receiver is None or each.delivery is not DeliveryState.SENT or each.event_kind in ENDINGS:
            continue
        if isinstance(receiver, User):
            way, is_own = way_of(directory, each.target), actor.is_admin or actor.user_id == receiver.id
            name, kind, at = receiver.username, way.kind if way and is_own else None, confirmed.get(receiver.username)
        else:
            name, kind, at = receiver.name, receiver.kind, None
        known = found.get((name, kind), Notified(name, kind, each.at, 0, at))
        found[name, kind] = known._replace(messages=known.messages + 1)
    return [*found.values()]
