"""Find the alerts that policies would have caused in stored history."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import timedelta

from monitor.domain.alerts.engine import State
from monitor.domain.alerts.fold import Course, Fold, course_of
from monitor.domain.alerts.offline import OfflinePeriod, offline_periods, seconds_without_report
from monitor.domain.fleet.servers import ServerId
from monitor.domain.hindsight.past_hours import AT_ONCE, Hour, PastHours, Tail
from monitor.domain.hindsight.replayed_alerts import Found, PolicyReplay
from monitor.domain.history.frames import DECLARED
from monitor.domain.history.rollups import HOUR
from monitor.domain.intake.intervals import TIMES_NEEDED, Intervals
from monitor.domain.levels import Level
from monitor.domain.policies.comparing import Change, Event, Rule
from monitor.domain.policies.policies import OFFLINE, Policy
from monitor.domain.policies.series_models import Extremes, SeriesModel, model_of
from monitor.domain.times import MICROSECOND, moment

_MOST_AHEAD = 24
"""Hours without a breach that are read at once while something fires: it may go on for weeks, or end at once."""


class Past:
    """History of one server from some time before a window's *start* to *now* (both in microseconds).

    The part before the window shows which alerts fire when it begins, and how often the host reports. *hours_before*:
    those before *history* that a kind learns; *history* then begins with a whole hour.
    """

    def __init__(
        self,
        server_id: ServerId,
        history: PastHours,
        start: int,
        now: int,
        offline_after: timedelta,
        reminder_after: timedelta,
        hours_before: Sequence[Extremes] = (),
    ) -> None:
        self._server_id = server_id
        self._history = history
        self._start, self._now = start, now
        self._offline_after = offline_after
        self._reminder_after = reminder_after
        self._hours_before = hours_before

    @property
    def hours(self) -> Sequence[Hour]:
        return self._history.hours

    def unknown(self, policies: Sequence[Policy]) -> list[Policy]:
        """Return the policies whose state at the start of the window is unknown."""
        place = bisect_left(self.hours, self._start, key=lambda hour: hour.begin)
        if policies[0].metric != OFFLINE:  # what `backtest` will ask for comes with what is read here
            matters = self._mattering(policies[0], [policy.rule for policy in policies])
            self._history.expect([n for n, does in enumerate(matters) if does or n < place])
        before = self._history.frame(0, place)
        before = before.part(slice(bisect_left(before.times, self._start)))
        intervals = Intervals(before.times, before.column(DECLARED))
        if policies[0].metric == OFFLINE:
            return [] if len(before) >= TIMES_NEEDED else [*policies]
        course = course_of(intervals, before.column(policies[0].metric))
        if (outlook := model_of(policies[0], self._hours_before)) is not None:
            course.sights = outlook.along(course.times, course.values)
        known = course.part(_first_known(policies[0], course.times))
        return [policy for policy in policies if not _is_sure(policy, known)]

    def backtest(self, policies: Sequence[Policy], *, lists_all: bool = False) -> list[Found]:
        """Count the alerts of *policies*, which differ in thresholds and times alone, and list those of the first."""
        replays = [
            PolicyReplay(policy, self._server_id, self._now, self._reminder_after, keeps=lists_all or not place)
            for place, policy in enumerate(policies)
        ]
        if policies[0].metric == OFFLINE:
            self._find_offline(replays[0])
        else:
            self._find(replays, policies[0])
        for each in replays:
            each.finish()
        return [each.found for each in replays]

    def _find(self, replays: Sequence[PolicyReplay], policy: Policy) -> None:
        has_begun, outlook = False, model_of(policy, self._hours_before)
        for course, offline, skipped_to in self._courses(replays, policy):
            if skipped_to is not None:
                outlook = self._outlook_before(skipped_to, policy)
            if outlook is not None:
                course.sights = outlook.along(course.times, course.values)
            place = bisect_left(course.times, self._start)
            before, within = (course.part(0, place), course.part(place)) if place else (None, course)
            for each in replays:
                if before is not None:
                    each.skip(before)
                if not has_begun and within.times:
                    each.begin(self._start, is_firing=bool(each.fold.level))
                each.see(within, offline)
            has_begun = has_begun or bool(within.times)
        if not has_begun:
            for each in replays:
                each.begin(self._start, is_firing=bool(each.fold.level))

    def _outlook_before(self, place: int, policy: Policy) -> SeriesModel | None:
        """Return the outlook of *policy* at the start of the hour at *place*."""
        outlook = model_of(policy)
        if outlook is not None:
            since = self.hours[place].begin - outlook.window - HOUR
            frame = self._history.frame(bisect_right(self.hours, since, key=lambda hour: hour.begin), place)
            outlook.along(frame.times, frame.column(policy.metric))
        return outlook

    def _courses(
        self, replays: Sequence[PolicyReplay], policy: Policy
    ) -> Iterator[tuple[Course, Sequence[OfflinePeriod], int | None]]:
        """Yield the parts of the history that matter to any of *replays*, the offline periods so far, and the hour at
        which the part begins if hours before it were skipped.

        An hour does not matter if nothing fires or is pending, and no value, or line, reaches any threshold.
        """
        hours, matters = self.hours, self._mattering(policy, [each.fold.rule for each in replays])
        self._history.expect([place for place, does in enumerate(matters) if does])
        first, ahead, tail, seen = 0, 0, Tail(self._history), None
        offline: list[OfflinePeriod] = []
        is_idle = all(each.fold.state is None for each in replays)
        while first < len(hours):
            if is_idle and not matters[first]:
                first += 1
                continue
            ahead = max(1, min(2 * ahead, _MOST_AHEAD)) if tail.end == first else 0
            last = next((n for n in range(first, len(hours)) if not matters[n]), len(hours))
            last = min(last + ahead, first + AT_ONCE, len(hours))
            skipped_to = first if tail.end != first else None
            if skipped_to is not None:
                tail.move(first)
                seen = None  # of what is pending, and nothing is
            frame = self._history.frame(first, last)
            course, intervals = tail.course(frame, last, policy.metric, seen)
            seen = _last_seen(course, seen)
            reports = intervals.times if last < len(hours) else [*intervals.times, self._now]
            known = max(0, len(intervals.times) - len(frame) - 1)
            offline += offline_periods(reports[known:], intervals, self._offline_after, known)
            yield course, offline, skipped_to
            is_idle = all(each.fold.state is None for each in replays)
            first = last

    def _mattering(self, policy: Policy, rules: Sequence[Rule]) -> list[bool]:
        """Return for each hour if it may begin a breach of one of *rules*: of *policy*, and of its variants."""
        floor = min(rule.floor for rule in rules)
        return [not reached < floor for reached in policy.kind.reaches(policy, self.hours)]

    def _find_offline(self, replay: PolicyReplay) -> None:
        frame = self._history.frame(0, len(self.hours))
        intervals = Intervals(frame.times, frame.column(DECLARED))
        first = max(0, bisect_left(frame.times, self._start) - 1)
        for period in offline_periods([*frame.times[first:], self._now], intervals, self._offline_after, first):
            value = seconds_without_report(moment(period.last_report), moment(period.until))
            if period.offline_at >= self._start:
                replay.change(Event(Change.FIRED, Level.CRITICAL, period.offline_at, value))
            else:
                replay.begin(self._start, is_firing=True)
            if period.last_report < frame.times[-1]:
                replay.change(Event(Change.RESOLVED, Level.CRITICAL, period.until, value))


def _last_seen(course: Course, before: int | None) -> int | None:
    """Return the time of the last sample that has the metric; *before*: that of the course before."""
    return course.stretches[-1][4] if course.stretches else before


def may_fire(policy: Policy, values: tuple[float, float] | None) -> bool:
    """True if a value may fire. *values*: the least and the greatest; None: there are none."""
    if values is None:
        return False
    [reached] = policy.kind.reaches(policy, [Hour(0, 1, *values)])
    return not reached < policy.rule.floor


def _is_sure(policy: Policy, known: Course) -> bool:
    """True if the level at the end of *known* does not depend on the level at its start.

    A lower start never ends at a higher level than a higher start. So the lowest and the highest start are enough.
    """
    longest = max(policy.sustained_for, policy.clear_for) // MICROSECOND
    if not known.times or known.times[-1] - known.times[0] <= longest:
        return False
    lowest, highest = Fold(policy), Fold(policy, State(Level.CRITICAL))
    for fold in (lowest, highest):
        fold.skip(known)
    return lowest.level is highest.level


def _first_known(policy: Policy, times: Sequence[int]) -> int:
    """Return the first place at which the host's interval and all that is compared are known."""
    first = TIMES_NEEDED - 1
    if times:
        first = max(first, bisect_left(times, times[0] + policy.kind.lead(policy)))
    return first
