"""What somebody gets of an incident: a first message, one that amends it, and one at its end."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.domain.alerts.alert import Alert, AlertId, EventKind
from monitor.domain.alerts.quiet import Why
from monitor.domain.alerts.reasons import PARENTS, Reason
from monitor.domain.fleet.servers import ServerId
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import ENDINGS, SEND, Decided, Decision, Notification

AMENDED_AFTER = timedelta(minutes=5)
AT_ONCE, PACE = 2, timedelta(minutes=1)
"""So many messages of an incident go out within so long, besides higher levels and what was held back. More wait."""
_REMINDED_TOGETHER = timedelta(minutes=10)
"""Longer than the first message and the one that amends it are apart: so are the reminders of their alerts."""
_REPEATS = (EventKind.REMINDED, EventKind.STEP)
_WITHHELD = (Reason.SILENCED, Reason.QUIET_HOURS, *PARENTS)
_DUE_BY_ITSELF = (Why.LASTED, Why.ADDED_UP)


@dataclass(frozen=True, slots=True)
class Received:
    """What a target got of an incident, or may have got, but for ends. *hosts*: the servers, and those of checks, each
    with its highest level. *levels*: these since the incident was acknowledged, or had ended for the target.
    *messages*: since then, when the first one came, and those that amended it. *newest*: when the last AT_ONCE messages
    came. *repeats*: the newest reminder, and the newest of another alert."""

    alert_ids: Set[AlertId | None] = frozenset()
    hosts: Mapping[ServerId, Level] = field(default_factory=dict)
    levels: Mapping[ServerId, Level] = field(default_factory=dict)
    messages: Sequence[datetime] = ()
    newest: Sequence[datetime] = ()
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
        last = repeats[-1:]
        return Received(
            alert_ids={n.alert_id for n in found},
            hosts=_highest(found, host_of),
            levels=_highest((n for n in found if since is None or at(n) > since), host_of),
            messages=[each for each in _messages(found, host_of) if since is None or each > since],
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
    within a PACE they get a host that no message named, or a higher level of one. Other alerts of hosts that they know
    of go into one message, AMENDED_AFTER the first. Reminders go together. That an alert fired is not sent after its
    higher level. What ends because its server is deleted goes out at once to who was notified of that server: nothing
    tells later whose it was. After an acknowledgement, and after an end, all begins anew.
    """
    if received.hosts.keys() <= {host_id}:
        return SEND
    if n.event_kind in ENDINGS:
        if n.alert_id is None:
            return SEND if host_id in received.hosts else Decided(Decision.DROP, Reason.OK)
        return Decided(Decision.HOLD, Reason.AMENDED) if lasts else SEND
    is_known, own = n.alert_id in received.alert_ids, received.levels.get(host_id, Level.OK)
    if is_known and n.event_kind in _REPEATS and n.level <= received.hosts[host_id]:
        since = now - min(_REMINDED_TOGETHER, reminder_pause / 2)
        repeats = [each for each in received.repeats if each.alert_id != n.alert_id and at(each) > since]
        return _part_of(repeats) if repeats else SEND
    is_worse = n.level > max(received.levels.values(), default=Level.OK)
    if is_worse or n.event_kind is EventKind.REMINDED or (not is_known and _was_withheld(n)):
        return SEND
    if n.level > own:
        due_at = received.newest[0] + PACE if len(received.newest) == AT_ONCE else now
    elif len(received.messages) > 1 or (is_known and n.event_kind is EventKind.FIRED and n.level < own):
        return _part_of(received.last)
    else:
        due_at = received.messages[0] + AMENDED_AFTER if received.messages else now
    return SEND if due_at <= now else Decided(Decision.WAIT, Reason.PENDING, due_at)


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


def _highest(found: Iterable[Notification], host_of: Callable[[ServerId], ServerId]) -> dict[ServerId, Level]:
    levels: dict[ServerId, Level] = {}
    for n in found:
        host_id = host_of(n.server_id)
        levels[host_id] = max(n.level, levels.get(host_id, Level.OK))
    return levels


def _messages(found: Sequence[Notification], host_of: Callable[[ServerId], ServerId]) -> list[datetime]:
    """Return when the first message was sent, and those that amended it: which neither only repeat, nor say a host or a
    level that went out at once. While all is about one host, the first stands for all."""
    by_id: dict[str, list[Notification]] = {}
    for n in found:
        by_id.setdefault(n.message_id, []).append(n)
    times: list[datetime] = []
    seen, levels = set[AlertId | None](), dict[ServerId, Level]()
    for message in by_id.values():
        now = _highest(message, host_of)
        is_news = any(level > levels.get(host_id, Level.OK) for host_id, level in now.items())
        tells_more = any(n.alert_id not in seen for n in message)
        is_change = len(seen) > 1 and any(n.event_kind not in _REPEATS for n in message)
        if not times or (len(levels) > 1 and not is_news and (tells_more or is_change)):
            times.append(at(message[0]))
        seen.update(n.alert_id for n in message)
        levels |= {host_id: max(level, levels.get(host_id, Level.OK)) for host_id, level in now.items()}
    return times
