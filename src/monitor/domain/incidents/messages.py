"""What somebody gets of an incident: a first message, those that say what joins it, and one at its end."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.domain.alerts.alert import AlertId, EventKind
from monitor.domain.alerts.quiet import Why
from monitor.domain.alerts.reasons import PARENTS, Reason
from monitor.domain.fleet.servers import ServerId
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import ENDINGS, SEND, Decided, Decision, Notification

AT_ONCE, PACE = 2, timedelta(minutes=1)
"""So many messages of an incident go out within so long, besides higher levels and what was held back. More wait."""
_REMINDED_TOGETHER = timedelta(minutes=10)
"""Alerts of one incident begin minutes apart. Their reminders go together."""
_REPEATS = (EventKind.REMINDED, EventKind.STEP)
_WITHHELD = (Reason.SILENCED, Reason.QUIET_HOURS, *PARENTS)
_DUE_BY_ITSELF = (Why.LASTED, Why.ADDED_UP)


@dataclass(frozen=True, slots=True)
class Received:
    """What a target got of an incident, or may have got, but for ends. *levels*: the highest of each alert. *hosts*:
    the servers, and those of checks. *newest*: when the last AT_ONCE messages came. *repeats*: the newest reminder, and
    the newest of another alert."""

    levels: Mapping[AlertId | None, Level] = field(default_factory=dict)
    hosts: Set[ServerId] = frozenset()
    newest: Sequence[datetime] = ()
    last: Sequence[Notification] = ()
    repeats: Sequence[Notification] = ()

    @staticmethod
    def of(notifications: Iterable[Notification], host_of: Callable[[ServerId], ServerId]) -> "Received":
        found = sorted(notifications, key=at)
        levels: dict[AlertId | None, Level] = {}
        for n in found:
            levels[n.alert_id] = max(n.level, levels.get(n.alert_id, Level.OK))
        repeats = [n for n in found if n.event_kind in _REPEATS]
        last = repeats[-1:]
        return Received(
            levels=levels,
            hosts={host_of(each) for each in {n.server_id for n in found}},
            newest=[*{n.message_id: at(n) for n in found}.values()][-AT_ONCE:],
            last=found[-1:],
            repeats=[*last, *[n for n in repeats if n.alert_id != last[0].alert_id][-1:]],
        )


def amending(
    n: Notification, host_id: ServerId, received: Received, now: datetime, *, lasts: bool, reminder_pause: timedelta
) -> Decided:
    """Decide what becomes of a notification about *host_id* that would be sent. *lasts*: the incident has an alert of
    which the target knows, and which fires.

    Who got nothing about other hosts gets all about this one: what happens to one host later may be another trouble.
    Others get at once what is worse than all that they know of, and what a parent, a silence or quiet hours held back;
    other news within a PACE. Reminders go together. That an alert fired is not sent after its higher level. What ends
    because its server is deleted goes out at once to who was notified of that server: nothing tells later whose it was.
    """
    if received.hosts <= {host_id}:
        return SEND
    if n.event_kind in ENDINGS:
        if n.alert_id is None:
            return SEND if host_id in received.hosts else Decided(Decision.DROP, Reason.OK)
        return Decided(Decision.HOLD, Reason.AMENDED) if lasts else SEND
    known_level = received.levels.get(n.alert_id, Level.OK)
    if n.event_kind in _REPEATS and n.level <= known_level:
        since = now - min(_REMINDED_TOGETHER, reminder_pause / 2)
        repeats = [each for each in received.repeats if each.alert_id != n.alert_id and at(each) > since]
        return _part_of(repeats) if repeats else SEND
    if n.event_kind is EventKind.FIRED and n.level < known_level:
        return _part_of(received.last)
    is_worse = n.level > max(received.levels.values())
    was_withheld = n.alert_id not in received.levels and _was_withheld(n)
    if is_worse or was_withheld or n.event_kind is EventKind.REMINDED or len(received.newest) < AT_ONCE:
        return SEND
    due_at = received.newest[0] + PACE
    return SEND if due_at <= now else Decided(Decision.WAIT, Reason.PENDING, due_at)


def at(n: Notification) -> datetime:
    """Return when it was sent, or may have been."""
    return n.sent_at or n.not_before


def _was_withheld(n: Notification) -> bool:
    """Tell whether a silence, a parent or quiet hours held it back.

    An escalation begins only then: its alert is due, but not because it lasted.
    """
    begins = n.event_kind is EventKind.DUE and (n.notice is None or n.notice.why not in _DUE_BY_ITSELF)
    return begins or n.reason in _WITHHELD


def _part_of(known: Sequence[Notification]) -> Decided:
    return Decided(Decision.DROP, Reason.AMENDED, at(known[0]), known[0].message_id)
