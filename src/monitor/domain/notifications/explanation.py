"""Why somebody was or was not notified at a moment. What the outbox and the timeline hold decides, not the present."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from monitor.domain.alerts.alert import TimelineEntry
from monitor.domain.alerts.moments import Phase
from monitor.domain.alerts.reasons import LeftOut, Reason
from monitor.domain.notifications.outbox import ENDINGS, DeliveryState, Notification, Target


class Answer(NamedTuple):
    """*at*: when they were first notified. *error*: why a message could not be sent, so far or for good."""

    reason: Reason
    at: datetime | None = None
    error: str = ""

    @property
    def was_notified(self) -> bool:
        return self.reason is Reason.NOTIFIED


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was the case at a moment.

    *timeline*, *outbox*: of the alert that fired then, with what came after the moment; oldest first.
    """

    at: datetime
    phase: Phase
    timeline: Sequence[TimelineEntry] = ()
    outbox: Sequence[Notification] = ()
    is_flapping: bool = False
    is_acknowledged: bool = False
    is_silenced: bool = False

    @property
    def is_recorded(self) -> bool:
        """Tell whether it is known whom the alert was not for: not of imported alerts, or those of older versions."""
        return self._left_out() is not None

    def reason_recorded(self, target: Target) -> Reason | None:
        """Return why the last event up to the moment was not for *target*; None: it was, or nothing is recorded."""
        found = {(each.user_id, each.channel_id): each.reason for each in self._left_out() or ()}
        return found.get((target.user_id, target.channel_id))

    def notifications(self, target: Target) -> list[Notification]:
        """Return those about events up to the moment, except that the alert ended."""
        times = {entry.id: entry.at for entry in self.timeline}
        own = (n for n in self.outbox if n.target == target and n.event_kind not in ENDINGS)
        return [n for n in own if (times.get(n.event_id, n.created_at) if n.event_id else n.created_at) <= self.at]

    def _left_out(self) -> tuple[LeftOut, ...] | None:
        recorded = [e.left_out for e in self.timeline if e.at <= self.at and e.left_out is not None]
        return recorded[-1] if recorded else None


def answered(facts: Facts, target: Target, standing: Reason | None, notified_at: datetime | None = None) -> Answer:
    """Return why *target* was notified or not.

    *standing*: why an alert of that level is not for them today, None if it is. It counts where nothing is recorded.
    *notified_at*: when they were first notified by the timeline, which is kept longer than the outbox.
    """
    if facts.phase is not Phase.FIRING:
        return Answer(Reason.PENDING if facts.phase is Phase.PENDING else Reason.OK)
    own = facts.notifications(target)
    sent = [n.sent_at for n in own if n.delivery is DeliveryState.SENT and n.sent_at is not None]
    if sent:
        return Answer(Reason.NOTIFIED, min(sent))
    if own:
        return _of(own[-1])
    if notified_at is not None:
        return Answer(Reason.NOTIFIED, notified_at)
    return Answer(_without_notification(facts, target, standing))


def _of(last: Notification) -> Answer:
    """Return what became of the *last* notification, none of which was sent."""
    match last.delivery:
        case DeliveryState.HELD:
            return Answer(Reason.SILENCED)
        case DeliveryState.PARKED:
            return Answer(Reason.NO_ADDRESS, error=last.last_error)
        case DeliveryState.DROPPED:
            return Answer(last.reason or Reason.OK)
        case _:
            return Answer(Reason.PENDING, error=last.last_error)


def _without_notification(facts: Facts, target: Target, standing: Reason | None) -> Reason:
    """Return why there was none: the event was not for them, it flapped, or they came later."""
    recorded = facts.reason_recorded(target)
    if recorded is not None:
        return recorded
    if standing is Reason.NOT_LINKED:
        return standing
    if facts.is_flapping:
        return Reason.FLAPPING
    if facts.is_acknowledged:
        return Reason.ACKNOWLEDGED
    if not facts.is_recorded:
        return standing or (Reason.SILENCED if facts.is_silenced else Reason.NOT_LINKED)
    return Reason.NOT_LINKED
