"""Alerts, with their timelines, that stored history would have caused by all policies of a server.

A backtest only counts alerts, and those of one policy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from monitor.domain.alerts.alert import Alert, TimelineEntry, fired, timeline_entry
from monitor.domain.alerts.engine import State
from monitor.domain.alerts.fold import Fold, course_of
from monitor.domain.alerts.offline import OfflinePeriod, is_offline, offline_periods, seconds_without_report
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import DECLARED, Frame
from monitor.domain.intake.intervals import TIMES_NEEDED, Intervals, longest_silence
from monitor.domain.levels import Level
from monitor.domain.policies.comparing import Change, Event
from monitor.domain.policies.policies import OFFLINE, Policy, WatchKey
from monitor.domain.policies.series_models import Prediction, SeriesModel, model_of
from monitor.domain.times import MICROSECOND, microseconds, moment


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAlert:
    """Alert of a history. Its id is 0 until stored; *timeline* holds the events since it was stored."""

    alert: Alert
    timeline: tuple[TimelineEntry, ...] = ()

    def changed(self, event: Event, policy: Policy) -> "PastAlert":
        limit = policy.threshold(event.level) if event.threshold is None else event.threshold
        alert = self.alert.changed(event, limit)
        return PastAlert(alert=alert, timeline=(*self.timeline, timeline_entry(alert.id, event)))

    def peaked(self, state: State | None) -> "PastAlert":
        return self if state is None else replace(self, alert=self.alert.peaked(state.worst, state.worst_at))

    def expected(self, outlook: SeriesModel | None) -> "PastAlert":
        if outlook is None:
            return self
        at = outlook.prediction.expected(outlook.policy, self.alert.level)
        return replace(self, alert=replace(self.alert, expected_at=None if at is None else moment(at)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PastState:
    """State of a pending metric, or of a firing one with its alert *past*."""

    state: State
    past: PastAlert | None = None


@dataclass(slots=True)
class Watcher:
    """Compare samples of one server, in order of time, with its *policies* (by what they watch).

    Results of the history before: *states* and *outlooks* (by what is watched), when its last report was received, the
    *times* of its last samples (microseconds), and the interval last *declared* (seconds).
    """

    server_id: ServerId
    policies: Mapping[WatchKey, Policy]
    offline_after: timedelta
    states: dict[WatchKey, PastState] = field(default_factory=dict)
    outlooks: dict[WatchKey, SeriesModel] = field(default_factory=dict)
    last_report_at: datetime | None = None
    times: Sequence[int] = ()
    declared: float | None = None
    closed: list[PastAlert] = field(default_factory=list)
    _folds: dict[WatchKey, Fold] = field(init=False)

    def __post_init__(self) -> None:
        self._folds = {key: Fold(policy) for key, policy in self.policies.items() if key != OFFLINE}
        for key, held in self.states.items():
            self._folds[key].state = held.state
        for key, policy in self.policies.items():
            if key not in self.outlooks and (outlook := model_of(policy)) is not None:
                self.outlooks[key] = outlook

    def see(self, frame: Frame, late: timedelta) -> None:
        """Evaluate samples, each received *late* after it was recorded."""
        if not frame.times:
            return
        first = len(self.times)
        intervals = Intervals([*self.times, *frame.times], [*[self.declared] * first, *frame.column(DECLARED)])
        self._add_offline_alerts(intervals, first, late)
        for key, fold in self._folds.items():
            values = frame.column(self.policies[key].metric)
            if (outlook := self.outlooks.get(key)) is not None:
                self._evaluate(key, fold, intervals, values, outlook.along(frame.times, values))
            elif fold.may_matter(values):
                self._evaluate(key, fold, intervals, values)
        self.times, self.declared = intervals.times[-TIMES_NEEDED:], intervals.declared[-1]
        self.last_report_at = moment(frame.times[-1]) + late

    def is_offline(self, now: datetime) -> bool:
        """Tell whether the last report was longer ago than allowed."""
        return self.last_report_at is not None and is_offline(
            last_report_at=self.last_report_at,
            now=now,
            offline_after=self.offline_after,
            longest_silence=longest_silence(self.declared, self.times),
        )

    def _evaluate(
        self,
        key: WatchKey,
        fold: Fold,
        intervals: Intervals,
        values: Sequence[float | None],
        sights: Sequence[Prediction] | None = None,
    ) -> None:
        policy, before = self.policies[key], self.states.pop(key, None)
        past = None if before is None else before.past
        seen = None if fold.state is None else fold.state.seen
        course = course_of(intervals, values, len(self.times), seen)
        course.sights = sights
        for events, started_at in fold.firings(course):
            for event in events:
                past = past.changed(event, policy) if past else self._fired(policy, event, started_at or event.at)
            if past and not past.alert.is_open:
                self.closed.append(past.peaked(fold.state))
                past = None
        if fold.state is not None:
            past = past and past.peaked(fold.state).expected(self.outlooks.get(key))
            self.states[key] = PastState(state=fold.state, past=past)

    def _fired(self, policy: Policy, event: Event, started_at: int) -> PastAlert:
        alert = fired(self.server_id, policy, event, started_at=moment(started_at))
        return PastAlert(alert=alert, timeline=(timeline_entry(alert.id, event),))

    def _add_offline_alerts(self, intervals: Intervals, first: int, late: timedelta) -> None:
        """Add an alert for each time offline that ended with a sample from the place *first* on."""
        policy = self.policies.get(OFFLINE)
        if policy is None:
            return
        reports = [at + late // MICROSECOND for at in intervals.times[first:]]
        if first and self.last_report_at is not None:
            reports.insert(0, microseconds(self.last_report_at))
            first -= 1
        for period in offline_periods(reports, intervals, self.offline_after, first):
            self.closed.append(self._offline_alert(policy, period))

    def _offline_alert(self, policy: Policy, period: OfflinePeriod) -> PastAlert:
        since = moment(period.last_report)
        begin, end = (
            Event(change, Level.CRITICAL, at, seconds_without_report(since, moment(at)))
            for change, at in ((Change.FIRED, period.offline_at), (Change.RESOLVED, period.until))
        )
        return self._fired(policy, begin, period.last_report).changed(end, policy)
