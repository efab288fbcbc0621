"""What should happen to an alert, by the words of the documentation and not by the engine's code.

The whole past is looked through again at each sample. Numbers are decimals, as people write them; times are whole
microseconds.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise, takewhile
from statistics import median
from typing import NamedTuple

from monitor.domain.levels import Level
from monitor.domain.policies.kinds.forecast import FORECAST
from monitor.domain.policies.kinds.range import RANGE
from monitor.domain.policies.policies import Direction, Policy

SECOND = 1_000_000
TEN_MINUTES = 600 * SECOND
HOUR = 3600 * SECOND
_NONE = Fraction(0)
Changed = tuple[str, str, int]
"""What changed (fired, escalated, deescalated, resolved), the level shown with it, and when."""


class Report(NamedTuple):
    """A sample as it arrives. *value* None: it lacks the metric. *declared*: the agent's interval, in seconds."""

    at: int
    value: float | None
    declared: float | None = 15.0


@dataclass
class Host:
    """What a host has reported so far, in whatever order it came."""

    reports: list[Report] = field(default_factory=list)

    def takes(self, report: Report) -> bool:
        """Whether *report* is evaluated: it is new, and newer than all before."""
        if any(report.at == other.at for other in self.reports):
            return False
        self.reports.append(report)
        return all(report.at >= other.at for other in self.reports)

    def longest_gap(self, at: int) -> float:
        """Three intervals at the report of that time.

        The interval is the longer of the declared one and the median of the ten gaps before it, and at least 15 s.
        """
        until = sorted(report for report in self.reports if report.at <= at)
        declared = [report.declared for report in until if report.declared is not None]
        gaps = [later.at - earlier.at for earlier, later in pairwise(until[-11:])]
        learned = median(gaps) if len(gaps) >= 3 else 0
        return 3 * max(15 * SECOND, SECOND * declared[-1] if declared else 0, learned)

    def longest_silence(self, at: int) -> float:
        """How long it may be without a report after that of this time.

        Of a host that declares no interval three times its longest gap, until three are known; before the first gap an
        hour.
        """
        until = sorted(report for report in self.reports if report.at <= at)
        if any(report.declared is not None for report in until) or not 0 < len(until) <= 3:
            return self.longest_gap(at)
        gaps = [later.at - earlier.at for earlier, later in pairwise(until)]
        return max(45 * SECOND, 3 * max(gaps)) if gaps else 3600 * SECOND


@dataclass
class Oracle:
    """One metric of one *host* under one *policy*, fed with reports in the order in which they arrive."""

    policy: Policy
    host: Host = field(default_factory=Host)
    level: str = "ok"
    worst: Decimal | None = None
    """Of what fires, or of what fired last."""
    judged: list[Report] = field(default_factory=list)
    gaps: dict[int, float] = field(default_factory=dict)
    """The longest gap at each evaluated report, as it was when that one arrived."""
    ranges: dict[int, tuple[Decimal, Decimal] | None] = field(default_factory=dict)
    """The least and the greatest value that a range policy knew at each; None: too little."""
    compared: dict[int, Decimal | None] = field(default_factory=dict)
    """What was compared with the thresholds at each, likewise: the value, or what a line reaches; None: not known."""

    def run(self, reports: Iterable[Report]) -> list[Changed]:
        return [changed for report in reports if (changed := self.sees(report)) is not None]

    def sees(self, report: Report) -> Changed | None:
        return self.judges(report) if self.host.takes(report) and report.value is not None else None

    def judges(self, report: Report) -> Changed | None:
        """Of a report that the host's past holds already, and that has the metric."""
        self.judged.append(report)
        self.gaps[report.at] = self.host.longest_gap(report.at)
        is_forecast = self.policy.kind is FORECAST
        self.compared[report.at] = self._forecast(report.at) if is_forecast else Decimal(repr(report.value))
        if self.policy.kind is RANGE:
            self.ranges[report.at] = self._range(report.at)
        return self._judge(report)

    @property
    def is_breached(self) -> bool:
        """Whether the last value is at or beyond a threshold."""
        thresholds = [Decimal(repr(each)) for each in (self.policy.warning, self.policy.critical) if each is not None]
        last = self.compared[self.judged[-1].at] if self.judged else None
        return last is not None and any(last == limit or self._beyond(last, limit) for limit in thresholds)

    @property
    def began(self) -> int:
        """When the run of values at or beyond the threshold of its level began."""
        limit = Decimal(repr(self.policy.critical if self.level == "critical" else self.policy.warning))
        known = self._newest_values()
        return [at for at, _ in takewhile(lambda p: p[1] == limit or self._beyond(p[1] or limit, limit), known)][-1]

    def _judge(self, report: Report) -> Changed | None:
        before = self.level
        change = self._change()
        if change == "fired":
            self.worst = None
        value = Decimal(repr(report.value))
        if (before != "ok" or change) and (self.worst is None or self._is_worse(value, self.worst, report.at)):
            self.worst = value
        return None if change is None else (change, before if change == "resolved" else self.level, report.at)

    def _is_worse(self, value: Decimal, other: Decimal, at: int) -> bool:
        if self.policy.kind is not RANGE:
            return self._beyond(value, other)
        known = self.ranges[at]
        if known is None:
            return False
        middle = (known[0] + known[1]) / 2
        return abs(value - middle) > abs(other - middle)

    def _change(self) -> str | None:
        if self.policy.kind is RANGE:
            return self._change_of_range()
        warning, critical = self.policy.warning, self.policy.critical
        if self.level != "critical" and self._breached(critical):
            change = "fired" if self.level == "ok" else "escalated"
            self.level = "critical"
            return change
        if self.level == "ok":
            if not self._breached(warning):
                return None
            self.level = "warning"
            return "fired"
        if all(self._cleared(threshold) for threshold in (warning, critical) if threshold is not None):
            self.level = "ok"
            return "resolved"
        if self.level == "critical" and warning is not None and self._cleared(critical):
            self.level = "warning"
            return "deescalated"
        return None

    def _change_of_range(self) -> str | None:
        """Outside by more than a part of the span it fires, within the range itself it is clear."""
        level = "critical" if self.policy.level is Level.CRITICAL else "warning"
        if self.level == "ok":
            if self._ranged(self._is_outside, self.policy.sustained_for):
                self.level = level
                return "fired"
            return None
        if self._ranged(self._is_inside, self.policy.clear_for):
            self.level = "ok"
            return "resolved"
        return None

    def _ranged(self, holds: Callable[[int, Decimal], bool], span: timedelta) -> bool:
        known = takewhile(lambda pair: pair[1] is not None and holds(pair[0], pair[1]), self._newest_values())
        lasting = [at for at, _ in known]
        return bool(lasting) and lasting[0] - lasting[-1] >= span / timedelta(microseconds=1)

    def _is_outside(self, at: int, value: Decimal) -> bool:
        if (known := self.ranges[at]) is None:
            return False
        least, greatest = known
        margin = Decimal(repr(self.policy.beyond)) * (greatest - least)
        return value < least - margin or value > greatest + margin

    def _is_inside(self, at: int, value: Decimal) -> bool:
        known = self.ranges[at]
        return known is not None and known[0] <= value <= known[1]

    def _range(self, at: int) -> tuple[Decimal, Decimal] | None:
        """Of the last `days`, without the six hours before the hour of *at*; at least half of them have reports."""
        last = at - at % HOUR - 6 * HOUR
        days = self.policy.days or 0
        first = last - days * 24 * HOUR
        held = [(each.at, each.value) for each in self.host.reports if first <= each.at < last]
        values = [Decimal(repr(value)) for _, value in held if value is not None]
        if 2 * len({then // HOUR for then, value in held if value is not None}) < days * 24:
            return None
        return min(values), max(values)

    def _breached(self, threshold: float | None) -> bool:
        """Every sample over a span of at least `sustained_for` is at or beyond the threshold."""
        if threshold is None:
            return False
        limit = Decimal(repr(threshold))
        return self._lasted(lambda value: value == limit or self._beyond(value, limit), self.policy.sustained_for)

    def _cleared(self, threshold: float | None) -> bool:
        """The value has stayed strictly on the good side of the threshold and its margin for `clear_for`."""
        margin = Decimal(repr(self.policy.clear_margin))
        limit = Decimal(repr(threshold))
        limit = limit - margin if self.policy.direction is Direction.ABOVE else limit + margin
        return self._lasted(lambda value: self._beyond(limit, value), self.policy.clear_for)

    def _lasted(self, holds: Callable[[Decimal], bool], span: timedelta) -> bool:
        known = takewhile(lambda pair: pair[1] is not None and holds(pair[1]), self._newest_values())
        lasting = [at for at, _ in known]
        return bool(lasting) and lasting[0] - lasting[-1] >= span / timedelta(microseconds=1)

    def _beyond(self, value: Decimal, other: Decimal) -> bool:
        return value > other if self.policy.direction is Direction.ABOVE else value < other

    def _forecast(self, at: int) -> Decimal | None:
        """What the least-squares line reaches within `within`, counted from the start of these ten minutes.

        It goes through the averages of all ten minutes of `over` before that have reports; at least half have to. The
        averages and the result are rounded to six decimals.
        """
        start = at - at % TEN_MINUTES
        spans = self.policy.over or timedelta(), self.policy.within or timedelta()
        over, within = (round(span / timedelta(minutes=10)) for span in spans)
        points: list[tuple[Fraction, Fraction]] = []
        for place in range(-over, 0):
            begin = start + place * TEN_MINUTES
            values = [each.value for each in self.host.reports if begin <= each.at < begin + TEN_MINUTES]
            exact = [Fraction(repr(value)) for value in values if value is not None]
            if exact:
                points.append((place + Fraction(1, 2), round(sum(exact, _NONE) / len(exact), 6)))
        if 2 * len(points) < over:
            return None
        n, x, y = len(points), sum((x for x, _ in points), _NONE), sum((y for _, y in points), _NONE)
        products, squares = sum((x * y for x, y in points), _NONE), sum((x * x for x, _ in points), _NONE)
        slope = (n * products - x * y) / (n * squares - x * x)
        now = (y - slope * x) / n
        reached = [round(value, 6) for value in (now, now + slope * within)]
        furthest = max(reached) if self.policy.direction is Direction.ABOVE else min(reached)
        return Decimal(furthest.numerator) / Decimal(furthest.denominator)

    def _newest_values(self) -> list[tuple[int, Decimal | None]]:
        """Back to the last gap of more than three intervals, the newest first."""
        found: list[tuple[int, Decimal | None]] = []
        for report in reversed(self.judged):
            if found and found[-1][0] - report.at > self.gaps[found[-1][0]]:
                break
            found.append((report.at, self.compared[report.at]))
        return found
