"""Alert from its firing to its end, its timeline, and when it flaps."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NewType

from monitor.domain.accounts.actors import UserId
from monitor.domain.alerts.engine import Change, Event
from monitor.domain.alerts.offline import seconds_without_report
from monitor.domain.alerts.policies import OFFLINE, Policy, PolicyId, PolicyKind, WatchKey, key_of
from monitor.domain.alerts.reasons import LeftOut
from monitor.domain.errors import Conflict
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.live import Live
from monitor.domain.intake.samples import Process
from monitor.domain.levels import Level
from monitor.domain.times import MICROSECOND, microseconds, moment

AlertId = NewType("AlertId", int)
EventId = NewType("EventId", int)

FLAPPING_CHANGES = 6
FLAPPING_WINDOW = timedelta(hours=6)
CALM_AFTER = timedelta(hours=3)
FLAPPING_LOOKED_BACK = 4 * FLAPPING_WINDOW
"""How far back changes are counted to see whether flapping begins. Alerts that flap already are marked."""
FLAPPING_REMINDED_AFTER = timedelta(days=1)
_AT_FIRING = datetime.min.replace(tzinfo=UTC)
MAX_NOTE = 500


class AlertClosed(Conflict):
    reason = "alert_closed"


class AlertState(StrEnum):
    FIRING = "firing"
    RESOLVED = "resolved"
    CANCELLED = "cancelled"


class Verdict(StrEnum):
    """What somebody says of an alert afterwards. NOISE: nobody had to be notified."""

    USEFUL = "useful"
    NOISE = "noise"


class EventKind(StrEnum):
    """Kinds of events in a timeline. The first four are the changes of the engine.

    FOUND: late samples showed the alert, or changed its times.
    """

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
    FOUND = "found"


LEVEL_CHANGES = (EventKind.ESCALATED, EventKind.DEESCALATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Alert from its firing to its end.

    *level*: the present one, or the last of a closed alert. *threshold*: the one that its value has reached. *value*:
    that of its last event. *started_at*: the first sample of the run that made it fire.

    *peak_…*: the highest level, the worst value since it fired, and when that value was first reached.

    *late*: it was over when late samples showed it, so its recipients were notified once; or, if it is cancelled, they
    showed that it was none. *flapping*: it changes too often to notify of
    each change.

    *kind*: of its policy. *expected_at*: when the line of a forecast reaches the threshold, as its newest sample says.
    *verdict*, *verdict_…*: what a person said of it, the user's name, when, and a note.

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
    flapping: bool = False
    processes: tuple[Process, ...] = ()
    peak_level: Level = Level.OK
    peak_value: float = 0.0
    peak_at: datetime = _AT_FIRING
    kind: PolicyKind = PolicyKind.THRESHOLD
    expected_at: datetime | None = None
    verdict: Verdict | None = None
    verdict_by: str | None = None
    verdict_at: datetime | None = None
    verdict_note: str | None = None

    def __post_init__(self) -> None:
        if self.peak_at is _AT_FIRING:
            for name, value in (("level", self.level), ("value", self.value), ("at", self.fired_at)):
                object.__setattr__(self, f"peak_{name}", value)

    @property
    def key(self) -> WatchKey:
        return key_of(self.metric, self.kind)

    @property
    def is_open(self) -> bool:
        return self.state is AlertState.FIRING

    def changed(self, event: Event, threshold: float | None) -> "Alert":
        """Return it after the engine's *event*. An escalation clears an acknowledgement of the lower level."""
        at = moment(event.at)
        if event.change is Change.RESOLVED:
            ended = self.valued(event.value, at)
            return replace(ended, state=AlertState.RESOLVED, resolved_at=at, expected_at=None)
        changed = replace(
            self,
            level=event.level,
            value=event.value,
            threshold=threshold,
            peak_level=max(self.peak_level, event.level),
            expected_at=_moment(event.expected),
        )
        if event.change is Change.ESCALATED:
            return replace(changed, acknowledged_by=None, acknowledged_at=None)
        return changed

    def cancelled(self, at: datetime) -> "Alert":
        return replace(self.valued(self.value, at), state=AlertState.CANCELLED, resolved_at=at, expected_at=None)

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
        return replace(self, acknowledged_by=user_id, acknowledged_at=at)

    def judged(self, verdict: Verdict | None, note: str | None, username: str, at: datetime) -> "Alert":
        """Return it with a *verdict*, whether it is open or closed; None takes back the one it has."""
        if verdict is None:
            return replace(self, verdict=None, verdict_by=None, verdict_at=None, verdict_note=None)
        return replace(self, verdict=verdict, verdict_by=username, verdict_at=at, verdict_note=note)

    def needs_reminder(self, now: datetime, reminder_after: timedelta, *, has_first_recipients: bool = False) -> bool:
        """Tell whether a reminder is due: *reminder_after* the last notification, while it fires unacknowledged.

        *has_first_recipients*: nobody was notified of it, and there are recipients now; then a reminder is due at once.

        A flapping alert has a reminder once a day at most, so that it is not forgotten if it never calms. Once it is
        calm, its recipients are notified that it still fires, and reminders continue from then.
        """
        if not self.is_open or self.acknowledged_at is not None:
            return False
        if self.last_notified_at is None and not self.flapping:
            return has_first_recipients
        pause = reminder_pause(reminder_after, flapping=self.flapping)
        return now - (self.last_notified_at or self.fired_at) >= pause


def reminder_pause(reminder_after: timedelta, *, flapping: bool) -> timedelta:
    """Return the time from one notification of an alert to the reminder of it, if nothing happens in between."""
    return max(reminder_after, FLAPPING_REMINDED_AFTER) if flapping else reminder_after


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """Event in the timeline of an alert.

    *recipient* and *channel* belong to "notified" and "parked"; a "parked" entry has the reason as its *note*.
    *left_out*: who sees the server, and was not notified of this event; None where nobody is, or it was not recorded.
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
        threshold=threshold(policy, event.level) if event.threshold is None else event.threshold,
        started_at=started_at,
        fired_at=moment(event.at),
        processes=processes,
        kind=policy.kind,
        expected_at=_moment(event.expected),
    )


def _moment(at: int | None) -> datetime | None:
    return None if at is None else moment(at)


def timeline_entry(alert_id: AlertId, event: Event, event_kind: EventKind | None = None) -> TimelineEntry:
    """Return the entry for *event*, of its own kind unless *event_kind* is given."""
    event_kind = event_kind or EventKind(event.change.value)
    return TimelineEntry(
        alert_id=alert_id, at=moment(event.at), event_kind=event_kind, level=event.level, value=event.value
    )


def threshold(policy: Policy, level: Level) -> float | None:
    """Return the threshold that the value of an alert of *level* has reached."""
    return policy.critical if level is Level.CRITICAL else policy.warning


def is_flapping(changes: Sequence[datetime]) -> bool:
    """Tell whether a server and metric flap after the last of their *changes* (oldest first).

    Flapping begins with more than six changes in six hours, and ends after three hours without one. Later changes are
    counted from zero.
    """
    flapping = Flapping()
    for at in changes:
        flapping.change(microseconds(at))
    return flapping.is_on


class Flapping:
    """Follows the changes of one server and metric, oldest first. *is_on*: it flaps after the last of them."""

    def __init__(self) -> None:
        self.is_on = False
        self._last = 0
        self._counted: deque[int] = deque(maxlen=FLAPPING_CHANGES)

    def change(self, at: int) -> None:
        """Count a change *at* that time (microseconds)."""
        if self.is_on and at - self._last >= CALM_AFTER // MICROSECOND:
            self.is_on = False
            self._counted.clear()
        if not self.is_on:
            is_seventh = len(self._counted) == FLAPPING_CHANGES
            self.is_on = is_seventh and at - self._counted[0] <= FLAPPING_WINDOW // MICROSECOND
            self._counted.append(at)
        self._last = at


def is_calm(last_change: datetime, now: datetime) -> bool:
    return now - last_change >= CALM_AFTER
