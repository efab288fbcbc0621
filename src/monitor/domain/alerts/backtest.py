"""Count the alerts that a policy, and its neighbours with other thresholds, would have caused in stored history."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

from monitor.domain.alerts.engine import Change, Event, Rule, State, rule_of
from monitor.domain.alerts.fold import Course, Fold, course_of
from monitor.domain.alerts.offline import OfflinePeriod, offline_periods, seconds_without_report
from monitor.domain.alerts.policies import DEFAULT_CLEAR_MARGIN, OFFLINE, Policy, checked_policy
from monitor.domain.errors import InvalidInput
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import DECLARED, Frame
from monitor.domain.intake.intervals import TIMES_NEEDED, Intervals
from monitor.domain.intake.metrics import bounds, is_percent
from monitor.domain.levels import Level
from monitor.domain.times import SECOND, moment

LISTED = 1000


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    warning: float | None
    critical: float | None
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """*episodes*: alerts that fired within the window. *already_firing*: one fired before it, and is not among them."""

    episodes: list[Episode]
    already_firing: bool = False


class Past:
    """History of one server from some time before a window's *start* to *now* (both in microseconds).

    The part before the window shows which alerts fire when it begins, and how often the host reports.
    """

    def __init__(self, server_id: ServerId, frame: Frame, start: int, now: int, offline_after: timedelta) -> None:
        self._server_id = server_id
        self._frame = frame
        self._start, self._now = start, now
        self._offline_after = offline_after
        self._first = bisect_left(frame.times, start)
        self._intervals = Intervals(frame.times, frame.column(DECLARED))
        self._courses: dict[str, tuple[Course, Course]] = {}

    def knows_the_start_of(self, policy: Policy) -> bool:
        """Tell whether the history is long enough to know what fires when the window begins."""
        if policy.metric == OFFLINE:
            return self._first >= TIMES_NEEDED
        return self._first > 0 and _is_sure(rule_of(policy), self._parts(policy.metric)[0])

    def backtest(self, policy: Policy) -> Found:
        """Find the alerts of *policy*."""
        return self._offline() if policy.metric == OFFLINE else self._of_metric(policy)

    def _parts(self, metric: str) -> tuple[Course, Course]:
        """The course of *metric* before the window, and within it."""
        if metric not in self._courses:
            course = course_of(self._intervals, self._frame.column(metric))
            self._courses[metric] = course.part(0, self._first), course.part(self._first)
        return self._courses[metric]

    def _of_metric(self, policy: Policy) -> Found:
        before, within = self._parts(policy.metric)
        fold = Fold(rule_of(policy))
        fold.skip(before)
        already_firing = bool(fold.level)
        episodes = [
            Episode(
                server_id=self._server_id,
                level=max(event.level for event in firing.events),
                fired_at=firing.events[0].at,
                ended_at=firing.events[-1].at if firing.is_over else None,
                value=fold.worst,
                events=tuple(firing.events),
            )
            for firing in fold.firings(within)
            if firing.started_at is not None
        ]
        return Found(episodes=episodes, already_firing=already_firing)

    def _offline(self) -> Found:
        first, times = max(0, self._first - 1), self._frame.times
        found = [*offline_periods([*times[first:], self._now], self._intervals, self._offline_after, first)]
        episodes = [
            Episode(
                server_id=self._server_id,
                level=Level.CRITICAL,
                fired_at=period.offline_at,
                ended_at=period.until if period.last_report < times[-1] else None,
                value=seconds_without_report(moment(period.last_report), moment(period.until)),
                events=_offline_events(period, is_over=period.last_report < times[-1]),
            )
            for period in found
            if period.offline_at >= self._start
        ]
        return Found(episodes=episodes, already_firing=len(episodes) < len(found))


def _offline_events(period: OfflinePeriod, *, is_over: bool) -> tuple[Event, ...]:
    moments = ((Change.FIRED, period.offline_at), (Change.RESOLVED, period.until))
    found = [Event(change, Level.CRITICAL, at, (at - period.last_report) / SECOND) for change, at in moments]
    return tuple(found if is_over else found[:1])


def _is_sure(rule: Rule, before: Course) -> bool:
    """Tell whether the level at the end of *before* does not depend on the level at its start.

    A lower start never ends at a higher level than a higher start. So it is enough to try the lowest and the highest.
    """
    known = before.part(TIMES_NEEDED - 1)  # the interval of earlier samples is not known
    if not known.times or known.times[-1] - known.times[0] <= max(rule.sustained_for, rule.clear_for):
        return False
    lowest, highest = Fold(rule), Fold(rule, State(Level.CRITICAL))
    for fold in (lowest, highest):
        fold.skip(known)
    return lowest.level is highest.level


def per_day(found: Iterable[Episode]) -> list[tuple[str, int]]:
    """Return (UTC date, number of alerts that fired), oldest first, without days that have none."""
    counts = Counter(f"{moment(episode.fired_at):%Y-%m-%d}" for episode in found)
    return sorted(counts.items())


def firing_seconds(found: Iterable[Episode], until: int) -> float:
    return sum((episode.ended_at or until) - episode.fired_at for episode in found) / SECOND


SHIFTS = (-10, -5, -3, -2, -1, 0, 1, 2, 3, 5, 10)
"""Number of steps by which both thresholds are moved."""


def neighbours(policy: Policy, seen: tuple[float, float] | None) -> list[Policy]:
    """Return policies with both thresholds moved a little, and *policy* itself once; none for the offline policy.

    *seen*: the least and the greatest value of the tested history, None if it has none. Thresholds stay within the
    range of the metric. If the margin is the default, each neighbour has the default of its own thresholds.
    """
    thresholds = [_exactly(value) for value in (policy.warning, policy.critical) if value is not None]
    if not thresholds:
        return []
    step = Decimal(1) if is_percent(policy.metric) else _step(thresholds, seen)
    found: dict[tuple[float | None, float | None], Policy] = {}
    for shift in SHIFTS:
        moved = _moved(policy, shift * step) if shift else policy
        if moved is not None:
            found.setdefault((moved.warning, moved.critical), moved)
    return list(found.values())


def _step(thresholds: list[Decimal], seen: tuple[float, float] | None) -> Decimal:
    """Return about a hundredth of the range of values and thresholds.

    At most about a twentieth of the smallest threshold, so that ten steps down stay above zero.
    """
    sizes = [abs(threshold) for threshold in thresholds if threshold]
    values = [*thresholds, *map(_exactly, (0.0,) if seen is None else seen)]
    span = max(values) - min(values) or max(sizes, default=Decimal(100))
    return _rounded(min([span / 100, *(size / 20 for size in sizes)]))


def _rounded(size: Decimal) -> Decimal:
    """Return the nearest of 1, 2, 5 and 10 times a power of ten."""
    power = Decimal(1).scaleb(size.adjusted())
    return min((power * n for n in (1, 2, 5, 10)), key=lambda step: abs(step - size))


def _moved(policy: Policy, by: Decimal) -> Policy | None:
    low, high = bounds(policy.metric)
    warning, critical = (
        None if value is None else float(_exactly(value) + by) for value in (policy.warning, policy.critical)
    )
    if not all(low <= value <= high for value in (warning, critical) if value is not None):
        return None
    usual = replace(policy, clear_margin=DEFAULT_CLEAR_MARGIN).clear_margin
    margin = DEFAULT_CLEAR_MARGIN if policy.clear_margin == usual else policy.clear_margin
    try:
        return checked_policy(replace(policy, warning=warning, critical=critical, clear_margin=margin))
    except InvalidInput:  # nothing clears the margin, or both thresholds round to one float
        return None


def _exactly(value: float) -> Decimal:
    """Return the decimal number that *value* is written as, such as 0.1, not the binary fraction nearest to it."""
    return Decimal(repr(value))
