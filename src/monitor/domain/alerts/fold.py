"""Run the alert engine on stored history.

Live evaluation calls `observe` for each sample. Past alerts and backtests use `Fold`, which calls the same function but
skips samples that change nothing.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import inf, nan, nextafter
from typing import NamedTuple

from monitor.domain.alerts.engine import Change, Event, State, edges, next_change, observe, rule_of
from monitor.domain.alerts.policies import Policy
from monitor.domain.alerts.sights import Sight
from monitor.domain.intake.intervals import Intervals
from monitor.domain.levels import Level

_IDLE = State()
_NO_GAP_IS_TOO_LONG = 2**62
_LOOKED_AT_ONCE = 240
"""Samples of an hour at 15 s. Most hours are idle, and to test an hour as a whole costs a tenth."""


class Course(NamedTuple):
    """One metric of one server: rising *times* in microseconds, and *values*, None where a sample lacks the metric.

    *cuts*: places, ascending, of samples before which a gap interrupts all runs. *sights*: what a forecast or
    range knows at each sample; None for other policies, which compare the values.
    """

    times: Sequence[int]
    values: Sequence[float | None]
    cuts: Sequence[int]
    sights: Sequence[Sight] | None = None

    def part(self, first: int, last: int | None = None) -> "Course":
        """Return the samples from the place *first* up to *last*."""
        last = len(self.times) if last is None else last
        cuts = [cut - first for cut in self.cuts if first <= cut < last]
        sights = None if self.sights is None else self.sights[first:last]
        return Course(self.times[first:last], self.values[first:last], cuts, sights)


class Firing(NamedTuple):
    """The *events* of one alert along a course, in order.

    *started_at*: the first sample of the run that made it fire, in microseconds; None if it fired before the course.
    """

    events: list[Event]
    started_at: int | None

    @property
    def is_over(self) -> bool:
        return self.events[-1].change is Change.RESOLVED


def course_of(intervals: Intervals, values: Sequence[float | None], first: int = 0, seen: int | None = None) -> Course:
    """Return the course of *values*, which belong to the samples of *intervals* from the place *first* on.

    *seen*: the time of the last sample before them that has the metric, if known.
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
    """State of the engine for one metric along a history, which may come in parts.

    *state*: None if idle. While an event is yielded, it is the state right after that event.
    """

    def __init__(self, policy: Policy, state: State | None = None) -> None:
        self._policy = policy
        self.rule = rule = rule_of(policy)
        self.state = state
        self._floor = rule.floor
        self._edges = edges(rule)

    @property
    def level(self) -> Level:
        return Level.OK if self.state is None else self.state.level

    @property
    def worst(self) -> float:
        """The worst value of the alert that fires or was just resolved; nan if none has fired."""
        return nan if self.state is None or self.state.worst is None else self.state.worst

    def may_matter(self, values: Sequence[float | None]) -> bool:
        """Tell whether *values* can change the state. Those of most hours cannot."""
        if self.state is not None:
            return True
        held = [value for value in values if value is not None]
        furthest = max if self.rule.sign > 0 else min
        return bool(held) and furthest(held) * self.rule.sign >= self._floor

    def feed(self, course: Course) -> Iterator[Event]:
        """Yield the changes in order. The caller must consume all."""
        if course.sights is not None:
            yield from self._look(course, course.sights)
            return
        starts = [0, *(cut for cut in course.cuts if cut), len(course.times)]
        is_cut = bool(course.cuts) and course.cuts[0] == 0
        for first, last in pairwise(starts):
            for begin in range(first, last, _LOOKED_AT_ONCE):
                part = slice(begin, min(begin + _LOOKED_AT_ONCE, last))
                if self.may_matter(values := course.values[part]):
                    yield from self._feed(course.times[part], values, is_cut=is_cut)
                is_cut = False  # an idle state has no run to interrupt
            is_cut = True

    def firings(self, course: Course) -> Iterator[Firing]:
        """Yield each alert with events in *course*, when it ends; one that still fires comes last.

        The state is then that right after the last event, or at the end of *course*. The caller must consume all.
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
        """Run *course* and ignore its changes."""
        for _ in self.feed(course):
            pass

    def _look(self, course: Course, sights: Sequence[Sight]) -> Iterator[Event]:
        rule, floor, sign, state = self.rule, self._floor, self.rule.sign, self.state
        cuts = set(course.cuts)
        for place, (at, value, sight) in enumerate(zip(course.times, course.values, sights, strict=True)):
            if value is None or (state is None and not sight.compared * sign >= floor):
                continue
            longest_gap = 0 if place in cuts else _NO_GAP_IS_TOO_LONG
            state, event = observe(rule, state or _IDLE, at, value, longest_gap, sight.compared, sight.middle)
            if event is not None:
                self.state = state
                yield sight.explained(event, self._policy)
            if state.is_idle:
                state = None
        self.state = state

    def _feed(self, times: Sequence[int], values: Sequence[float | None], *, is_cut: bool) -> Iterator[Event]:
        """Yield the changes. Skip idle values, and those that change only the watermark."""
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
