"""What a silence would have held back, before it is made, and what one did hold back."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.application.alerts.policies import check_may_change
from monitor.application.alerts.ports import FiredAlert, Queries, UnitOfWork
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.notifications.ports import Sending
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.policies import Scope
from monitor.domain.alerts.reasons import Reason
from monitor.domain.alerts.silences import Silence, SilenceId, Windows
from monitor.domain.errors import InvalidInput, NotFound, Problem
from monitor.domain.fleet.servers import ServerId
from monitor.domain.notifications.outbox import DeliveryState

MAX_DAYS = 90
"""Notifications are kept for as long."""
_COUNTED = (DeliveryState.SENT, DeliveryState.PENDING, DeliveryState.PARKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """*alerts*: how many fired meanwhile, or had a notification held back. *people*: (user name, notifications), the
    most first. *sent_later*: those of *notifications* that were sent when the silence ended."""

    alerts: int
    notifications: int
    people: list[tuple[str, int]]
    sent_later: int = 0


@dataclass(frozen=True, slots=True)
class PreviewSilence:
    new_uow: Callable[[], UnitOfWork]
    queries: Queries
    fleet: Fleet
    clock: Clock

    def __call__(self, actor: Actor, silence: Silence, days: int) -> Effect:
        """Return what *silence* would have held back if it had been in force in the last *days*, in its weekly windows
        if it has some. Raises InvalidInput, Forbidden, NotFound."""
        if not 1 <= days <= MAX_DAYS:
            raise InvalidInput({"days": Problem("out_of_range", {"low": 1, "high": MAX_DAYS})})
        with self.new_uow() as uow:
            check_may_change(uow, actor, silence.scope)
        self.fleet.refresh()
        now = self.clock.now()
        start, ids = now - timedelta(days=days), _covered(self.fleet.directory, silence.scope)
        windows = Windows(silence.recurrence)
        fired = [
            each for each in self.queries.alerts.fired(ids, silence.metric, start, now) if windows.cover(each.fired_at)
        ]
        held = [
            each
            for each in self.queries.notifications.sendings(ids, silence.metric, start, now)
            if each.delivery in _COUNTED and windows.cover(each.at)
        ]
        return _effect(self.fleet.directory, fired, held)


@dataclass(frozen=True, slots=True)
class FindHeldBack:
    new_uow: Callable[[], UnitOfWork]
    queries: Queries
    fleet: Fleet
    clock: Clock

    def __call__(self, actor: Actor, silence_id: SilenceId) -> Effect:
        """Return what a silence has held back so far. Of what the *actor* may see. Raises NotFound."""
        with self.new_uow() as uow:
            silence = uow.silences.get(silence_id, visible_to=actor)
        self.fleet.refresh()
        directory, now = self.fleet.directory, self.clock.now()
        ids = _covered(directory, silence.scope)
        if not actor.is_admin:
            seen = {each.id for each in (*directory.visible(actor), *directory.visible_checks(actor))}
            ids = seen if ids is None else seen & set(ids)
        wait = directory.preferences.digest_pause  # a notification is decided on after it
        start, end = max(silence.starts_at, now - timedelta(days=MAX_DAYS)), min(silence.ends_at, now)
        if start >= end:
            return _effect(directory, (), [])
        fired = self.queries.alerts.fired(ids, silence.metric, start, end)
        sent = self.queries.notifications.sendings(ids, silence.metric, start - wait, end)
        early, late = Windows(silence.recurrence), Windows(silence.recurrence)

        def acts(windows: Windows, at: datetime) -> bool:
            return silence.readable and silence.starts_at <= at < silence.ends_at and windows.cover(at)

        held = [
            each
            for each in sent
            if each.reason is Reason.SILENCED and (acts(early, each.created_at) or acts(late, each.created_at + wait))
        ]
        found = _effect(directory, [each for each in fired if acts(early, each.fired_at)], held)
        return replace(found, sent_later=sum(each.delivery is DeliveryState.SENT for each in held))


def _covered(directory: Directory, scope: Scope) -> Collection[ServerId] | None:
    """Return the servers and checks of *scope*; None: all. Raises NotFound for one that is not there."""
    if scope == Scope():
        return None
    watched = (*directory.servers.values(), *directory.checks.values())
    if scope.server_id is not None and directory.watched(scope.server_id) is None:
        raise NotFound
    return [each.id for each in watched if scope.covers(each)]


def _effect(directory: Directory, fired: Iterable[FiredAlert], held: Collection[Sending]) -> Effect:
    alerts = {alert.id for alert in fired} | {each.alert_id for each in held if each.alert_id is not None}
    users = (directory.users.get(each.target.user_id) for each in held if each.target.user_id is not None)
    counted = Counter(user.username for user in users if user is not None)
    return Effect(
        alerts=len(alerts),
        notifications=len(held),
        people=sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])),
    )
