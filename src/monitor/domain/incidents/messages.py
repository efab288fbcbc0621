"""What somebody gets of an incident: a first message, one that amends it, and one at its end."""

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.domain.alerts.alert import AlertId, EventKind
from monitor.domain.alerts.reasons import Reason
from monitor.domain.fleet.servers import ServerId
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import ENDINGS, SEND, Decided, Decision, Notification

AMENDED_AFTER = timedelta(minutes=5)
REMINDED_TOGETHER = timedelta(minutes=10)
"""Longer than the first message and the one that amends it are apart: so are the reminders of their alerts."""
_REPEATS = (EventKind.REMINDED, EventKind.STEP)


@dataclass(frozen=True, slots=True)
class Received:
    """What a target got of an incident, or may have got, but for ends. *messages*: when each came that counts.
    *repeats*: the newest reminder, and the newest of another alert. *hosts*: the servers, and those of checks."""

    alert_ids: Set[AlertId | None] = frozenset()
    hosts: Set[ServerId] = frozenset()
    highest: Level = Level.OK
    messages: Sequence[datetime] = ()
    last: Sequence[Notification] = ()
    repeats: Sequence[Notification] = ()

    @staticmethod
    def of(notifications: Iterable[Notification], host_of: Callable[[ServerId], ServerId]) -> "Received":
        found = sorted(notifications, key=at)
        repeats = [n for n in found if n.event_kind in _REPEATS]
        newest = repeats[-1:]
        return Received(
            alert_ids={n.alert_id for n in found},
            hosts={host_of(each) for each in {n.server_id for n in found}},
            highest=max((n.level for n in found), default=Level.OK),
            messages=_messages(found),
            last=found[-1:],
            repeats=[*newest, *[n for n in repeats if n.alert_id != newest[0].alert_id][-1:]],
        )


def amending(n: Notification, host_id: ServerId, received: Received, now: datetime, *, lasts: bool) -> Decided:
    """Decide what becomes of a notification about *host_id* that would be sent. *lasts*: the incident has an alert that
    fires.

    Who got nothing about other hosts gets all about this one: what happens to one host later may be another trouble.
    Others get what rises above the highest level at once, one message with all that joins, and reminders together; one
    that is the first about its alert is always sent.
    """
    if received.hosts <= {host_id}:
        return SEND
    if n.event_kind in ENDINGS:
        return Decided(Decision.HOLD, Reason.AMENDED) if lasts else SEND
    if n.level > received.highest:
        return SEND
    is_known = n.alert_id in received.alert_ids
    if n.event_kind is EventKind.REMINDED or (n.event_kind is EventKind.STEP and is_known):
        repeats = [r for r in received.repeats if r.alert_id != n.alert_id and now - at(r) < REMINDED_TOGETHER]
        return _part_of(repeats) if repeats and is_known else SEND
    if len(received.messages) > 1:
        return _part_of(received.last)
    due_at = received.messages[0] + AMENDED_AFTER
    return SEND if due_at <= now else Decided(Decision.WAIT, Reason.PENDING, due_at)


def at(n: Notification) -> datetime:
    """Return when it was sent, or may have been."""
    return n.sent_at or n.not_before


def _part_of(known: Sequence[Notification]) -> Decided:
    return Decided(Decision.DROP, Reason.AMENDED, at(known[0]), known[0].message_id)


def _messages(found: Sequence[Notification]) -> list[datetime]:
    """Return when each message was sent, but for those that only repeat, or were sent for a higher level."""
    by_id: dict[str, list[Notification]] = {}
    for n in found:
        by_id.setdefault(n.message_id, []).append(n)
    times: list[datetime] = []
    seen, highest = set[AlertId | None](), Level.OK
    for message in by_id.values():
        level = max(n.level for n in message)
        tells_more = any(n.alert_id not in seen for n in message)
        is_change = len(seen) > 1 and any(n.event_kind not in _REPEATS for n in message)
        if not times or (level <= highest and (tells_more or is_change)):
            times.append(at(message[0]))
        seen.update(n.alert_id for n in message)
        highest = max(highest, level)
    return times
