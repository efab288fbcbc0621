"""Why somebody was or was not notified at a moment. What the outbox and the timeline hold decides, not the present."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from monitor.domain.alerts.alert import EventKind, TimelineEntry
from monitor.domain.alerts.reasons import PARENTS, Reason
from monitor.domain.hindsight.past_state import Phase
from monitor.domain.notifications.outbox import ENDINGS, DeliveryState, Notification, Target
from monitor.domain.oncall.escalations import LAST_RESORT, Escalation, noted
from monitor.domain.oncall.ways import WayId

_OPENINGS = (EventKind.FIRED, EventKind.ESCALATED, EventKind.DUE, EventKind.ACK_EXPIRED)
"""With these an escalation begins."""
_LATER_STEPS = (EventKind.STEP, EventKind.HANDED_OVER)
"""They say nothing of the people of other escalations."""
_WITHHELD = (Reason.SILENCED, *PARENTS)
_FATES = [DeliveryState(each) for each in ("pending", "held", "parked", "dropped", "sent")]
"""Of several ways, the one that may still succeed says what becomes of a page."""


class Answer(NamedTuple):
    """*at*: when they were first notified; if AMENDED, when they got the message that stands for it. *error*: why a
    message could not be sent, so far or for good."""

    reason: Reason
    at: datetime | None = None
    error: str = ""

    @property
    def was_notified(self) -> bool:
        return self.reason is Reason.NOTIFIED


class UsedWay(NamedTuple):
    """A person's way, and what became of the last message about the alert. *way_id*: None: the mailbox. *sent_at*: when
    it first was."""

    way_id: WayId | None
    state: DeliveryState
    sent_at: datetime | None
    error: str


class StepState(NamedTuple):
    """A step of an escalation at a moment. *number*: from 1; None: the last resort. *due_at*: if nobody acknowledges;
    None: it has run, or will not. *ran_at*: when it last did."""

    number: int | None
    due_at: datetime | None = None
    ran_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was the case at a moment. *timeline*, *outbox*: of the alert that fired then, with what came after the
    moment; oldest first. *is_now*: the moment is the present, so that the links of today are those of the moment."""

    at: datetime
    phase: Phase
    timeline: Sequence[TimelineEntry] = ()
    outbox: Sequence[Notification] = ()
    is_acknowledged: bool = False
    is_silenced: bool = False
    is_now: bool = False
    _reasons: Mapping[Target, Reason] | None = field(init=False, repr=False, compare=False)
    _own: Mapping[Target, Sequence[Notification]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Sort all by target, once: a thousand people may each have a hundred notifications."""
        object.__setattr__(self, "_reasons", self._reasons_recorded())
        object.__setattr__(self, "_own", self._notifications_by_target())

    @property
    def is_recorded(self) -> bool:
        """True if the skipped people are recorded. They are not for imported alerts, and alerts of older versions."""
        return self._reasons is not None

    @property
    def is_held(self) -> bool:
        """Tell whether the quiet rule held the alert at the moment."""
        return Reason.HELD in (self._reasons or {}).values()

    def reason_recorded(self, target: Target) -> Reason | None:
        """Return why the last events up to the moment were not for *target*; None: one was, or nothing is recorded."""
        return (self._reasons or {}).get(target)

    def notifications(self, target: Target) -> Sequence[Notification]:
        """Return those of a person, by all ways, or of a channel, about events up to the moment, but for the end."""
        return self._own.get(target, ())

    def _reasons_recorded(self) -> Mapping[Target, Reason] | None:
        recorded = [e for e in self.timeline if e.at <= self.at and e.left_out is not None]
        if not recorded:
            return None
        whole = (place for place, e in enumerate(recorded) if e.event_kind not in _LATER_STEPS)
        since = max(whole, default=0)
        return {Target.of(each): each.reason for entry in recorded[since:] for each in entry.left_out or ()}

    def _notifications_by_target(self) -> Mapping[Target, Sequence[Notification]]:
        times = {entry.id: entry.at for entry in self.timeline}
        found: dict[Target, list[Notification]] = {}
        for n in self.outbox:
            at = n.created_at if n.event_id is None else times.get(n.event_id, n.created_at)
            if at <= self.at and n.event_kind not in ENDINGS:
                found.setdefault(n.target.receiver, []).append(n)
        return found


def answered(facts: Facts, target: Target, standing: Reason | None, notified_at: datetime | None = None) -> Answer:
    """Return why *target* was notified or not. *standing*: why an alert of that level is not for them today, None if it
    is. It counts where nothing is recorded, and now for those who came after the last event. *notified_at*: when they
    were first notified by the timeline, which is kept longer than the outbox."""
    if facts.phase is not Phase.FIRING:
        return Answer(Reason.PENDING if facts.phase is Phase.PENDING else Reason.OK)
    own = facts.notifications(target)
    sent = [n.sent_at for n in own if n.delivery is DeliveryState.SENT and n.sent_at is not None]
    if sent:
        return Answer(Reason.NOTIFIED, min(sent))
    if own:
        return _of(min({n.target: n for n in own}.values(), key=lambda last: _FATES.index(last.delivery)))
    is_of_a_later_event = (
        notified_at is not None and notified_at > facts.at and facts.reason_recorded(target) is not None
    )
    if notified_at is not None and not is_of_a_later_event:
        return Answer(Reason.NOTIFIED, notified_at)
    return Answer(_without_notification(facts, target, standing))


def used_ways(facts: Facts, target: Target) -> list[UsedWay]:
    """Return the ways that messages to *target* took, or will take, up to the moment."""
    last = {n.target: n for n in facts.notifications(target)}
    sent = [n for n in reversed(facts.notifications(target)) if n.delivery is DeliveryState.SENT]
    first = {n.target: n.sent_at for n in sent}
    return [
        UsedWay(each.way_id, DeliveryState.SENT if each in first else n.delivery, first.get(each), n.last_error)
        for each, n in last.items()
    ]


def steps_at(facts: Facts, escalation: Escalation) -> list[StepState]:
    """Return the steps of *escalation* as they were at the moment, and the last resort if it has run."""
    past = [entry for entry in facts.timeline if entry.at <= facts.at]
    opened = max((place for place, entry in enumerate(past) if entry.event_kind in _OPENINGS), default=None)
    if opened is None or facts.is_held:
        return [StepState(place + 1) for place in range(len(escalation.steps))]
    ran = _runs(past[opened + 1 :], escalation.name)
    gaps = [step.after for step in escalation.steps]
    opening = past[opened]
    is_withheld = any(each.reason in _WITHHELD for each in opening.left_out or ())
    if gaps and not gaps[0] and not is_withheld:  # the event itself is the first step
        ran.setdefault(1, opening.at)
    last, at = max(((n, at) for n, at in ran.items() if n is not None), key=lambda each: each[::-1], default=(0, None))
    since = opening.at if at is None else at - gaps[last - 1]
    states = [
        StepState(n, since + gap if n > last and not facts.is_acknowledged else None, ran.get(n))
        for n, gap in enumerate(gaps, 1)
    ]
    return [*states, *(StepState(None, None, at) for n, at in ran.items() if n is None)]


def _runs(entries: Sequence[TimelineEntry], name: str) -> dict[int | None, datetime]:
    """Return when each step of the escalation with this *name* last ran."""
    notes = ((entry.at, noted(entry.note or "")) for entry in entries if entry.event_kind is EventKind.STEP)
    return {None if n[0] == LAST_RESORT else n[0] + 1: at for at, n in notes if n is not None and n[1] == name}


def _of(last: Notification) -> Answer:
    """Return the fate of the *last* notification of a target; none of the target's was sent."""
    match last.delivery:
        case DeliveryState.HELD:
            return Answer(last.reason or Reason.SILENCED)
        case DeliveryState.PARKED:
            return Answer(Reason.NO_ADDRESS, error=last.last_error)
        case DeliveryState.DROPPED:
            return Answer(last.reason or Reason.OK, last.sent_at)
        case _:
            waits = last.reason is Reason.QUIET_HOURS
            return Answer(Reason.QUIET_HOURS if waits else Reason.PENDING, error=last.last_error)


def _without_notification(facts: Facts, target: Target, standing: Reason | None) -> Reason:
    """Return why there was none: the event was not for them, it was held, or they came later."""
    recorded = facts.reason_recorded(target)
    if recorded is not None:
        return recorded
    if standing is Reason.NOT_LINKED:
        return standing
    if facts.is_recorded and not facts.is_now:  # all who were there are recorded
        return Reason.NOT_LINKED
    if facts.is_acknowledged:
        return Reason.ACKNOWLEDGED
    if facts.is_recorded:  # the next reminder is for them
        return standing or Reason.PENDING
    return standing or (Reason.SILENCED if facts.is_silenced else Reason.NOT_LINKED)
