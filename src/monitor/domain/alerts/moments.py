"""State of a server and metric at a moment of its history, by the engine's fold, and of the alert that fired then."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.domain.alerts.alert import Alert, EventKind, TimelineEntry
from monitor.domain.alerts.engine import State
from monitor.domain.alerts.fold import Fold, course_of
from monitor.domain.history.frames import DECLARED, Frame
from monitor.domain.intake.intervals import Intervals
from monitor.domain.levels import Level
from monitor.domain.policies.policies import Policy
from monitor.domain.policies.series_models import Extremes, model_of
from monitor.domain.times import microseconds, moment

_LEVELS = (EventKind.FIRED, EventKind.ESCALATED, EventKind.DEESCALATED)


class Phase(StrEnum):
    OK = "ok"
    PENDING = "pending"
    FIRING = "firing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the samples up to a moment say. *value*: that of the last sample, None after a gap.

    *is_pending*, *lasted*: whether, and for how long, all samples were at or beyond a threshold of the policy.
    *last_report_at*: the last sample of all, of whatever metric. *longest_silence*: see `domain.intake.intervals`.
    """

    value: float | None = None
    is_pending: bool = False
    lasted: timedelta = timedelta(0)
    last_report_at: datetime | None = None
    longest_silence: int = 0


def seen(
    frame: Frame,
    metric: str,
    policy: Policy | None,
    at: datetime,
    since: datetime,
    hours_before: Sequence[Extremes] = (),
) -> Seen:
    """Return what *frame*, samples up to *at*, says of *metric*.

    *since*: the states before it do not count, because another policy was in force or an alert ended. *hours_before*:
    those before *frame* that a kind learns.
    """
    if not frame.times:
        return Seen()
    intervals = Intervals(frame.times, frame.column(DECLARED))
    longest_gap = intervals.longest_gap(len(frame) - 1)
    values = frame.column(metric)
    held = [(time, value) for time, value in zip(frame.times, values, strict=True) if value is not None]
    value = held[-1][1] if held and microseconds(at) - held[-1][0] <= longest_gap else None
    state: State | None = None
    if policy is not None and held:
        first = bisect_right(frame.times, microseconds(since))
        course = course_of(intervals, values[first:], first)
        if (outlook := model_of(policy, hours_before)) is not None:
            course.sights = outlook.along(frame.times, values)[first:]
        fold = Fold(policy)
        fold.skip(course)
        state = fold.state
    starts = [] if state is None else [each for each in (state.warning_since, state.critical_since) if each is not None]
    return Seen(
        value=value,
        is_pending=state is not None and state.is_pending,
        lasted=moment(held[-1][0]) - moment(min(starts)) if starts else timedelta(0),
        last_report_at=moment(frame.times[-1]),
        longest_silence=intervals.longest_silence(len(frame) - 1),
    )


def was_open(alert: Alert, at: datetime) -> bool:
    return alert.fired_at <= at and (alert.resolved_at is None or at < alert.resolved_at)


def level_at(alert: Alert, timeline: Iterable[TimelineEntry], at: datetime) -> Level:
    """Return the level that *alert* had. *timeline*: oldest first."""
    levels = [entry.level for entry in timeline if entry.event_kind in _LEVELS and entry.at <= at]
    return (levels[-1] if levels else None) or alert.level


def was_acknowledged(timeline: Iterable[TimelineEntry], at: datetime) -> bool:
    """Tell whether somebody had acknowledged the alert. An escalation ends that. *timeline*: oldest first."""
    kinds = [entry.event_kind for entry in timeline if entry.at <= at]
    last = [kind for kind in kinds if kind in (EventKind.ACKNOWLEDGED, EventKind.ESCALATED)][-1:]
    return last == [EventKind.ACKNOWLEDGED]
