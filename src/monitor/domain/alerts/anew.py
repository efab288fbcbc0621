"""Compare the alerts that were recorded with those that the stored samples give when they are evaluated anew."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.domain.alerts.alert import Alert, TimelineEntry
from monitor.domain.alerts.engine import State
from monitor.domain.alerts.moments import level_at
from monitor.domain.alerts.past_alerts import PastAlert, PastState
from monitor.domain.policies.policies import Policy
from monitor.domain.times import microseconds

_MARGIN = timedelta(hours=3)


class Difference(NamedTuple):
    """Alert that was *recorded* and what was *found* instead. Either may be absent, not both."""

    recorded: Alert | None
    found: PastAlert | None


def looks_back(policies: Iterable[Policy]) -> timedelta:
    """Return how much before a sample belongs to the state of *policies* at it, if it is known what fired then."""
    spans = [max(policy.sustained_for, policy.clear_for) for policy in policies]
    return max(spans, default=timedelta(0)) + _MARGIN


def firing_at(start: datetime, alert: Alert, timeline: Iterable[TimelineEntry]) -> PastState:
    """Return the state of a series whose *alert* fired at the *start* of a history. No run is known.

    *timeline*: of the alert, oldest first.
    """
    before = [entry for entry in timeline if entry.at <= start]
    level = level_at(alert, before, start)
    peak_level = max([level, *(entry.level for entry in before if entry.level is not None)])
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
        peak_level=peak_level,
        peak_value=alert.peak_value,
        peak_at=alert.peak_at,
    )
    is_known = alert.peak_at < start
    worst, worst_at = (alert.peak_value, microseconds(alert.peak_at)) if is_known else (None, None)
    return PastState(state=State(level, worst=worst, worst_at=worst_at), past=PastAlert(alert=begun))


def differences(recorded: Sequence[Alert], found: Sequence[PastAlert]) -> list[Difference]:
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
        for place, past in enumerate(found):
            if place in pairs:
                continue
            alert = next((each for each in left if is_same(each, past.alert)), None)
            if alert is not None:
                left.remove(alert)
                pairs[place] = Difference(alert, past)
    every = [pairs.get(place, Difference(None, past)) for place, past in enumerate(found)]
    every += [Difference(alert, None) for alert in left]
    return [each for each in every if each.recorded is None or each.found is None or _differ(each.recorded, each.found)]


def _overlap(alert: Alert, other: Alert) -> bool:
    return _begins_within(alert, other) or _begins_within(other, alert)


def _begins_within(alert: Alert, other: Alert) -> bool:
    return other.fired_at <= alert.fired_at and (other.resolved_at is None or alert.fired_at <= other.resolved_at)


def overlaps_any(alert: Alert, others: Iterable[Alert]) -> bool:
    return any(_overlap(alert, other) for other in others)


def _differ(alert: Alert, past: PastAlert) -> bool:
    return _facts(alert) != _facts(past.alert)


def _facts(alert: Alert) -> tuple[object, ...]:
    """What samples alone decide, without the value of an open alert, which is that of its last event."""
    times = alert.started_at, alert.fired_at, alert.resolved_at
    return *times, alert.level, alert.is_open, alert.peak_level, alert.peak_value, alert.peak_at
