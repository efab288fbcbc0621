"""The outbox: one notification for each event and target, and what becomes of it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, NewType

from monitor.domain.accounts.actors import UserId
from monitor.domain.alerts.alert import AlertId, EventId, EventKind, IncidentId
from monitor.domain.alerts.quiet import Notice
from monitor.domain.alerts.reasons import PARENTS, LeftOut, Reason
from monitor.domain.errors import Conflict
from monitor.domain.fleet.servers import ServerId
from monitor.domain.fleet.teams import EscalationId
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import ChannelId
from monitor.domain.oncall.ways import WayId
from monitor.domain.times import doubled

NotificationId = NewType("NotificationId", int)

LEASE = timedelta(minutes=2)
"""How long a process may send what it has claimed; then another may claim it. Far longer than one message takes."""
MOST_AT_ONCE = 1000
"""Notifications of one message. What more there is for its recipient goes into the next one."""
GIVE_UP_AFTER = timedelta(hours=24)
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=30)
ENDINGS = (EventKind.RESOLVED, EventKind.CANCELLED)


class NotParked(Conflict, reason="not_parked"):
    """The notification is not PARKED, so it cannot be sent again on demand."""


class DeliveryState(StrEnum):
    """PENDING: to be sent at `not_before`. HELD: silenced; decided again when the silence ends. PARKED: refused for
    good or given up, and shown to administrators. DROPPED: no longer worth sending."""

    PENDING = "pending"
    HELD = "held"
    SENT = "sent"
    PARKED = "parked"
    DROPPED = "dropped"


UNSENT = (DeliveryState.PENDING, DeliveryState.HELD)
"""States of a notification that may still be sent."""
NOTIFIED = (DeliveryState.SENT, *UNSENT)
"""States of a notification that its target has, or may still get."""
KNOWN = (DeliveryState.SENT, DeliveryState.PENDING)
"""States of a notification by which its target knows of the alert, or will in a moment."""


@dataclass(frozen=True, slots=True)
class Target:
    """A person or a channel: exactly one of the two is set. *way_id*: the person's way; None: the mailbox."""

    user_id: UserId | None = None
    channel_id: ChannelId | None = None
    way_id: WayId | None = None

    @staticmethod
    def of(left_out: LeftOut) -> "Target":
        user_id, channel_id = left_out.user_id, left_out.channel_id
        return Target(UserId(user_id)) if user_id is not None else Target(channel_id=ChannelId(channel_id or 0))

    @property
    def receiver(self) -> "Target":
        """The person, whatever the way, or the channel."""
        return self if self.way_id is None else replace(self, way_id=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One event for one target. It copies what the message says, so it outlives its server. *alert_id*, *event_id*:
    None once deleted. *address*: of the last attempt. *message_id*: of the message that holds it. *reason*: why
    it was held or dropped, or waits: QUIET_HOURS, or PENDING for a way, or a message of its incident, that goes out
    later; kept once it is sent. *notice*: see `TimelineEntry`. *called_by*: the escalation that notifies the target,
    also after its team or policy names another. DROPPED as AMENDED, it has *message_id* and *sent_at*
    of the message that stands for it."""

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
    reason: Reason | None = None
    notice: Notice | None = None
    incident_id: IncidentId | None = None
    called_by: EscalationId | None = None

    def sent(self, at: datetime) -> "Notification":
        return replace(self, delivery=DeliveryState.SENT, sent_at=at, attempts=self.attempts + 1)

    def failed(self, at: datetime, error: str, *, for_good: bool) -> "Notification":
        """Plan the next attempt (see `next_attempt`); park it if there is none or the refusal is *for_good*."""
        retry_at = None if for_good else next_attempt(self.created_at, self.attempts, at)
        after = replace(self, attempts=self.attempts + 1, last_error=error)
        if retry_at is None:
            return replace(after, delivery=DeliveryState.PARKED)
        # Without its message: by then more notifications may go into one.
        return replace(after, not_before=retry_at, message_id="")

    def held(self, reason: Reason = Reason.SILENCED) -> "Notification":
        # Without its message, as above.
        return replace(self, delivery=DeliveryState.HELD, message_id="", reason=reason)

    def dropped(self, reason: Reason = Reason.OK) -> "Notification":
        """*reason*: by default, that the alert is over."""
        return replace(self, delivery=DeliveryState.DROPPED, reason=reason)

    def settled(self, decided: "Decided") -> "Notification":
        """Return it after a decision not to send it now."""
        match decided.decision:
            case Decision.HOLD:
                return self.held(decided.reason)
            case Decision.WAIT if decided.at is not None:
                return replace(self, not_before=decided.at, message_id="", reason=decided.reason)
            case _:
                message_id = decided.message_id or self.message_id
                return replace(self.dropped(decided.reason), message_id=message_id, sent_at=decided.at)

    def released(self, at: datetime) -> "Notification":
        """Return it as one that may be sent *at* that time. If it was tried before, it need not wait for its retry."""
        not_before = at if self.attempts else max(self.not_before, at)
        return replace(self, delivery=DeliveryState.PENDING, not_before=not_before)

    def tried_again(self, at: datetime) -> "Notification":
        """Start over as if it had never been tried; `last_error` stays. Raises NotParked."""
        if self.delivery is not DeliveryState.PARKED:
            raise NotParked
        return replace(self, delivery=DeliveryState.PENDING, not_before=at, attempts=0, message_id="")


def next_attempt(created_at: datetime, attempts: int, failed_at: datetime) -> datetime | None:
    """Return when to send again after the failure at *failed_at*; None: give up. *attempts*: failures before this one.
    The pause doubles from FIRST_PAUSE to LONGEST_PAUSE. It gives up when both the notification and the series of
    attempts are GIVE_UP_AFTER old: a silence or a stopped server before the first attempt does not count."""
    tried_for = sum((doubled(FIRST_PAUSE, n, LONGEST_PAUSE) for n in range(attempts)), timedelta(0))
    if min(failed_at - created_at, tried_for) >= GIVE_UP_AFTER:
        return None
    return failed_at + doubled(FIRST_PAUSE, attempts, LONGEST_PAUSE)


class Sending(NamedTuple):
    """Notification as far as it is counted. *at*: when it was sent, or else created."""

    alert_id: AlertId | None
    server_id: ServerId
    target: Target
    event_kind: EventKind
    delivery: DeliveryState
    reason: Reason | None
    created_at: datetime
    at: datetime
    level: Level


class Held(NamedTuple):
    """HELD notification. *alert_id*: None once the alert was deleted. *lasts*: an alert of its incident fires."""

    id: NotificationId
    alert_id: AlertId | None
    target: Target
    server_id: ServerId
    metric: str
    created_at: datetime
    event_kind: EventKind
    reason: Reason | None
    lasts: bool


class Decision(StrEnum):
    SEND = "send"
    HOLD = "hold"
    WAIT = "wait"
    DROP = "drop"


class Decided(NamedTuple):
    """*at*: until when it waits. Of what is AMENDED: when the message was sent that stands for it, and its id."""

    decision: Decision
    reason: Reason
    at: datetime | None = None
    message_id: str = ""


_LATER = (Reason.PENDING, *PARENTS)
SEND = Decided(Decision.SEND, Reason.NOTIFIED)


def decide(
    notification: Notification,
    *,
    is_open: bool,
    is_acknowledged: bool,
    held_by: Reason | None,
    was_notified: bool,
    notified_now: bool,
) -> Decided:
    """Decide what to do with a notification that is due. *is_open*: the alert still fires. *was_notified*: the target
    got an earlier message about it. *notified_now*: this same message says that it fired. *held_by*: why it is held
    back until that ends, by a silence or a parent. An alert that fired and ended meanwhile is never sent. The end of an
    alert is sent only to targets that were notified of its beginning, and held by silences alone. What had to wait, for
    the end of quiet hours, as a later way or for a parent, is not sent after the alert's end; the latter two not after
    an acknowledgement either, and what waited for the end of quiet hours not that it fired, if a higher level was
    notified of meanwhile."""
    over = Reason.QUIET_HOURS if notification.reason is Reason.QUIET_HOURS else Reason.OK
    match notification.event_kind:
        case EventKind.RESOLVED | EventKind.CANCELLED:
            if not (was_notified or notified_now):
                return Decided(Decision.DROP, Reason.OK)
            if held_by is not Reason.SILENCED:
                return SEND
            return Decided(Decision.HOLD if was_notified else Decision.DROP, held_by)
        case EventKind.REMINDED:
            if not is_open:
                return Decided(Decision.DROP, over)
            if is_acknowledged:
                return Decided(Decision.DROP, Reason.ACKNOWLEDGED)
            return SEND if held_by is None else Decided(Decision.DROP, held_by)
        case _:
            is_step, is_later_way = notification.event_kind is EventKind.STEP, notification.reason in _LATER
            was_quiet = over is Reason.QUIET_HOURS
            is_known = was_quiet and was_notified and notification.event_kind is EventKind.FIRED
            if is_known or (not is_open and (is_step or is_later_way or was_quiet)):
                return Decided(Decision.DROP, over)
            if is_acknowledged and (is_step or is_later_way):
                return Decided(Decision.DROP, Reason.ACKNOWLEDGED)
            if held_by is not None:
                return Decided(Decision.HOLD if is_open else Decision.DROP, held_by)
            return SEND
