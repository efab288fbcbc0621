"""The outbox: one row for each event, recipient and channel, and what becomes of it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from monitor.domain.accounts.actors import UserId
from monitor.domain.alerts.alert import AlertId, EventId, EventKind
from monitor.domain.errors import Conflict
from monitor.domain.fleet.servers import ServerId
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import ChannelId
from monitor.domain.pauses import doubled

NotificationId = NewType("NotificationId", int)

GIVE_UP_AFTER = timedelta(hours=24)
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=30)
LEASE = timedelta(minutes=2)
"""Far longer than the sending of one message may take: a row whose sender died is taken up again after it."""


class NotParked(Conflict):
    """Only what was given up or refused for good is sent again on demand."""

    reason = "not_parked"


class Delivery(StrEnum):
    """PENDING: to be sent at `not_before`. HELD: silenced; looked at again when the silence ends. PARKED: refused for
    good, or given up, and shown to people. DROPPED: nobody needs to be told any more."""

    PENDING = "pending"
    HELD = "held"
    SENT = "sent"
    PARKED = "parked"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Target:
    """A person's mailbox, or a channel: exactly one of the two."""

    user_id: UserId | None = None
    channel_id: ChannelId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """What is told stands in it, so that it outlives the server it is about: *alert_id* and *event_id* are None once
    that was deleted. *address* is where it went, or was to go when it was last looked at, *message_id* the mail it
    went in."""

    alert_id: AlertId | None
    event_id: EventId | None
    event_kind: EventKind
    target: Target
    server_id: ServerId
    server_name: str
    ip_address: str
    metric: str
    level: Level
    value: float | None
    created_at: datetime
    not_before: datetime
    note: str = ""
    id: NotificationId = NotificationId(0)  # 0 until stored
    delivery: Delivery = Delivery.PENDING
    attempts: int = 0
    last_error: str = ""
    address: str = ""
    message_id: str = ""
    sent_at: datetime | None = None
    ack_digest: bytes | None = (
        None  # of the single-use link that acknowledges; None before there is one and after its use
    )

    def sent(self, at: datetime, address: str, message_id: str) -> "Notification":
        return replace(
            self, delivery=Delivery.SENT, sent_at=at, address=address, message_id=message_id, attempts=self.attempts + 1
        )

    def failed(self, at: datetime, error: str, *, for_good: bool) -> "Notification":
        """Tried again after a growing pause, for 24 hours; parked once that is over or the refusal is final.

        A day that passed before the first try (a long silence, a server that was down) is no day of trying.
        """
        attempts = self.attempts + 1
        if for_good or (at - self.created_at >= GIVE_UP_AFTER and _waited(self.attempts) >= GIVE_UP_AFTER):
            return replace(self, delivery=Delivery.PARKED, attempts=attempts, last_error=error)
        pause = doubled(FIRST_PAUSE, self.attempts, LONGEST_PAUSE)
        # Without its message: by the next try there may be more to tell in one.
        return replace(self, not_before=at + pause, attempts=attempts, last_error=error, message_id="")

    def held(self) -> "Notification":
        # Without its message, which was not sent: by the end of the silence there may be more to tell in one.
        return replace(self, delivery=Delivery.HELD, message_id="")

    def dropped(self) -> "Notification":
        return replace(self, delivery=Delivery.DROPPED)

    def released(self, at: datetime) -> "Notification":
        return replace(self, delivery=Delivery.PENDING, not_before=at)

    def tried_again(self, at: datetime) -> "Notification":
        """As if it had never been tried, from now on; why it failed stays to be read. Raises NotParked."""
        if self.delivery is not Delivery.PARKED:
            raise NotParked
        return replace(self, delivery=Delivery.PENDING, not_before=at, attempts=0, message_id="")


def _waited(attempts: int) -> timedelta:
    """Return the sum of the pauses after so many *attempts*."""
    return sum((doubled(FIRST_PAUSE, n, LONGEST_PAUSE) for n in range(attempts)), timedelta(0))


class Decision(StrEnum):
    SEND = "send"
    HOLD = "hold"
    DROP = "drop"


ENDINGS = (EventKind.RESOLVED, EventKind.CANCELLED)


def decide(
    notification: Notification,
    *,
    is_open: bool,
    is_acknowledged: bool,
    is_silenced: bool,
    was_told: bool,
    told_now: bool,
) -> Decision:
    """When it is about to be sent. *is_open*: the alert still fires. *was_told*: the target was sent something of this
    alert before; *told_now*: the same message tells that it fired.

    A silence holds back what it covers, until it ends; of what fired and ended within it, nothing is told. An end is
    told only to those who know of the beginning.
    """
    match notification.event_kind:
        case EventKind.RESOLVED | EventKind.CANCELLED:
            if not (was_told or told_now) or (is_silenced and not was_told):
                return Decision.DROP
            return Decision.HOLD if is_silenced else Decision.SEND
        case EventKind.REMINDED:
            return Decision.SEND if is_open and not is_acknowledged and not is_silenced else Decision.DROP
        case _:
            if is_silenced:
                return Decision.HOLD if is_open else Decision.DROP
            return Decision.SEND
