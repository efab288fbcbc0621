"""The outbox: one notification for each event and target, and what becomes of it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, NewType

from monitor.domain.accounts.actors import UserId
from monitor.domain.alerts.alert import AlertId, EventId, EventKind
from monitor.domain.alerts.quiet import Notice
from monitor.domain.alerts.reasons import Reason
from monitor.domain.errors import Conflict
from monitor.domain.fleet.servers import ServerId
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import ChannelId
from monitor.domain.notifications.retries import next_attempt

NotificationId = NewType("NotificationId", int)

LEASE = timedelta(minutes=2)
"""How long a process may send what it has claimed; then another may claim it. Far longer than one message takes."""
MOST_AT_ONCE = 1000
"""Notifications of one message. What more there is for its recipient goes into the next one."""
ENDINGS = (EventKind.RESOLVED, EventKind.CANCELLED)


class NotParked(Conflict):
    """The notification is not PARKED, so it cannot be sent again on demand."""

    reason = "not_parked"


class DeliveryState(StrEnum):
    """What became of a notification.

    PENDING: to be sent at `not_before`. HELD: silenced; decided again when the silence ends. PARKED: refused for good
    or given up, and shown to administrators. DROPPED: no longer worth sending.
    """

    PENDING = "pending"
    HELD = "held"
    SENT = "sent"
    PARKED = "parked"
    DROPPED = "dropped"


UNSENT = (DeliveryState.PENDING, DeliveryState.HELD)
"""States of a notification that may still be sent."""
NOTIFIED = (DeliveryState.SENT, *UNSENT)
"""States of a notification that its target has, or may still get."""


@dataclass(frozen=True, slots=True)
class Target:
    """A user's mailbox or a channel: exactly one of the two is set."""

    user_id: UserId | None = None
    channel_id: ChannelId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One event for one target. It copies what the message says, so it outlives its server.

    *alert_id*, *event_id*: None once these were deleted. *address*: where it was sent, or was to be sent at the last
    attempt. *message_id*: of the message that holds it. *ack_digest*: of the single-use acknowledging link; None before
    the link exists and after its use. *reason*: why it was held or dropped. One that was held before it was sent keeps
    it. *notice*: see `TimelineEntry`.
    """

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
    delivery: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    last_error: str = ""
    address: str = ""
    message_id: str = ""
    sent_at: datetime | None = None
    ack_digest: bytes | None = None
    reason: Reason | None = None
    notice: Notice | None = None

    def sent(self, at: datetime) -> "Notification":
        return replace(self, delivery=DeliveryState.SENT, sent_at=at, attempts=self.attempts + 1)

    def failed(self, at: datetime, error: str, *, for_good: bool) -> "Notification":
        """Plan the next attempt (see `retries`); park it if there is none or the refusal is *for_good*."""
        retry_at = None if for_good else next_attempt(self.created_at, self.attempts, at)
        after = replace(self, attempts=self.attempts + 1, last_error=error)
        if retry_at is None:
            return replace(after, delivery=DeliveryState.PARKED)
        # Without its message: by then more notifications may go into one.
        return replace(after, not_before=retry_at, message_id="")

    def held(self) -> "Notification":
        # Without its message, as above.
        return replace(self, delivery=DeliveryState.HELD, message_id="", reason=Reason.SILENCED)

    def dropped(self, reason: Reason = Reason.OK) -> "Notification":
        """*reason*: by default, that the alert is over."""
        return replace(self, delivery=DeliveryState.DROPPED, reason=reason)

    def released(self, at: datetime) -> "Notification":
        return replace(self, delivery=DeliveryState.PENDING, not_before=max(self.not_before, at))

    def tried_again(self, at: datetime) -> "Notification":
        """Start over as if it had never been tried; `last_error` stays. Raises NotParked."""
        if self.delivery is not DeliveryState.PARKED:
            raise NotParked
        return replace(self, delivery=DeliveryState.PENDING, not_before=at, attempts=0, message_id="")


class Decision(StrEnum):
    SEND = "send"
    HOLD = "hold"
    DROP = "drop"


class Decided(NamedTuple):
    decision: Decision
    reason: Reason


SEND = Decided(Decision.SEND, Reason.NOTIFIED)


def decide(
    notification: Notification,
    *,
    is_open: bool,
    is_acknowledged: bool,
    is_silenced: bool,
    was_notified: bool,
    notified_now: bool,
) -> Decided:
    """Decide what to do with a notification that is due.

    *is_open*: the alert still fires. *was_notified*: the target got an earlier message about this alert.
    *notified_now*: this same message says that it fired.

    A silence holds notifications back until it ends. An alert that fired and ended within the silence is never sent.
    The end of an alert is sent only to targets that were notified of its beginning.
    """
    silenced = Reason.SILENCED
    match notification.event_kind:
        case EventKind.RESOLVED | EventKind.CANCELLED:
            if not (was_notified or notified_now):
                return Decided(Decision.DROP, Reason.OK)
            if not is_silenced:
                return SEND
            return Decided(Decision.HOLD if was_notified else Decision.DROP, silenced)
        case EventKind.REMINDED:
            if not is_open:
                return Decided(Decision.DROP, Reason.OK)
            if is_acknowledged:
                return Decided(Decision.DROP, Reason.ACKNOWLEDGED)
            return Decided(Decision.DROP, silenced) if is_silenced else SEND
        case _:
            if is_silenced:
                return Decided(Decision.HOLD if is_open else Decision.DROP, silenced)
            return SEND
