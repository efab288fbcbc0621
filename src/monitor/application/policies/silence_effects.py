"""What a silence would have held back, before it is made, and what one did hold back."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.application.alerts.ports import FiredAlert, Queries, UnitOfWork
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.visibility import VisibleFleet, VisibleIds
from monitor.application.policies.policies import check_may_change
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.alert import AlertId, EventKind
from monitor.domain.alerts.reasons import Reason
from monitor.domain.errors import check_range
from monitor.domain.fleet.servers import ServerId
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import ENDINGS, DeliveryState, Sending, Target
from monitor.domain.notifications.silenced import Course, Spared, heard_of, spared
from monitor.domain.policies.policies import PolicyId, Scope
from monitor.domain.policies.silences import Silence, SilenceId
from monitor.domain.recurrence import Windows
from monitor.domain.times import MICROSECOND

MAX_DAYS = 90
"""Notifications are kept for as long."""
_COUNTED = (DeliveryState.SENT, DeliveryState.PENDING, DeliveryState.PARKED)


_RISES = (EventKind.FIRED, EventKind.ESCALATED)
_DAY = timedelta(days=1)
_BEFORE = timedelta(days=7)
"""What an alert was notified of so long before a silence decides what becomes of it within."""


class PersonEffect(NamedTuple):
    """*notifications*: *hidden* and *later* together."""

    username: str
    notifications: int
    hidden: int
    later: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a silence holds back from *start* to *end*.

    *alerts*: how many fired meanwhile, or had a notification held back. *hidden*: notifications that never come.
    *later*: notifications that come when it ends. A silence writes no reminders. *people*: the most first.
    """

    start: datetime
    end: datetime
    alerts: int = 0
    hidden: int = 0
    later: int = 0
    people: Sequence[PersonEffect] = ()

    @property
    def notifications(self) -> int:
        return self.hidden + self.later


Key = tuple[AlertId | None, Target]


@dataclass(frozen=True, slots=True)
class PreviewSilence:
    new_uow: Callable[[], UnitOfWork]
    queries: Queries
    fleet: Fleet
    clock: Clock

    def __call__(self, actor: Actor, silence: Silence, days: int) -> Effect:
        """Return what *silence* would have held back in the last *days*: in its weekly windows, else in its period.

        A silence that acts now is moved back until it has ended, a future one by as few days as that takes. Raises
        InvalidInput, Forbidden, NotFound.
        """
        check_range("days", days, 1, MAX_DAYS)
        with self.new_uow() as uow:
            check_may_change(uow, actor, silence.scope)
        visible, now = self.fleet.visible_to(actor), self.clock.now()
        ids, directory = _covered(visible, silence.scope), visible.directory
        start, end = _period(silence, now - timedelta(days=days), now)
        if start >= end:
            return Effect(start=start, end=end)
        windows = Windows(silence.recurrence)
        fired = self.queries.alerts.fired(ids, silence.metric, start - _BEFORE, end)
        ends: dict[AlertId | None, datetime | None] = {each.id: each.ended_at for each in fired}

        def end_of(at: datetime) -> datetime | None:
            last = windows.end_of(at) if start <= at < end else None
            return None if last is None else min(last, end)

        sent: dict[Key, list[tuple[EventKind, datetime, datetime]]] = {}
        for each in self.queries.notifications.sendings(ids, silence.metric, start - _BEFORE, end):
            if each.delivery in _COUNTED:
                sent.setdefault((each.alert_id, each.target), []).append((each.event_kind, each.created_at, each.at))
        found = {key: spared(own, ends.get(key[0]), end_of) for key, own in sent.items()}
        acted = [each for each in fired if end_of(each.fired_at) is not None]
        return _effect(directory, start, end, acted, found)


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
        visible, now = self.fleet.visible_to(actor), self.clock.now()
        ids, directory = _covered(visible, silence.scope), visible.directory
        wait = directory.preferences.digest_pause  # a notification is decided on after it
        start, end = max(silence.starts_at, now - timedelta(days=MAX_DAYS)), min(silence.ends_at, now)
        if start >= end:
            return Effect(start=start, end=start)
        fired = self.queries.alerts.fired(ids, silence.metric, start - _BEFORE, end)
        written = self.queries.notifications.sendings(ids, silence.metric, start - _BEFORE, end)
        heard = _heard_of(fired, written, now, directory.preferences.reminder_pause // MICROSECOND)
        early, late = Windows(silence.recurrence), Windows(silence.recurrence)

        def acts(windows: Windows, at: datetime) -> bool:
            return silence.readable and silence.starts_at <= at < silence.ends_at and windows.cover(at)

        def is_held(each: Sending) -> bool:
            """Tell whether it did not come when it was to: it may wait for less than others would for its message."""
            if each.reason is not Reason.SILENCED or each.created_at < start - wait:
                return False
            if each.event_kind in _RISES and (each.alert_id, each.created_at) not in heard:
                return False  # the quiet rule would have held it
            is_dropped = each.delivery is DeliveryState.DROPPED
            return acts(late, each.created_at + wait) or (is_dropped and acts(early, each.created_at))

        own: dict[Key, list[Sending]] = {}
        for each in written:
            if each.event_kind is not EventKind.REMINDED:
                own.setdefault((each.alert_id, each.target), []).append(each)
        found = {key: _held_back(held, of_one) for key, of_one in own.items() if (held := [*filter(is_held, of_one)])}
        acted = [each for each in fired if each.fired_at >= start and acts(early, each.fired_at)]
        return _effect(directory, start, end, acted, found)


def _heard_of(
    fired: Iterable[FiredAlert], written: Iterable[Sending], until: datetime, most_held: int
) -> set[tuple[AlertId, datetime]]:
    """Return the rises that people would have heard of without silences."""
    own: dict[AlertId | None, list[Sending]] = {}
    for each in written:
        own.setdefault(each.alert_id, []).append(each)
    courses: dict[tuple[ServerId, PolicyId | None], list[Course]] = {}
    for alert in sorted(fired, key=lambda alert: alert.fired_at):
        sendings = own.get(alert.id, [])
        rises = {each.created_at: each.level for each in sendings if each.event_kind in _RISES}
        if not any(each.event_kind is EventKind.FIRED for each in sendings):  # it was held
            rises = {alert.fired_at: sendings[0].level if sendings else Level.WARNING, **rises}
        of_watch = courses.setdefault((alert.server_id, alert.policy_id), [])
        of_watch.append(Course(alert.id, [*rises.items()], alert.ended_at))
    return {rise for each in courses.values() for rise in heard_of(each, until, most_held)}


def _period(silence: Silence, first: datetime, now: datetime) -> tuple[datetime, datetime]:
    """Return which part of the past, from *first* to *now*, a preview looks at."""
    if silence.recurrence is not None:
        return first, now
    if silence.starts_at > now:  # in the same hours
        earlier = -((now - silence.ends_at) // _DAY) * _DAY
    else:
        earlier = max(timedelta(0), silence.ends_at - now)
    # By spans: of a silence until 9999, the earlier time would be before the first year.
    start, end = (first if at - first <= earlier else at - earlier for at in (silence.starts_at, silence.ends_at))
    return start, end


def _held_back(held: Collection[Sending], own: Collection[Sending]) -> Spared:
    """Return what became of the notifications *held*, among a target's *own* about one alert."""
    hidden = sum(each.delivery is DeliveryState.DROPPED for each in held)
    if not any(each.delivery is DeliveryState.SENT for each in own):  # so it did not hear of the end either
        dropped = [each for each in own if each.delivery is DeliveryState.DROPPED and each.event_kind in ENDINGS]
        hidden += sum(each.reason is Reason.OK for each in dropped)
    return Spared(hidden, sum(each.delivery is not DeliveryState.DROPPED for each in held))


def _covered(visible: VisibleFleet, scope: Scope) -> VisibleIds:
    """Return the servers and checks of *scope*. Raises NotFound if its server does not exist."""
    if scope.server_id is not None:
        visible.get(scope.server_id)
    return visible.ids(None if scope == Scope() else filter(scope.covers, visible.all))


def _effect(
    directory: Directory, start: datetime, end: datetime, fired: Iterable[FiredAlert], found: Mapping[Key, Spared]
) -> Effect:
    found = {key: each for key, each in found.items() if any(each)}
    people: dict[str, Spared] = {}
    for (_, target), (hidden, later) in found.items():
        if target.user_id is not None and (user := directory.users.get(target.user_id)) is not None:
            so_far = people.get(user.username, Spared())
            people[user.username] = Spared(so_far.hidden + hidden, so_far.later + later)
    counts = [PersonEffect(name, sum(each), *each) for name, each in people.items()]
    return Effect(
        start=start,
        end=end,
        alerts=len({alert.id for alert in fired} | {alert_id for alert_id, _ in found if alert_id is not None}),
        hidden=sum(each.hidden for each in found.values()),
        later=sum(each.later for each in found.values()),
        people=sorted(counts, key=lambda each: (-each.notifications, each.username)),
    )
