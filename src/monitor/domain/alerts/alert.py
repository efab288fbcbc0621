"""Alert from its firing to its end, and its timeline."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NewType, Self

from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.alerts.offline import seconds_without_report
from monitor.domain.alerts.quiet import Notice
from monitor.domain.alerts.reasons import LeftOut
from monitor.domain.errors import Conflict
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.live import Live
from monitor.domain.intake.samples import Process
from monitor.domain.levels import Level
from monitor.domain.policies.comparing import Change, Event
from monitor.domain.policies.policies import DRILL, OFFLINE, THRESHOLD, Policy, PolicyId, PolicyKind, WatchKey
from monitor.domain.times import moment

AlertId = NewType("AlertId", int)
EventId = NewType("EventId", int)
IncidentId = NewType("IncidentId", int)

_AT_FIRING = datetime.min.replace(tzinfo=UTC)
MAX_NOTE = 500


class AlertClosed(Conflict, reason="alert_closed"):
    """The alert has ended."""


class AlertState(StrEnum):
    FIRING = "firing"
    RESOLVED = "resolved"
    CANCELLED = "cancelled"


class Verdict(StrEnum):
    """What somebody says of an alert afterwards. NOISE: nobody had to be notified."""

    USEFUL = "useful"
    NOISE = "noise"


class EventKind(StrEnum):
    """Kinds of events in a timeline. The first four are the changes of the engine. DUE: its time of being held is over.
    FOUND: late samples showed the alert, or changed its times. FLAPPING, CALMED: only in timelines of before the quiet
    rule. STEP: a later step of an escalation has run. ACK_EXPIRED: an acknowledgement has lasted too long; the
    alert pages again. HANDED_OVER: the person who comes on call is paged."""

    FIRED = "fired"
    ESCALATED = "escalated"
    DEESCALATED = "deescalated"
    RESOLVED = "resolved"
    CANCELLED = "cancelled"
    ACKNOWLEDGED = "acknowledged"
    REMINDED = "reminded"
    DUE = "due"
    FLAPPING = "flapping"
    CALMED = "calmed"
    NOTIFIED = "notified"
    PARKED = "parked"
    FOUND = "found"
    STEP = "step"
    ACK_EXPIRED = "ack_expired"
    HANDED_OVER = "handed_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Alert from its firing to its end.

    *level*: the present one, or the last of a closed alert. *threshold*: the one that its value has reached. *value*:
    that of its last event. *started_at*: the first sample of the run that made it fire.

    *peak_…*: the highest level, the worst value since it fired, and when that value was first reached.

    *late*: late samples showed it after its end, and people were notified once; or they disproved it (cancelled).

    *due_at*: people are notified then if it still fires; None: it is not held (see `quiet`).

    *kind*: of its policy. *expected_at*: when the line of a forecast reaches the threshold, as of the newest sample.
    *verdict*, *verdict_…*: what a person said of it, the user's name, when, and a note. *incident_id*: None until it is
    grouped, some seconds after it fires.

    For an offline alert, *started_at* is the last report, and each value is the seconds since then
    (`seconds_without_report`).
    """

    server_id: ServerId
    metric: str
    level: Level
    value: float
    threshold: float | None
    started_at: datetime
    fired_at: datetime
    policy_id: PolicyId | None = None
    id: AlertId = AlertId(0)  # 0 until stored
    state: AlertState = AlertState.FIRING
    resolved_at: datetime | None = None
    acknowledged_by: UserId | None = None
    acknowledged_at: datetime | None = None
    last_notified_at: datetime | None = None
    late: bool = False
    due_at: datetime | None = None
    processes: tuple[Process, ...] = ()
    peak_level: Level = Level.OK
    peak_value: float = 0.0
    peak_at: datetime = _AT_FIRING
    kind: PolicyKind = THRESHOLD
    expected_at: datetime | None = None
    verdict: Verdict | None = None
    verdict_by: str | None = None
    verdict_at: datetime | None = None
    verdict_note: str | None = None
    incident_id: IncidentId | None = None

    def __post_init__(self) -> None:
        if self.peak_at is _AT_FIRING:
            for name, value in (("level", self.level), ("value", self.value), ("at", self.fired_at)):
                object.__setattr__(self, f"peak_{name}", value)

    @property
    def key(self) -> WatchKey:
        return self.kind.key_of(self.metric)

    @property
    def is_open(self) -> bool:
        return self.state is AlertState.FIRING

    @property
    def is_drill(self) -> bool:
        """True without a policy: a host may report a metric of this name, and a policy watch it."""
        return self.metric == DRILL and self.policy_id is None

    def changed(self, event: Event, threshold: float | None) -> "Alert":
        """Return it after the engine's *event*. An escalation clears an acknowledgement of the lower level."""
        at = moment(event.at)
        if event.change is Change.RESOLVED:
            ended = self.valued(event.value, at)
            return replace(ended, state=AlertState.RESOLVED, resolved_at=at, expected_at=None, due_at=None)
        changed = replace(
            self,
            level=event.level,
            value=event.value,
            threshold=threshold,
            peak_level=max(self.peak_level, event.level),
            expected_at=_moment(event.expected),
        )
        if event.change is Change.ESCALATED:
            return changed.unacknowledged()
        return changed

    def cancelled(self, at: datetime) -> "Alert":
        ended = self.valued(self.value, at)
        return replace(ended, state=AlertState.CANCELLED, resolved_at=at, expected_at=None, due_at=None)

    def taken_away(self, at: datetime) -> "Alert":
        """Return it after late samples have shown that there was none."""
        if not self.is_open:
            return replace(self, state=AlertState.CANCELLED, late=True)
        return replace(self.cancelled(at), late=True)

    def valued(self, value: float, at: datetime) -> "Alert":
        """Return it with its *value* *at* that time. For an offline alert, that is the time without a report."""
        if self.metric != OFFLINE:
            return replace(self, value=value)
        value = seconds_without_report(self.started_at, at)
        return replace(self, value=value, peak_value=value, peak_at=at)

    def present(self, live: Live | None, now: datetime) -> "Alert":
        """Return it with the newest value that is known of its host; a closed alert keeps its last value."""
        if not self.is_open:
            return self
        newest = live.sample.metric(self.metric) if live is not None and live.sample is not None else None
        return self.valued(self.value if newest is None else newest, now)

    def peaked(self, worst: float | None, at: int | None) -> "Alert":
        """Return it with the *worst* value since it fired (None: not known), reached *at* that time in microseconds."""
        return self if worst is None or at is None else replace(self, peak_value=worst, peak_at=moment(at))

    def acknowledged(self, user_id: UserId, at: datetime) -> "Alert":
        """Raises AlertClosed."""
        if not self.is_open:
            raise AlertClosed
        return replace(self, acknowledged_by=user_id, acknowledged_at=at, due_at=None)

    def acknowledged_until(self, lasts: float | None) -> datetime | None:
        """*lasts*: seconds; None: until the end. Return None for that, and if it is not acknowledged."""
        if self.acknowledged_at is None or lasts is None or not self.is_open:
            return None
        return self.acknowledged_at + timedelta(seconds=lasts)

    def unacknowledged(self) -> "Alert":
        return replace(self, acknowledged_by=None, acknowledged_at=None)

    def judged(self, verdict: Verdict | None, note: str | None, username: str, at: datetime) -> "Alert":
        """Return it with a *verdict*, whether it is open or closed; None takes back the one it has."""
        if verdict is None:
            return replace(self, verdict=None, verdict_by=None, verdict_at=None, verdict_note=None)
        return replace(self, verdict=verdict, verdict_by=username, verdict_at=at, verdict_note=note)

    def is_acknowledgement_over(self, before: datetime | None) -> bool:
        """True if it fires, and was acknowledged up to *before*, or by a user who was deleted."""
        if not self.is_open or self.acknowledged_at is None:
            return False
        return self.acknowledged_by is None or (before is not None and self.acknowledged_at <= before)

    def needs_reminder(self, now: datetime, reminder_after: timedelta, *, has_first_recipients: bool = False) -> bool:
        """True if it fires, unacknowledged and not held, and the last notification was *reminder_after* ago.

        *has_first_recipients*: nobody was notified, and there are recipients now; then a reminder is due at once.
        """
        if not self.is_open or self.acknowledged_at is not None or self.due_at is not None:
            return False
        if self.last_notified_at is None:
            return has_first_recipients
        return now - self.last_notified_at >= reminder_after


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """Event in the timeline of an alert.

    *recipient* and *channel* belong to "notified" and "parked"; a "parked" entry has the reason as its *note*, a
    "notified" one the receipt of the service, if it gave one.
    *left_out*: who sees the server, and was not notified of this event; None where nobody is, or it was not recorded.
    *notice*: why people are notified although others are held; None if there is nothing to say.
    """

    alert_id: AlertId
    at: datetime
    event_kind: EventKind
    level: Level | None = None
    value: float | None = None
    username: str | None = None
    recipient: str | None = None
    channel: str | None = None
    note: str | None = None
    left_out: tuple[LeftOut, ...] | None = None
    notice: Notice | None = None
    id: EventId = EventId(0)  # 0 until stored

    def seen_by(self, actor: Actor) -> Self:
        """Return it without the way of another person, which only administrators learn of."""
        is_anothers = self.username is not None and self.username != actor.username
        return replace(self, channel=None, recipient=None) if is_anothers and not actor.is_admin else self


def fired(
    server_id: ServerId, policy: Policy, event: Event, *, started_at: datetime, processes: tuple[Process, ...] = ()
) -> Alert:
    """Return the alert that begins with *event*."""
    return Alert(
        server_id=server_id,
        policy_id=policy.id,
        metric=policy.metric,
        level=event.level,
        value=event.value,
        threshold=policy.threshold(event.level) if event.threshold is None else event.threshold,
        started_at=started_at,
        fired_at=moment(event.at),
        processes=processes,
        kind=policy.kind,
        expected_at=_moment(event.expected),
    )


def _moment(at: int | None) -> datetime | None:
    return None if at is None else moment(at)


def timeline_entry(alert_id: AlertId, event: Event) -> TimelineEntry:
    """Return the entry for *event*."""
    event_kind = EventKind(event.change.value)
    return TimelineEntry(
        alert_id=alert_id, at=moment(event.at), event_kind=event_kind, level=event.level, value=event.value
    )
