"""A stored history of one server that is read in parts, where needed."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from math import inf
from typing import NamedTuple

from monitor.domain.alerts.fold import Course, course_of
from monitor.domain.history.frames import DECLARED, Frame
from monitor.domain.intake.intervals import TIMES_NEEDED, Intervals

AT_ONCE = 168
"""Hours that are in memory at once: a week."""


class Hour(NamedTuple):
    """Samples from *begin* (microseconds): how many at least, and bounds of their values of one metric.

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

    def expect(self, places: Sequence[int]) -> None:  # noqa: B027 (those in memory have nothing to prepare)
        """Prepare for `frame`: it will ask for hours at these rising *places*, and next to them, at most."""


class Tail:
    """The last samples before the hour at the place *end*. They show how often the host reports."""

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
            later, begin = begin, max(self.end, begin - AT_ONCE)
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


def _last_declared(frame: Frame) -> float | None:
    return next((each for each in reversed(frame.column(DECLARED)) if each is not None), None)
