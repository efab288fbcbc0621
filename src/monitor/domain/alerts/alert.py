"""An alert from its firing to its end, and what happened to it on the way."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NewType

from monitor.domain.accounts.actors import UserId
from monitor.domain.alerts.engine import Change, Event
from monitor.domain.alerts.offline import silent_seconds
from monitor.domain.alerts.policies import OFFLINE, Policy, PolicyId
from monitor.domain.errors import Conflict
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.samples import Process
from monitor.domain.levels import Level
from monitor.domain.times import moment

AlertId = NewType("AlertId", int)
EventId = NewType("EventId", int)

FLAPPING_CHANGES = 6
FLAPPING_WINDOW = timedelta(hours=6)
CALM_AFTER = timedelta(hours=3)
FLAPPING_LOOKED_BACK = 4 * FLAPPING_WINDOW
"""So far back changes are counted to see flapping begin. That it goes on is known by the marks on its alerts."""
FLAPPING_REMINDED_AFTER = timedelta(days=1)
_AS_IT_FIRED = datetime.min.replace(tzinfo=UTC)
MAX_NOTE = 500


class AlertClosed(Conflict):
    reason = "alert_closed"


class AlertState(StrEnum):
    FIRING = "firing"
    RESOLVED = "resolved"
    CANCELLED = "cancelled"


class EventKind(StrEnum):
    """What a timeline tells. The first four are the engine's changes."""

    FIRED = "fired"
    ESCALATED = "escalated"
    DEESCALATED = "deescalated"
    RESOLVED = "resolved"
    CANCELLED = "cancelled"
    ACKNOWLEDGED = "acknowledged"
    REMINDED = "reminded"
    FLAPPING = "flapping"
    CALMED = "calmed"
    NOTIFIED = "notified"
    PARKED = "parked"


LEVEL_CHANGES = (EventKind.ESCALATED, EventKind.DEESCALATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """*level* is the present one, of a closed alert the last; *threshold* the one it is at or beyond. *value* is of its
    last event. Of an offline alert *started_at* is the last report, and a value is the seconds since then
    (`silent_seconds`) at the moment that it is told for: an event, the end, or now.

    *peak_…*: the highest level, the worst value since it fired, and when that was first reached.

    *started_at* is the first sample of the run that made it fire. *late*: it fired and ended within a backlog, so
    nobody was told. *flapping*: it changes too often to tell each change.
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
    flapping: bool = False
    processes: tuple[Process, ...] = ()
    peak_level: Level = Level.OK
    peak_value: float = 0.0
    peak_at: datetime = _AS_IT_FIRED

    def __post_init__(self) -> None:
        if self.peak_at is _AS_IT_FIRED:
            for name, value in (("level", self.level), ("value", self.value), ("at", self.fired_at)):
                object.__setattr__(self, f"peak_{name}", value)

    @property
    def is_open(self) -> bool:
        return self.state is AlertState.FIRING

    def changed(self, event: Event, threshold: float | None) -> "Alert":
        """After the engine's *event*. An escalation clears an acknowledgement: it was given for less."""
        at = moment(event.at)
        if event.change is Change.RESOLVED:
            return self.valued(event.value, at)._closed(AlertState.RESOLVED, at)
        changed = replace(
            self,
            level=event.level,
            value=event.value,
            threshold=threshold,
            peak_level=max(self.peak_level, event.level),
        )
        if event.change is Change.ESCALATED:
            return replace(changed, acknowledged_by=None, acknowledged_at=None)
        return changed

    def cancelled(self, at: datetime) -> "Alert":
        return self.valued(self.value, at)._closed(AlertState.CANCELLED, at)

    def _closed(self, state: AlertState, at: datetime) -> "Alert":
        return replace(self, state=state, resolved_at=at)

    def valued(self, value: float, at: datetime) -> "Alert":
        """With the *value* it has *at* that time: a silence lasts since the last report, and is worst at its end."""
        if self.metric != OFFLINE:
            return replace(self, value=value)
        silent = silent_seconds(self.started_at, at)
        return replace(self, value=silent, peak_value=silent, peak_at=at)

    def peaked(self, worst: float | None, at: int | None) -> "Alert":
        """With the *worst* value since it fired (None: not known), *at* that time in microseconds."""
        return self if worst is None or at is None else replace(self, peak_value=worst, peak_at=moment(at))

    def acknowledged(self, user_id: UserId, at: datetime) -> "Alert":
        """Raises AlertClosed."""
        if not self.is_open:
            raise AlertClosed
        return replace(self, acknowledged_by=user_id, acknowledged_at=at)

    def needs_reminder(self, now: datetime, reminder_after: timedelta, *, is_untold: bool = False) -> bool:
        """While it fires and nobody has acknowledged it: so long after it was told, or as soon as there is somebody to
        tell.

        While it flaps there is none: three calm hours later it is told that it still fires, and reminders go on from
        there. One that never calms, firing all the time, is reminded of once a day: it must not be silent for ever.
        """
        if not self.is_open or self.acknowledged_at is not None:
            return False
        if self.flapping:
            return now - (self.last_notified_at or self.fired_at) >= max(reminder_after, FLAPPING_REMINDED_AFTER)
        if self.last_notified_at is None:
            return is_untold
        return now - self.last_notified_at >= reminder_after


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """*recipient* and *channel*: who was told through what, of a "notified"; who could not be, of a "parked", which has
    the reason as its *note*."""

    alert_id: AlertId
    at: datetime
    event_kind: EventKind
    level: Level | None = None
    value: float | None = None
    username: str | None = None
    recipient: str | None = None
    channel: str | None = None
    note: str | None = None
    id: EventId = EventId(0)  # 0 until stored


def fired(
    server_id: ServerId,
    policy: Policy,
    event: Event,
    *,
    started_at: datetime,
    processes: tuple[Process, ...] = (),
) -> Alert:
    """Return the alert that begins with *event*."""
    return Alert(
        server_id=server_id,
        policy_id=policy.id,
        metric=policy.metric,
        level=event.level,
        value=event.value,
        threshold=threshold(policy, event.level),
        started_at=started_at,
        fired_at=moment(event.at),
        processes=processes,
    )


def timeline_entry(alert_id: AlertId, event: Event, event_kind: EventKind | None = None) -> TimelineEntry:
    """Return the entry for *event*, under its own name unless another *event_kind* is given."""
    event_kind = event_kind or EventKind(event.change.value)
    return TimelineEntry(
        alert_id=alert_id, at=moment(event.at), event_kind=event_kind, level=event.level, value=event.value
    )


def threshold(policy: Policy, level: Level) -> float | None:
    """The one that an alert of *level* is at or beyond."""
    return policy.critical if level is Level.CRITICAL else policy.warning


def is_flapping(changes: Sequence[datetime]) -> bool:
    """After the last of *changes* (oldest first) of one server and metric.

    It begins with more than six of them in six hours, and ends with three hours without one. What comes after that is
    counted anew: it is told like any other.
    """
    flapping, counted_from = False, 0
    for index, at in enumerate(changes):
        if flapping:
            if not is_calm(changes[index - 1], at):
                continue
            flapping, counted_from = False, index
        sixth_before = index - FLAPPING_CHANGES
        flapping = sixth_before >= counted_from and at - changes[sixth_before] <= FLAPPING_WINDOW
    return flapping


def is_calm(last_change: datetime, now: datetime) -> bool:
    return now - last_change >= CALM_AFTER
