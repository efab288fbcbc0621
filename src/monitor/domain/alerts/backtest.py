"""Find the alerts that policies would have caused in stored history."""

from abc import ABC, abstractmethod
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from math import inf
from typing import NamedTuple

from monitor.domain.alerts.alert import Flapping
from monitor.domain.alerts.engine import Change, Rule, State, rule_of
from monitor.domain.alerts.fold import Course, Fold, course_of
from monitor.domain.alerts.offline import OfflinePeriod, offline_periods, seconds_without_report
from monitor.domain.alerts.policies import OFFLINE, Policy
from monitor.domain.alerts.reminders import Notices
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import DECLARED, Frame
from monitor.domain.intake.intervals import TIMES_NEEDED, Intervals
from monitor.domain.levels import Level
from monitor.domain.times import SECOND, moment

LONG = 3600 * SECOND
"""An alert that ends within this time might not have needed anybody."""
_AT_ONCE = 168
"""Hours that are in memory at once: a week."""


class Hour(NamedTuple):
    """Samples from *begin* (microseconds): their number, and bounds of their values of one metric.

    The bounds are the least and the greatest value where these are known, and (inf, -inf) if there is none.
    """

    begin: int
    samples: int
    least: float = -inf
    greatest: float = inf


class PastHours(ABC):
    """Samples of one server in parts, in order: of an hour each, as they are stored."""

    hours: Sequence[Hour]

    @abstractmethod
    def frame(self, first: int, last: int) -> Frame:
        """Return the samples of the hours from the place *first* up to *last*, with the metric and the interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """Alert that a policy would have caused, times in microseconds. *ended_at* None: it would still fire.

    *level* and *value*: the worst ones. For an offline host, *value* is the seconds without a report.
    """

    server_id: ServerId
    level: Level
    fired_at: int
    ended_at: int | None
    value: float


@dataclass(slots=True, kw_only=True)
class Found:
    """Alerts of one server and policy that fired within the window, in order.

    *fired*, *ended*: their times. *ends*: what *ended* holds of the last one if it still fires: the end of the window.
    *already*: from the window's start to the end of an alert that fired before it; None: there was none. It is not
    among the others. *episodes*: empty if not asked for.
    """

    ends: int
    episodes: list[Episode] = field(default_factory=list)
    fired: "array[int]" = field(default_factory=lambda: array("q"))
    ended: "array[int]" = field(default_factory=lambda: array("q"))
    already: tuple[int, int] | None = None
    escalations: int = 0
    reminders: int = 0
    ended_within_hour: int = 0

    @property
    def total(self) -> int:
        return len(self.fired)


class Past:
    """History of one server from some time before a window's *start* to *now* (both in microseconds).

    The part before the window shows which alerts fire when it begins, and how often the host reports.
    """

    def __init__(
        self,
        server_id: ServerId,
        history: PastHours,
        start: int,
        now: int,
        offline_after: timedelta,
        reminder_after: timedelta,
    ) -> None:
        self._server_id = server_id
        self._history = history
        self._start, self._now = start, now
        self._offline_after = offline_after
        self._reminder_after = reminder_after

    @property
    def hours(self) -> Sequence[Hour]:
        return self._history.hours

    def unknown(self, policies: Sequence[Policy]) -> list[Policy]:
        """Return those of which the history before the window does not show what fires when it begins."""
        place = bisect_left(self.hours, self._start, key=lambda hour: hour.begin)
        before = self._history.frame(0, place)
        before = before.part(slice(bisect_left(before.times, self._start)))
        intervals = Intervals(before.times, before.column(DECLARED))
        if policies[0].metric == OFFLINE:
            return [] if len(before) >= TIMES_NEEDED else [*policies]
        known = course_of(intervals, before.column(policies[0].metric)).part(TIMES_NEEDED - 1)
        return [policy for policy in policies if not _is_sure(rule_of(policy), known)]

    def backtest(self, policies: Sequence[Policy]) -> list[Found]:
        """Find the alerts of *policies*, which share a metric and a direction; of the first also the episodes."""
        watches = [
            _Watch(policy, self._server_id, self._now, self._reminder_after, keeps=not place)
            for place, policy in enumerate(policies)
        ]
        if policies[0].metric == OFFLINE:
            self._find_offline(watches[0])
        else:
            self._find(watches, policies[0].metric)
        for watch in watches:
            watch.finish()
        return [watch.found for watch in watches]

    def _find(self, watches: Sequence["_Watch"], metric: str) -> None:
        has_begun = False
        for course, offline in self._courses(watches, metric):
            place = bisect_left(course.times, self._start)
            before, within = (course.part(0, place), course.part(place)) if place else (None, course)
            for watch in watches:
                if before is not None:
                    watch.skip(before)
                if not has_begun and within.times:
                    watch.begin(self._start)
                watch.see(within, offline)
            has_begun = has_begun or bool(within.times)
        if not has_begun:
            for watch in watches:
                watch.begin(self._start)

    def _courses(self, watches: Sequence["_Watch"], metric: str) -> Iterator[tuple[Course, Sequence[OfflinePeriod]]]:
        """Yield the parts of the history that matter to any of *watches*, and the offline periods so far.

        An hour does not matter if nothing fires or is pending and all its values are below all thresholds.
        """
        hours, sign = self.hours, watches[0].fold.rule.sign
        floor = min(watch.fold.rule.floor for watch in watches)
        matters = [(hour.greatest if sign > 0 else -hour.least) >= floor for hour in hours]
        first, tail, seen = 0, _Tail(self._history), None
        offline: list[OfflinePeriod] = []
        while first < len(hours):
            if not matters[first] and all(watch.fold.state is None for watch in watches):
                first += 1
                continue
            last = next((n for n in range(first + 1, len(hours)) if not matters[n]), len(hours))
            last = min(last + 1, first + _AT_ONCE, len(hours))
            if tail.end != first:
                tail.move(first)
                seen = None  # of what is pending, and nothing is
            frame = self._history.frame(first, last)
            course, intervals = tail.course(frame, last, metric, seen)
            seen = _last_seen(course, seen)
            reports = intervals.times if last < len(hours) else [*intervals.times, self._now]
            known = max(0, len(intervals.times) - len(frame) - 1)
            offline += offline_periods(reports[known:], intervals, self._offline_after, known)
            yield course, offline
            first = last

    def _find_offline(self, watch: "_Watch") -> None:
        frame = self._history.frame(0, len(self.hours))
        intervals = Intervals(frame.times, frame.column(DECLARED))
        first = max(0, bisect_left(frame.times, self._start) - 1)
        for period in offline_periods([*frame.times[first:], self._now], intervals, self._offline_after, first):
            value = seconds_without_report(moment(period.last_report), moment(period.until))
            if period.offline_at >= self._start:
                watch.change(Change.FIRED, Level.CRITICAL, period.offline_at, value)
            else:
                watch.begin(self._start, is_firing=True)
            if period.last_report < frame.times[-1]:
                watch.change(Change.RESOLVED, Level.CRITICAL, period.until, value)


class _Tail:
    """The last samples before the hour at the place *end*: they show how often the host reports there."""

    def __init__(self, history: PastHours) -> None:
        self.end = 0
        self._history = history
        self._times: Sequence[int] = ()
        self._declared: float | None = None

    def move(self, end: int) -> None:
        """Move it on, without the samples in between."""
        begin, samples = end, 0
        while begin > 0 and samples < TIMES_NEEDED:
            begin -= 1
            samples += self._history.hours[begin].samples
        frame = self._history.frame(begin, end)
        self._times, declared = frame.times[-TIMES_NEEDED:], _last_declared(frame)
        while declared is None and begin > self.end:
            later, begin = begin, max(self.end, begin - _AT_ONCE)
            declared = _last_declared(self._history.frame(begin, later))
        self._declared = self._declared if declared is None else declared
        self.end = end

    def course(self, frame: Frame, end: int, metric: str, seen: int | None) -> tuple[Course, Intervals]:
        """Return the course of *metric* in the next hours, and the intervals from the tail on; move to their end.

        *seen*: the last time before them that has the metric, if it matters.
        """
        known = len(self._times)
        intervals = Intervals([*self._times, *frame.times], [*[self._declared] * known, *frame.column(DECLARED)])
        if intervals.times:
            self._times, self._declared = intervals.times[-TIMES_NEEDED:], intervals.declared[-1]
        self.end = end
        return course_of(intervals, frame.column(metric), known, seen), intervals


class _Watch:
    """Follows one policy along a history, and counts."""

    def __init__(
        self, policy: Policy, server_id: ServerId, now: int, reminder_after: timedelta, *, keeps: bool
    ) -> None:
        self.fold = Fold(rule_of(policy))
        self.found = Found(ends=now)
        self._server_id = server_id
        self._reminder_after = reminder_after
        self._keeps = keeps
        self._flapping = Flapping()
        self._offline: Sequence[OfflinePeriod] = ()
        self._fired_at: int | None = None
        self._level, self._value, self._notices = Level.OK, 0.0, Notices()

    def skip(self, course: Course) -> None:
        """Follow the history before the window."""
        for event in self.fold.feed(course):
            self._flapping.change(event.at)

    def begin(self, start: int, *, is_firing: bool | None = None) -> None:
        """Begin the window."""
        if bool(self.fold.level) if is_firing is None else is_firing:
            self.found.already = start, self.found.ends

    def see(self, course: Course, offline: Sequence[OfflinePeriod]) -> None:
        """Follow the history within the window. *offline*: when the host was offline, up to the end of *course*."""
        self._offline = offline
        for event in self.fold.feed(course):
            self.change(event.change, event.level, event.at, self.fold.worst)
        self._value = self.fold.worst

    def change(self, change: Change, level: Level, at: int, value: float) -> None:
        """Count a change. *value*: the worst one so far."""
        self._flapping.change(at)
        if change is Change.FIRED:
            self._fired_at, self._level, self._notices = at, level, Notices()
        if self._fired_at is None:
            if change is Change.RESOLVED and self.found.already is not None:
                self.found.already = self.found.already[0], at
            return
        self._value = value
        if change is Change.RESOLVED:
            self._end(self._fired_at, at)
            return
        self._level = max(self._level, level)
        self._notices.change(change, at, flapping=self._flapping.is_on)
        self.found.escalations += change is Change.ESCALATED

    def finish(self) -> None:
        if self._fired_at is not None:
            self._end(self._fired_at, None)

    def _end(self, fired_at: int, ended_at: int | None) -> None:
        found, end = self.found, self.found.ends if ended_at is None else ended_at
        found.fired.append(fired_at)
        found.ended.append(end)
        found.reminders += self._notices.reminders(end, self._reminder_after, self._offline)
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
                )
            )


def _last_declared(frame: Frame) -> float | None:
    return next((each for each in reversed(frame.column(DECLARED)) if each is not None), None)


def _last_seen(course: Course, before: int | None) -> int | None:
    """Return the time of the last sample that has the metric; *before*: that of the course before."""
    return course.stretches[-1][4] if course.stretches else before


def may_fire(policy: Policy, values: tuple[float, float] | None) -> bool:
    """Tell whether any value reaches a threshold. *values*: the least and the greatest; None: there are none."""
    rule = rule_of(policy)
    return values is not None and max(value * rule.sign for value in values) >= rule.floor


def _is_sure(rule: Rule, known: Course) -> bool:
    """Tell whether the level at the end of *known* does not depend on the level at its start.

    A lower start never ends at a higher level than a higher start. So it is enough to try the lowest and the highest.
    """
    if not known.times or known.times[-1] - known.times[0] <= max(rule.sustained_for, rule.clear_for):
        return False
    lowest, highest = Fold(rule), Fold(rule, State(Level.CRITICAL))
    for fold in (lowest, highest):
        fold.skip(known)
    return lowest.level is highest.level


def per_day(found: Iterable[Episode]) -> Counter[str]:
    """Return the number of alerts that fired on each UTC date, without dates that have none."""
    return Counter(f"{moment(episode.fired_at):%Y-%m-%d}" for episode in found)


def firing_seconds(found: Iterable[Episode], until: int) -> float:
    return sum((episode.ended_at or until) - episode.fired_at for episode in found) / SECOND
