"""A stored history through the alert engine: what the engine would have decided sample by sample, in less time.

Live evaluation calls `observe` for each sample that arrives. Past alerts and backtests use `Fold`, which calls the same
function and leaves out the samples that change nothing.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import inf, nan, nextafter
from typing import NamedTuple

from monitor.domain.alerts.engine import Change, Event, Rule, State, edges, next_change, observe
from monitor.domain.intake.intervals import Intervals
from monitor.domain.levels import Level

_IDLE = State()
_NO_GAP_IS_TOO_LONG = 2**62
_LOOKED_AT_ONCE = 240
"""Samples, an hour's at 15 s: most hours are idle, and cost a tenth when they are looked at as a whole."""


class Course(NamedTuple):
    """One metric of one server: *times* in microseconds, rising, and *values*, None where a sample lacks the metric.

    *cuts* are the places before which a gap interrupts whatever lasted, ascending.
    """

    times: Sequence[int]
    values: Sequence[float | None]
    cuts: Sequence[int]

    def part(self, first: int, last: int | None = None) -> "Course":
        """Return the samples from the place *first* up to *last*."""
        last = len(self.times) if last is None else last
        cuts = [cut - first for cut in self.cuts if first <= cut < last]
        return Course(self.times[first:last], self.values[first:last], cuts)


class Firing(NamedTuple):
    """The *events* of one alert along a course, in order.

    *started_at*: the first sample of the run that made it fire, in microseconds; None where it fired before the course.
    """

    events: list[Event]
    started_at: int | None

    @property
    def is_over(self) -> bool:
        return self.events[-1].change is Change.RESOLVED


def course_of(intervals: Intervals, values: Sequence[float | None], first: int = 0, seen: int | None = None) -> Course:
    """Return the course of *values*, those of the samples of *intervals* from the place *first* on.

    *seen*: the time of the last sample before them that has the metric, if one is known.
    """
    times = intervals.times[first:] if first else intervals.times
    cuts = []
    for place, (at, value) in enumerate(zip(times, values, strict=True)):
        if value is None:
            continue
        if seen is not None and intervals.is_interrupted(seen, first + place):
            cuts.append(place)
        seen = at
    return Course(times, values, cuts)


class Fold:
    """The engine's state of one metric along a history, which may come in parts.

    *state* None: idle. While an event is handed out, it is the one right after that event.
    """

    def __init__(self, rule: Rule, state: State | None = None) -> None:
        self.rule = rule
        self.state = state
        self._floor = rule.floor
        self._edges = edges(rule)

    @property
    def level(self) -> Level:
        return Level.OK if self.state is None else self.state.level

    @property
    def worst(self) -> float:
        """The worst value of what fires, or of what has just been resolved; nan where nothing has fired."""
        return nan if self.state is None or self.state.worst is None else self.state.worst

    def may_matter(self, values: Sequence[float | None]) -> bool:
        """Tell whether *values* can change anything, which most hours of a history cannot."""
        if self.state is not None:
            return True
        held = [value for value in values if value is not None]
        furthest = max if self.rule.sign > 0 else min
        return bool(held) and furthest(held) * self.rule.sign >= self._floor

    def feed(self, course: Course) -> Iterator[Event]:
        """Yield what changes, in order. All of it has to be taken."""
        starts = [0, *(cut for cut in course.cuts if cut), len(course.times)]
        is_cut = bool(course.cuts) and course.cuts[0] == 0
        for first, last in pairwise(starts):
            for begin in range(first, last, _LOOKED_AT_ONCE):
                part = slice(begin, min(begin + _LOOKED_AT_ONCE, last))
                if self.may_matter(values := course.values[part]):
                    yield from self._feed(course.times[part], values, is_cut=is_cut)
                is_cut = False  # what is idle forgets nothing
            is_cut = True

    def firings(self, course: Course) -> Iterator[Firing]:
        """Yield each alert whose events *course* has, as it ends; one that still fires comes last.

        The state is then the one right after its last event, or that at the end of *course*. All has to be taken.
        """
        events: list[Event] = []
        started_at = None
        for event in self.feed(course):
            if event.change is Change.FIRED and self.state is not None:
                started_at = self.state.breached_since(event)
            events.append(event)
            if event.change is Change.RESOLVED:
                yield Firing(events, started_at)
                events, started_at = [], None
        if events:
            yield Firing(events, started_at)

    def skip(self, course: Course) -> None:
        """Pass *course*, whatever changes in it."""
        for _ in self.feed(course):
            pass

    def _feed(self, times: Sequence[int], values: Sequence[float | None], *, is_cut: bool) -> Iterator[Event]:
        """Passed over is what changes nothing: idle values, and those with which a state merely goes on."""
        rule, floor, sign, sides = self.rule, self._floor, self.rule.sign, self._edges
        state, longest_gap = self.state, 0 if is_cut else _NO_GAP_IS_TOO_LONG
        seen, until, low, high = state.seen if state is not None else None, 0.0, inf, inf
        for at, value in zip(times, values, strict=True):
            if value is None:
                continue
            v = value * sign
            if state is None:
                if v < floor:
                    continue
                state = _IDLE
            elif at < until and low <= v < high:
                seen = at
                continue
            elif seen != state.seen:
                state = state._replace(seen=seen)
            state, event = observe(rule, state, at, value, longest_gap)
            longest_gap = _NO_GAP_IS_TOO_LONG
            if event is not None:
                self.state = state
                yield event
            if state.is_idle:
                state = None
                continue
            seen, until = at, next_change(rule, state)
            place = bisect_right(sides, v)
            low, high = sides[place - 1], sides[place]
            if state.level and state.worst is not None:
                high = min(high, nextafter(state.worst * sign, inf))
        self.state = state if state is None or seen == state.seen else state._replace(seen=seen)
