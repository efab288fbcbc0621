"""Run the alert engine on stored history.

Live evaluation calls `observe` for each sample. `Fold` calls the same function, but skips samples that change nothing:
for backtests, and for samples that are evaluated anew.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from math import inf, nan, nextafter
from typing import cast

from monitor.domain.alerts.engine import State, edges, next_change, observe
from monitor.domain.intake.intervals import Intervals
from monitor.domain.levels import Level
from monitor.domain.policies.comparing import Event, Rule
from monitor.domain.policies.policies import Policy
from monitor.domain.policies.series_models import Prediction

_IDLE = State()
_NO_GAP_IS_TOO_LONG = 2**62
_LOOKED_AT_ONCE = 16
"""Samples of a stretch. Most stretches change nothing, and to compare one costs as much as two samples."""

Stretch = tuple[int, int, float, float, int, bool]
"""Consecutive samples that a fold may skip as a whole: the places of the first and after the last, the least and the
greatest value, the time of the last value, and if a gap before the first interrupts all runs."""

Look = tuple[int, int, Prediction, bool]
"""Consecutive samples with the same sight: the places of the first and after the last, the sight, and if a gap before
the first interrupts all runs."""


class Course:
    """One metric of one server: rising *times* in microseconds, and *values*, None where a sample lacks the metric.

    *cuts*: places, ascending, of samples before which a gap interrupts all runs. *sights*: what a forecast or range
    knows at each sample; None for other policies, which compare the values.
    """

    def __init__(
        self,
        times: Sequence[int],
        values: Sequence[float | None],
        cuts: Sequence[int],
        sights: Sequence[Prediction] | None = None,
    ) -> None:
        self.times = times
        self.values = values
        self.cuts = cuts
        self.sights = sights

    def part(self, first: int, last: int | None = None) -> "Course":
        """Return the samples from the place *first* up to *last*."""
        last = len(self.times) if last is None else last
        cuts = [cut - first for cut in self.cuts if first <= cut < last]
        sights = None if self.sights is None else self.sights[first:last]
        return Course(self.times[first:last], self.values[first:last], cuts, sights)

    @cached_property
    def looks(self) -> Sequence[Look]:
        """All samples in order, in runs that have one sight and that no gap interrupts."""
        found: list[Look] = []
        first, cuts, sights = 0, {*self.cuts}, self.sights or []
        for place, sight in enumerate(sights):
            if place in cuts or sight is not sights[first]:
                found.append((first, place, sights[first], first in cuts))
                first = place
        return [*found, (first, len(sights), sights[first], first in cuts)] if sights else []

    @cached_property
    def stretches(self) -> Sequence[Stretch]:
        """All samples in order, without stretches that lack the metric. Folds of several policies share them."""
        found: list[Stretch] = []
        has_all = None not in self.values
        is_cut = bool(self.cuts) and self.cuts[0] == 0
        for begin, end in pairwise([0, *(cut for cut in self.cuts if cut), len(self.times)]):
            for first in range(begin, end, _LOOKED_AT_ONCE):
                last = min(first + _LOOKED_AT_ONCE, end)
                values = self.values[first:last]
                held = cast(Sequence[float], values) if has_all else [value for value in values if value is not None]
                if held:
                    final = last - 1
                    while self.values[final] is None:
                        final -= 1
                    found.append((first, last, min(held), max(held), self.times[final], is_cut))
                    is_cut = False
            is_cut = True
        return found

    @cached_property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest value; (inf, -inf) if there is none."""
        least, greatest = [each[2] for each in self.stretches], [each[3] for each in self.stretches]
        return min(least, default=inf), max(greatest, default=-inf)


def course_of(intervals: Intervals, values: Sequence[float | None], first: int = 0, seen: int | None = None) -> Course:
    """Return the course of *values*, which belong to the samples of *intervals* from the place *first* on.

    *seen*: the time of the last sample before them that has the metric, if known.
    """
    times = intervals.times[first:] if first else intervals.times
    if None not in values and not intervals.may_be_interrupted(first, seen):  # most hours
        return Course(times, values, [])
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
        self.rule = rule = policy.rule
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
        """True if *values* can change the state. Those of most hours cannot."""
        if self.state is not None:
            return True
        held = [value for value in values if value is not None]
        furthest = max if self.rule.sign > 0 else min
        return bool(held) and furthest(held) * self.rule.sign >= self._floor

    def feed(self, course: Course) -> Iterator[Event]:  # noqa: C901 - one loop, for speed
        """Yield the changes in order. Skip idle samples, and those that change only the watermark.

        The caller must consume all.
        """
        if course.sights is not None:
            yield from self._look(course)
            return
        rule, floor, sign, sides = self.rule, self._floor, self.rule.sign, self._edges
        state, times, values = self.state, course.times, course.values
        if state is None and course.bounds[sign > 0] * sign < floor:
            return
        seen, until, low, high = state.seen if state is not None else None, 0.0, inf, inf
        for first, last, least, greatest, seen_last, is_cut in course.stretches:
            if sign < 0:
                least, greatest = -greatest, -least
            if state is None:
                if greatest < floor:
                    continue
            elif is_cut:
                until = 0.0
            elif seen_last < until and low <= least and greatest < high:
                seen = seen_last
                continue
            if least < floor and (state is None or not state.level):
                since = None if state is None or is_cut else until - rule.sustained_for
                place = _after_last_good(course, first, last, rule, since)
                if place is not None:  # nothing fires before it
                    state, first = None, place
            longest_gap = 0 if is_cut else _NO_GAP_IS_TOO_LONG
            for at, value in zip(times[first:last], values[first:last], strict=True):
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

    def skip(self, course: Course) -> None:
        """Run *course* and ignore its changes."""
        for _ in self.feed(course):
            pass

    def _look(self, course: Course) -> Iterator[Event]:
        rule, floor, sign, state = self.rule, self._floor, self.rule.sign, self.state
        for first, last, sight, is_cut in course.looks:
            if state is None and not sight.compared * sign >= floor:
                continue
            longest_gap = 0 if is_cut else _NO_GAP_IS_TOO_LONG
            for at, value in zip(course.times[first:last], course.values[first:last], strict=True):
                if value is None:
                    continue
                state, event = observe(rule, state or _IDLE, at, value, longest_gap, sight.compared, sight.middle)
                longest_gap = _NO_GAP_IS_TOO_LONG
                if event is not None:
                    self.state = state
                    yield sight.explained(event, self._policy)
                if state.is_idle:
                    state = None
        self.state = state


def _after_last_good(course: Course, first: int, last: int, rule: Rule, since: float | None) -> int | None:
    """Return the place after the last value below the floor; there is at least one.

    None if a run of breaches before it may be long enough to fire. *since*: the start of a run before these places.
    """
    times, values, sign, floor, sustained_for = course.times, course.values, rule.sign, rule.floor, rule.sustained_for
    if times[last - 1] - (times[first] if since is None else since) < sustained_for:  # cheaper, and true for most
        good = last
        while (value := values[good - 1]) is None or value * sign >= floor:
            good -= 1
        return good
    good = first
    for place in range(first, last):
        if (value := values[place]) is None:
            continue
        if value * sign < floor:
            since, good = None, place + 1
            continue
        since = times[place] if since is None else since
        if times[place] - since >= sustained_for:
            return None
    return good
