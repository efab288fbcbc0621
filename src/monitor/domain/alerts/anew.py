"""Evaluate stored samples anew, and compare the alerts that they give with those that were recorded."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.domain.alerts.alert import Alert, EventKind, TimelineEntry, fired, timeline_entry
from monitor.domain.alerts.engine import State
from monitor.domain.alerts.fold import Fold, course_of
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import DECLARED, Frame
from monitor.domain.intake.intervals import TIMES_NEEDED, Intervals
from monitor.domain.levels import Level
from monitor.domain.policies.comparing import Change, Event
from monitor.domain.policies.policies import Policy, WatchKey
from monitor.domain.policies.series_models import SeriesModel, model_of
from monitor.domain.times import microseconds, moment

_MARGIN = timedelta(hours=3)
_LEVELS = (EventKind.FIRED, EventKind.ESCALATED, EventKind.DEESCALATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAlert:
    """Alert that stored samples give. Its id is 0 until stored; *timeline* holds the events since it was stored."""

    alert: Alert
    timeline: tuple[TimelineEntry, ...] = ()

    def changed(self, event: Event, policy: Policy) -> "FoundAlert":
        limit = policy.threshold(event.level) if event.threshold is None else event.threshold
        alert = self.alert.changed(event, limit)
        return FoundAlert(alert=alert, timeline=(*self.timeline, timeline_entry(alert.id, event)))

    def peaked(self, state: State) -> "FoundAlert":
        return replace(self, alert=self.alert.peaked(state.worst, state.worst_at))


def found_alert(server_id: ServerId, policy: Policy, event: Event, started_at: int) -> FoundAlert:
    """Return the alert that begins with *event*. *started_at*: microseconds."""
    alert = fired(server_id, policy, event, started_at=moment(started_at))
    return FoundAlert(alert=alert, timeline=(timeline_entry(alert.id, event),))


class AlertFold:
    """Run stored samples of one server through one *policy*, and keep the alerts that they give.

    *firing*: the alert that fires; None if none does. *ended*: those that have ended, in order. At first, *state* and
    *firing* are those before the samples, and *outlook* is what a forecast or range knows of the samples before.
    """

    def __init__(
        self,
        server_id: ServerId,
        policy: Policy,
        state: State | None = None,
        firing: FoundAlert | None = None,
        outlook: SeriesModel | None = None,
    ) -> None:
        self.policy = policy
        self.firing = firing
        self.ended: list[FoundAlert] = []
        self._server_id = server_id
        self._fold = Fold(policy, state)
        self._outlook = outlook or model_of(policy)

    @property
    def state(self) -> State | None:
        """The state after the last sample; None if it is idle."""
        return self._fold.state

    @property
    def level(self) -> Level:
        return self._fold.level

    @property
    def alerts(self) -> list[FoundAlert]:
        """All alerts, in order."""
        return [*self.ended, *([] if self.firing is None else [self.firing])]

    def see(self, intervals: Intervals, values: Sequence[float | None], first: int) -> None:
        """Evaluate *values*, which belong to the samples of *intervals* from the place *first* on."""
        fold, outlook = self._fold, self._outlook
        if outlook is None and not fold.may_matter(values):
            return
        course = course_of(intervals, values, first, None if fold.state is None else fold.state.seen)
        if outlook is not None:
            course.sights = outlook.along(course.times, values)
        for event in fold.feed(course):
            self._change(event)
        if self.firing is not None and fold.state is not None:
            self.firing = self.firing.peaked(fold.state)
            if outlook is not None:
                at = outlook.prediction.expected(outlook.policy, self.firing.alert.level)
                alert = replace(self.firing.alert, expected_at=None if at is None else moment(at))
                self.firing = replace(self.firing, alert=alert)

    def _change(self, event: Event) -> None:
        """Apply *event*, which has just changed the state."""
        state = self._fold.state or State()
        if self.firing is None:
            self.firing = found_alert(self._server_id, self.policy, event, state.breached_since(event))
        else:
            self.firing = self.firing.changed(event, self.policy)
        if event.change is Change.RESOLVED:
            self.ended.append(self.firing.peaked(state))
            self.firing = None


class ServerFold:
    """Run stored samples of one server, in order of time, through several policies.

    *times* (microseconds), *declared* (seconds): of the last samples before, and the interval that they declared last.
    """

    def __init__(
        self, folds: Mapping[WatchKey, AlertFold], times: Sequence[int] = (), declared: float | None = None
    ) -> None:
        self.folds = folds
        self.times = times
        self.declared = declared

    def see(self, frame: Frame) -> None:
        if not frame.times:
            return
        intervals, first = self.intervals(frame), len(self.times)
        for fold in self.folds.values():
            fold.see(intervals, frame.column(fold.policy.metric), first)
        self.times, self.declared = intervals.times[-TIMES_NEEDED:], intervals.declared[-1]

    def intervals(self, frame: Frame) -> Intervals:
        """Return the intervals of the last samples before, and of those of *frame*."""
        declared = [*[self.declared] * len(self.times), *frame.column(DECLARED)]
        return Intervals([*self.times, *frame.times], declared)


class Difference(NamedTuple):
    """Alert that was *recorded* and what was *found* instead. Either may be absent, not both."""

    recorded: Alert | None
    found: FoundAlert | None


def looks_back(policies: Iterable[Policy]) -> timedelta:
    """Return how much before a sample belongs to the state of *policies* at it, if it is known what fired then."""
    spans = [max(policy.sustained_for, policy.clear_for) for policy in policies]
    return max(spans, default=timedelta(0)) + _MARGIN


def was_open(alert: Alert, at: datetime) -> bool:
    return alert.fired_at <= at and (alert.resolved_at is None or at < alert.resolved_at)


def level_at(alert: Alert, timeline: Iterable[TimelineEntry], at: datetime) -> Level:
    """Return the level that *alert* had. *timeline*: oldest first."""
    levels = [entry.level for entry in timeline if entry.event_kind in _LEVELS and entry.at <= at]
    return (levels[-1] if levels else None) or alert.level


def firing_at(start: datetime, alert: Alert, timeline: Iterable[TimelineEntry]) -> tuple[State, FoundAlert]:
    """Return the state at the *start* of a history at which *alert* fired, without runs, and the alert as it was then.

    *timeline*: of the alert, oldest first.
    """
    before = [entry for entry in timeline if entry.at <= start]
    level = level_at(alert, before, start)
    begun = Alert(
        id=alert.id,
        server_id=alert.server_id,
        policy_id=alert.policy_id,
        metric=alert.metric,
        kind=alert.kind,
        level=level,
        value=alert.value,
        threshold=alert.threshold,
        started_at=alert.started_at,
        fired_at=alert.fired_at,
        peak_level=max([level, *(entry.level for entry in before if entry.level is not None)]),
        peak_value=alert.peak_value,
        peak_at=alert.peak_at,
    )
    is_known = alert.peak_at < start
    worst, worst_at = (alert.peak_value, microseconds(alert.peak_at)) if is_known else (None, None)
    return State(level, worst=worst, worst_at=worst_at), FoundAlert(alert=begun)


def differences(recorded: Sequence[Alert], found: Sequence[FoundAlert]) -> list[Difference]:
    """Pair what belongs together, and return all in which anything differs.

    An alert that went on from before the history has its id. Of the others an open one belongs to an open one, and else
    the first to the first at the same time.
    """
    left = list(recorded)
    pairs: dict[int, Difference] = {}
    same: tuple[Callable[[Alert, Alert], bool], ...] = (
        lambda alert, new: alert.id == new.id,
        lambda alert, new: alert.is_open and new.is_open,
        _overlap,
    )
    for is_same in same:
        for place, each in enumerate(found):
            if place in pairs:
                continue
            alert = next((other for other in left if is_same(other, each.alert)), None)
            if alert is not None:
                left.remove(alert)
                pairs[place] = Difference(alert, each)
    every = [pairs.get(place, Difference(None, each)) for place, each in enumerate(found)]
    every += [Difference(alert, None) for alert in left]
    return [
        Difference(alert, each)
        for alert, each in every
        if alert is None or each is None or _facts(alert) != _facts(each.alert)
    ]


def _overlap(alert: Alert, other: Alert) -> bool:
    return _begins_within(alert, other) or _begins_within(other, alert)


def _begins_within(alert: Alert, other: Alert) -> bool:
    return other.fired_at <= alert.fired_at and (other.resolved_at is None or alert.fired_at <= other.resolved_at)


def overlaps_any(alert: Alert, others: Iterable[Alert]) -> bool:
    return any(_overlap(alert, other) for other in others)


def _facts(alert: Alert) -> tuple[object, ...]:
    """What samples alone decide, without the value of an open alert, which is that of its last event."""
    times = alert.started_at, alert.fired_at, alert.resolved_at
    return *times, alert.level, alert.is_open, alert.peak_level, alert.peak_value, alert.peak_at
