"""Alerts that a policy would have caused, and counts of them."""

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from monitor.domain.alerts.fold import Course, Fold
from monitor.domain.alerts.offline import OfflinePeriod
from monitor.domain.alerts.quiet import Notice, Replay, Why
from monitor.domain.fleet.servers import ServerId
from monitor.domain.hindsight.verdicts import Span
from monitor.domain.levels import Level
from monitor.domain.policies.comparing import Change, Event
from monitor.domain.policies.policies import Policy
from monitor.domain.times import MICROSECOND, SECOND, moment

LONG = 3600 * SECOND
"""An alert that ends within this time might not have needed anybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
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
class Found:
    """Alerts of one server and policy that fired within the window, in order.

    *fired*, *ended*: their times. *ends*: what *ended* holds of the last one if it still fires: the end of the window.
    *already*: from the window's start to the end of an alert that fired before it; None: there was none. It is not
    among the others. *episodes*: empty if not asked for. *offline*: when the host was, while one fired. *notices*: how
    often people would have been notified that one fires or is worse, by the quiet rule; *reminders*: and that one still
    fires, if nobody had acknowledged it.
    """

    ends: int
    episodes: list[Episode] = field(default_factory=list)
    offline: Sequence[OfflinePeriod] = field(default=(), compare=False, repr=False)
    fired: "array[int]" = field(default_factory=lambda: array("q"))
    ended: "array[int]" = field(default_factory=lambda: array("q"))
    already: tuple[int, int] | None = None
    escalations: int = 0
    notices: int = 0
    reminders: int = 0
    ended_within_hour: int = 0

    @property
    def total(self) -> int:
        return len(self.fired)

    @property
    def spans(self) -> list[Span]:
        """From when to when the alerts fired, that from before the window included."""
        own = [*map(Span, self.fired, self.ended)]
        return own if self.already is None else [Span(*self.already), *own]


class Watch:
    """Follows one policy along a history, and counts."""

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
        self._level, self._value = Level.OK, 0.0

    def skip(self, course: Course) -> None:
        """Follow the history before the window."""
        for event in self.fold.feed(course):
            self._replay.see(event)

    def begin(self, start: int, *, is_firing: bool | None = None) -> None:
        """Begin the window."""
        if bool(self.fold.level) if is_firing is None else is_firing:
            self.found.already = start, self.found.ends

    def see(self, course: Course, offline: Sequence[OfflinePeriod]) -> None:
        """Follow the history within the window. *offline*: when the host was offline, up to the end of *course*."""
        self._replay.offline = self.found.offline = offline
        for event in self.fold.feed(course):
            self.change(event.change, event.level, event.at, self.fold.worst)
        self._value = self.fold.worst

    def change(self, change: Change, level: Level, at: int, value: float) -> None:
        """Count a change. *value*: the worst one so far."""
        event = Event(change, level, at, value)
        if change is Change.FIRED:
            self._fired_at, self._level, self._events = at, level, []
        notices = self._replay.see(event)
        if self._fired_at is None:
            if change is Change.RESOLVED and self.found.already is not None:
                self.found.already = self.found.already[0], at
            return
        self._count(notices)
        self._value = value
        if self._keeps:
            self._events.append(event)
        if change is Change.RESOLVED:
            self._end(self._fired_at, at)
            return
        self._level = max(self._level, level)
        self.found.escalations += change is Change.ESCALATED

    def finish(self) -> None:
        if self._fired_at is not None:
            self._count(self._replay.until(self.found.ends))
            self._end(self._fired_at, None)

    def _count(self, notices: Iterable[Notice]) -> None:
        for notice in notices:
            self.found.reminders += notice.why is Why.REMINDED
            self.found.notices += notice.why not in (Why.REMINDED, Why.ENDED)

    def _end(self, fired_at: int, ended_at: int | None) -> None:
        found, end = self.found, self.found.ends if ended_at is None else ended_at
        found.fired.append(fired_at)
        found.ended.append(end)
        found.ended_within_hour += ended_at is not None and ended_at - fired_at <= LONG
        self._fired_at = None
        if self._keeps:
            found.episodes.append(
                Episode(
                    server_id=self._server_id,
                    level=self._level,
                    fired_at=fired_at,
                    ended_at=ended_at,
                    value=self._value,
                    events=tuple(self._events),
                )
            )


def per_day(found: Iterable[Episode]) -> Counter[str]:
    """Return the number of alerts that fired on each UTC date, without dates that have none."""
    return Counter(f"{moment(episode.fired_at):%Y-%m-%d}" for episode in found)


def firing_seconds(found: Iterable[Episode], until: int) -> float:
    return sum((episode.ended_at or until) - episode.fired_at for episode in found) / SECOND
