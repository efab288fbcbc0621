"""What somebody gets of an incident: a first message, one that amends it, and one at its end."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.domain.alerts.alert import Alert, AlertId, EventKind
from monitor.domain.alerts.quiet import Why
from monitor.domain.alerts.reasons import PARENTS, Reason
from monitor.domain.fleet.servers import ServerId
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import ENDINGS, SEND, Decided, Decision, Notification

AMENDED_AFTER = timedelta(minutes=5)
REMINDED_TOGETHER = timedelta(minutes=10)
"""Longer than the first message and the one that amends it are apart: so are the reminders of their alerts."""
_REPEATS = (EventKind.REMINDED, EventKind.STEP)
_WITHHELD = (Reason.SILENCED, Reason.QUIET_HOURS, *PARENTS)
_DUE_BY_ITSELF = (Why.LASTED, Why.ADDED_UP)


@dataclass(frozen=True, slots=True)
class Received:
    """What a target got of an incident, or may have got, but for ends. *messages*: when each came that counts: since
    the incident was acknowledged, or had ended for the target. *highest*: since then. *repeats*: the newest reminder,
    and the newest of another alert. *hosts*: the servers, and those of checks."""

    alert_ids: Set[AlertId | None] = frozenset()
    hosts: Set[ServerId] = frozenset()
    highest: Level = Level.OK
    messages: Sequence[datetime] = ()
    last: Sequence[Notification] = ()
    repeats: Sequence[Notification] = ()

    @staticmethod
    def of(
        notifications: Iterable[Notification],
        host_of: Callable[[ServerId], ServerId],
        since: datetime | None = None,
    ) -> "Received":
        found = sorted(notifications, key=at)
        repeats = [n for n in found if n.event_kind in _REPEATS]
        newest = repeats[-1:]
        return Received(
            alert_ids={n.alert_id for n in found},
            hosts={host_of(each) for each in {n.server_id for n in found}},
            highest=max((n.level for n in found if since is None or at(n) > since), default=Level.OK),
            messages=[each for each in _messages(found, host_of) if since is None or each > since],
            last=found[-1:],
            repeats=[*newest, *[n for n in repeats if n.alert_id != newest[0].alert_id][-1:]],
        )


def amending(n: Notification, host_id: ServerId, received: Received, now: datetime, *, lasts: bool) -> Decided:
    """Decide what becomes of a notification about *host_id* that would be sent. *lasts*: the incident has an alert of
    which the target knows, and which fires.

    Who got nothing about other hosts gets all about this one: what happens to one host later may be another trouble.
    Others get what rises above the highest level at once, one message with all that joins, and reminders together; one
    that is the first about its alert is always sent. What a parent, a silence or quiet hours held back is sent when
    that is over, however many messages there were: none of them named it. That an alert fired is not sent after its
    higher level. What ends because its server is deleted goes out at once to who was notified of that server: nothing
    tells later whose it was. After an acknowledgement, and after an end, all begins anew.
    """
    if received.hosts <= {host_id}:
        return SEND
    if n.event_kind in ENDINGS:
        if n.alert_id is None:
            return SEND if host_id in received.hosts else Decided(Decision.DROP, Reason.OK)
        return Decided(Decision.HOLD, Reason.AMENDED) if lasts else SEND
    if n.level > received.highest:
        return SEND
    is_known = n.alert_id in received.alert_ids
    if n.event_kind is EventKind.FIRED and is_known and n.level < received.highest:
        return _part_of(received.last)
    if n.event_kind is EventKind.REMINDED or (n.event_kind is EventKind.STEP and is_known):
        repeats = [r for r in received.repeats if r.alert_id != n.alert_id and now - at(r) < REMINDED_TOGETHER]
        return _part_of(repeats) if repeats and is_known else SEND
    was_withheld = not is_known and _was_withheld(n)
    if len(received.messages) > 1 and not was_withheld:
        return _part_of(received.last)
    due_at = received.messages[0] + AMENDED_AFTER if received.messages else now
    if due_at <= now:
        return SEND
    return Decided(Decision.WAIT, n.reason if was_withheld and n.reason else Reason.PENDING, due_at)


def acknowledged_at(received: Iterable[Notification], alerts: Mapping[AlertId, Alert]) -> datetime | None:
    """Return when the incident was acknowledged: the newest acknowledgement, if none of the *alerts* of which its
    target has *received* something before fires without one."""
    since = max((each.acknowledged_at for each in alerts.values() if each.acknowledged_at is not None), default=None)
    if since is None:
        return None
    fires = {each.id for each in alerts.values() if each.is_open and each.acknowledged_at is None}
    return None if any(n.alert_id in fires and at(n) <= since for n in received) else since


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


def _messages(found: Sequence[Notification], host_of: Callable[[ServerId], ServerId]) -> list[datetime]:
    """Return when each message was sent, but for those that only repeat, or were sent for a higher level. While all is
    about one host, the first stands for all: none of them says that others are sick too."""
    by_id: dict[str, list[Notification]] = {}
    for n in found:
        by_id.setdefault(n.message_id, []).append(n)
    times: list[datetime] = []
    seen, hosts, highest = set[AlertId | None](), set[ServerId](), Level.OK
    for message in by_id.values():
        level = max(n.level for n in message)
        tells_more = any(n.alert_id not in seen for n in message)
        is_change = len(seen) > 1 and any(n.event_kind not in _REPEATS for n in message)
        hosts.update(host_of(n.server_id) for n in message)
        if not times or (len(hosts) > 1 and level <= highest and (tells_more or is_change)):
            times.append(at(message[0]))
        seen.update(n.alert_id for n in message)
        highest = max(highest, level)
    return times
