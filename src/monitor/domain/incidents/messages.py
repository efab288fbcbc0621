"""What somebody gets of an incident: a first message, one that amends it, and one at its end."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.domain.alerts.alert import AlertId, EventKind
from monitor.domain.alerts.reasons import Reason
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import ENDINGS, SEND, Decided, Decision, Notification

AMENDED_AFTER = timedelta(minutes=5)
REMINDED_TOGETHER = timedelta(minutes=10)
"""Longer than the first message and the one that amends it are apart: so are the reminders of their alerts."""
_REPEATS = (EventKind.REMINDED, EventKind.STEP)


def amending(n: Notification, known: Sequence[Notification], now: datetime, *, lasts: bool) -> Decided:
    """Decide what becomes of a notification that would be sent. *known*: what its target got of the incident by other
        messages, or may have got, but for ends. *lasts*: an alert of the incident fires.

    Who got nothing about other alerts gets all about this one. Others get what rises above the highest level at once,
    one message with all that joins, and reminders together; one that is the first about its alert is always sent.
    """
    others = [each for each in known if each.alert_id != n.alert_id]
    if not others:
        return SEND
    if n.event_kind in ENDINGS:
        return Decided(Decision.HOLD, Reason.AMENDED) if lasts else SEND
    if n.level > max(each.level for each in known):
        return SEND
    is_known = len(others) < len(known)
    if n.event_kind in _REPEATS and (is_known or n.event_kind is EventKind.REMINDED):
        repeats = [each for each in others if each.event_kind in _REPEATS and now - at(each) < REMINDED_TOGETHER]
        return _part_of(repeats) if repeats and is_known else SEND
    messages = _messages(known)
    if len(messages) > 1:
        return _part_of(known)
    due_at = messages[0] + AMENDED_AFTER
    return SEND if due_at <= now else Decided(Decision.WAIT, Reason.PENDING, due_at)


def at(n: Notification) -> datetime:
    """Return when it was sent, or may have been."""
    return n.sent_at or n.not_before


def _part_of(known: Sequence[Notification]) -> Decided:
    last = max(known, key=at)
    return Decided(Decision.DROP, Reason.AMENDED, at(last), last.message_id)


def _messages(known: Sequence[Notification]) -> list[datetime]:
    """Return when each message was sent, but for those that only repeat, or were sent for a higher level."""
    by_id: dict[str, list[Notification]] = {}
    for n in sorted(known, key=at):
        by_id.setdefault(n.message_id, []).append(n)
    found: list[datetime] = []
    seen, highest = set[AlertId | None](), Level.OK
    for message in by_id.values():
        level = max(n.level for n in message)
        tells_more = any(n.alert_id not in seen for n in message)
        is_change = len(seen) > 1 and any(n.event_kind not in _REPEATS for n in message)
        if not found or (level <= highest and (tells_more or is_change)):
            found.append(at(message[0]))
        seen.update(n.alert_id for n in message)
        highest = max(highest, level)
    return found
