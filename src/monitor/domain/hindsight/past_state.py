"""What the samples up to a moment of a history say: the state of one server and metric then."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.domain.alerts.alert import EventKind, TimelineEntry
from monitor.domain.alerts.fold import Fold, course_of
from monitor.domain.history.frames import DECLARED, Frame
from monitor.domain.intake.intervals import Intervals
from monitor.domain.policies.policies import Policy
from monitor.domain.policies.series_models import Extremes, model_of
from monitor.domain.times import microseconds, moment


class Phase(StrEnum):
    OK = "ok"
    PENDING = "pending"
    FIRING = "firing"


@dataclass(frozen=True, slots=True, kw_only=True)
class PastState:
    """*value*: that of the last sample, None after a gap.

    *is_pending*, *lasted*: whether, and for how long, all samples were at or beyond a threshold of the policy.
    *last_report_at*: the last sample of all, of whatever metric. *longest_silence*: see `domain.intake.intervals`.
    """

    value: float | None = None
    is_pending: bool = False
    lasted: timedelta = timedelta(0)
    last_report_at: datetime | None = None
    longest_silence: int = 0


def state_at(
    at: datetime,
    frame: Frame,
    metric: str,
    policy: Policy | None,
    since: datetime,
    hours_before: Sequence[Extremes] = (),
) -> PastState:
    """Return what *frame*, the samples up to *at*, says of *metric*.

    *since*: earlier states do not count, because another policy was in force or an alert ended. *hours_before*: the
    hours before *frame* that a kind learns.
    """
    if not frame.times:
        return PastState()
    intervals = Intervals(frame.times, frame.column(DECLARED))
    values = frame.column(metric)
    last, value = next(
        ((t, v) for t, v in zip(reversed(frame.times), reversed(values), strict=True) if v is not None), (0, None)
    )
    state = None
    if policy is not None and value is not None:
        first = bisect_right(frame.times, microseconds(since))
        course = course_of(intervals, values[first:], first)
        if (outlook := model_of(policy, hours_before)) is not None:
            course.sights = outlook.along(frame.times, values)[first:]
        fold = Fold(policy)
        fold.skip(course)
        state = fold.state
    starts = [] if state is None else [each for each in (state.warning_since, state.critical_since) if each is not None]
    return PastState(
        value=value if microseconds(at) - last <= intervals.longest_gap(len(frame) - 1) else None,
        is_pending=state is not None and state.is_pending,
        lasted=moment(last) - moment(min(starts)) if starts else timedelta(0),
        last_report_at=moment(frame.times[-1]),
        longest_silence=intervals.longest_silence(len(frame) - 1),
    )


def was_acknowledged(timeline: Iterable[TimelineEntry], at: datetime) -> bool:
    """True if somebody had acknowledged the alert. An escalation ends that. *timeline*: oldest first."""
    kinds = [entry.event_kind for entry in timeline if entry.at <= at]
    last = [kind for kind in kinds if kind in (EventKind.ACKNOWLEDGED, EventKind.ESCALATED)][-1:]
    return last == [EventKind.ACKNOWLEDGED]
