"""Notifications that go to one target in one message, and what becomes of them."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from monitor.application.notifications.ports import Sending, Verdict
from monitor.domain.notifications.outbox import Decision, Notification, Target

Parcel = Sequence[Notification]


def by_target(notifications: Iterable[Notification]) -> dict[Target, list[Notification]]:
    """Group them by who is told."""
    grouped: dict[Target, list[Notification]] = {}
    for notification in notifications:
        grouped.setdefault(notification.target, []).append(notification)
    return grouped


def by_message(notifications: Iterable[Notification]) -> dict[str, list[Notification]]:
    """Group them by the message that they were stamped for."""
    grouped: dict[str, list[Notification]] = {}
    for notification in notifications:
        grouped.setdefault(notification.message_id, []).append(notification)
    return grouped


def message_id(notifications: Sequence[Notification]) -> str:
    """The same for the same notifications, another one as soon as there is one more to tell.

    With their times: ids begin anew in another installation, and mailboxes drop what they seem to have already.
    """
    ids = ",".join(f"{n.id}@{n.created_at.isoformat()}" for n in sorted(notifications, key=lambda n: n.id))
    return hashlib.sha256(ids.encode()).hexdigest()[:32]


def outcome(n: Notification, decision: Decision, sending: Sending, address: str, now: datetime) -> Notification:
    """Return the notification after what was decided, and how the sending went."""
    n = replace(n, address=address)
    if decision is Decision.HOLD:
        return n.held()
    if decision is Decision.DROP:
        return n.dropped()
    if sending.verdict is Verdict.SENT:
        return n.sent(now, address, n.message_id)
    return n.failed(now, sending.error, for_good=sending.verdict is Verdict.REFUSED)
