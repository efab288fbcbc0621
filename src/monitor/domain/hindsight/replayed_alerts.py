"""Alerts that a policy would have caused, and counts of them."""

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from math import isnan
from typing import NamedTuple

from monitor.domain.alerts.fold import Course, Fold
from monitor.domain.alerts.offline import OfflinePeriod
from monitor.domain.alerts.quiet import Notice, Why
from monitor.domain.alerts.quiet_replay import Replay
from monitor.domain.fleet.servers import ServerId
from monitor.domain.levels import Level
from monitor.domain.policies.comparing import Change, Event
from monitor.domain.policies.policies import Policy
from monitor.domain.times import MICROSECOND, SECOND, moment

LONG = 3600 * SECOND
"""An alert that ends within this time might not have needed anybody."""


class Span(NamedTuple):
    """From when to when an alert fired, in microseconds. *ended_at* None: it still fires."""

    fired_at: int
    ended_at: int | None

    def meets(self, other: "Span") -> bool:
        """True if both fired at some moment."""
        begins_in_time = self.ended_at is None or other.fired_at <= self.ended_at
        return begins_in_time and (other.ended_at is None or self.fired_at <= other.ended_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedAlert:
    """Alert that a policy would have caused, times in microseconds. *ended_at* None: it would still fire.

    *level* and *value*: the worst ones. For an offline host, *value* is the seconds without a report. *events*: from
    its firing to its end.
    """

    server_id: ServerId
    level: Level
    fired_at: int
    ended_at: int | None
    value: float
    events: tuple[Event, ...] = field(default=(), compare=False, repr=False)


@dataclass(slots=True, kw_only=True)
class Counts:
    """Counts of alerts that fired within a window.

    *messages*: how often people would have been notified that one fires or is worse, by the quiet rule; once of one
    that fired before the window. *reminders*: how often that one still fires, if nobody had acknowledged it. The quiet
    rule knows of no alert before the history.
    """

    total: int = 0
    messages: int = 0
    escalations: int = 0
    reminders: int = 0
    ended_within_hour: int = 0

    def add_counts(self, other: "Counts") -> None:
        for name in Counts.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True, kw_only=True)
class Found(Counts):
    """Alerts of one server and policy that fired within the window, in order.

    *fired*, *ended*: their times. *ends*: what *ended* holds of the last one if it still fires: the end of the window.
    *already*: from the window's start to the end of an alert that fired before it; None: there was none. It is not
    among the others. *alerts*: empty if not asked for. *offline*: when the host was, while one fired.
    """

    ends: int
    alerts: list[ReplayedAlert] = field(default_factory=list)
    offline: Sequence[OfflinePeriod] = field(default=(), compare=False, repr=False)
    fired: "array[int]" = field(default_factory=lambda: array("q"))
    ended: "array[int]" = field(default_factory=lambda: array("q"))
    already: tuple[int, int] | None = None

    @property
    def spans(self) -> list[Span]:
        """From when to when the alerts fired, that from before the window included."""
        own = [*map(Span, self.fired, self.ended)]
        return own if self.already is None else [Span(*self.already), *own]


class PolicyReplay:
    """Follow one policy along a history, and count its alerts. *keeps*: also list them."""

    def __init__(
        self, policy: Policy, server_id: ServerId, now: int, reminder_after: timedelta, *, keeps: bool
    ) -> None:
        self.fold = Fold(policy)
        self.found = Found(ends=now)
        self._server_id = server_id
        self._keeps = keeps
        pause = reminder_after // MICROSECOND
        self._replay = Replay(pause, remind_after=pause)
        self._fired_at: int | None = None
        self._events: list[Event] = []
        self._level = Level.OK

    def skip(self, course: Course) -> None:
        """Follow the history before the window."""
        for event in self.fold.feed(course):
            self._replay.see(event)

    def begin(self, start: int, *, is_firing: bool) -> None:
        """Begin the window."""
        if is_firing:
            self.found.already = start, self.found.ends
            self.found.messages += 1

    def see(self, course: Course, offline: Sequence[OfflinePeriod]) -> None:
        """Follow the history within the window. *offline*: when the host was offline, up to the end of *course*."""
        self._replay.offline = self.found.offline = offline
        for event in self.fold.feed(course):
            self.change(Event(event.change, event.level, event.at, self.fold.worst))

    def change(self, event: Event) -> None:
        """Count a change. Its value is the worst one so far."""
        if event.change is Change.FIRED:
            self._fired_at, self._level, self._events = event.at, event.level, []
        notices = self._replay.see(event)
        if self._fired_at is None:
            if event.change is Change.RESOLVED and self.found.already is not None:
                self.found.already = self.found.already[0], event.at
            return
        self._count(notices)
        self._events.append(event)
        if event.change is Change.RESOLVED:
            self._end(self._fired_at, event.at, event.value)
            return
        self._level = max(self._level, event.level)
        self.found.escalations += event.change is Change.ESCALATED

    def finish(self) -> None:
        if self._fired_at is not None:
            self._count(self._replay.until(self.found.ends))
            worst = self.fold.worst
            self._end(self._fired_at, None, self._events[-1].value if isnan(worst) else worst)

    def _count(self, notices: Iterable[Notice]) -> None:
        for notice in notices:
            self.found.reminders += notice.why is Why.REMINDED
            self.found.messages += notice.why not in (Why.REMINDED, Why.ENDED)

    def _end(self, fired_at: int, ended_at: int | None, worst: float) -> None:
        found, self._fired_at = self.found, None
        found.total += 1
        found.fired.append(fired_at)
        found.ended.append(found.ends if ended_at is None else ended_at)
        found.ended_within_hour += ended_at is not None and ended_at - fired_at <= LONG
        if self._keeps:
            alert = ReplayedAlert(
                server_id=self._server_id,
                level=self._level,
                fired_at=fired_at,
                ended_at=ended_at,
                value=worst,
                events=tuple(self._events),
            )
            found.alerts.append(alert)


def per_day(found: Iterable[ReplayedAlert]) -> Counter[str]:
    """Return the number of alerts that fired on each UTC date, without dates that have none."""
    return Counter(f"{moment(alert.fired_at):%Y-%m-%d}" for alert in found)


def firing_seconds(found: Iterable[ReplayedAlert], until: int) -> float:
    return sum((alert.ended_at or until) - alert.fired_at for alert in found) / SECOND
