"""Show new forecasts and ranges the stored samples of their window, for many servers at once."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from monitor.application.history.tiers import StoredHistory
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import Frame, merged
from monitor.domain.history.rollups import HOUR
from monitor.domain.policies.policies import Policy
from monitor.domain.policies.series_models import Extremes, SeriesModel, model_of
from monitor.domain.times import MICROSECOND, microseconds, moment


def begun(stored: StoredHistory, server_id: ServerId, policy: Policy, at: int) -> SeriesModel:
    """Return an outlook of *policy* that has seen its window up to the ten minutes, or hour, of *at* (microseconds)."""
    outlook = new_model(policy)
    learn(stored, {server_id: outlook}, *window_of(outlook, at), {})
    return outlook


def up_to(stored: StoredHistory, server_id: ServerId, policy: Policy, newest: datetime | None) -> SeriesModel:
    """Return an outlook of *policy* that has seen everything up to the *newest* sample."""
    if newest is None:
        return begun(stored, server_id, policy, 0)
    at = microseconds(newest)
    outlook = begun(stored, server_id, policy, at)
    frame = stored.frame(server_id, [policy.metric], moment(at - at % outlook.unit), newest + MICROSECOND)
    outlook.along(frame.times, frame.column(policy.metric))
    return outlook


def learn(
    stored: StoredHistory,
    outlooks: Mapping[ServerId, SeriesModel],
    start: int,
    end: int,
    more: Mapping[ServerId, Frame],
) -> None:
    """Show new *outlooks* of one policy their window. *more*: samples that are not stored yet."""
    policy = next(iter(outlooks.values())).policy
    if policy.kind.learns_hours:
        hours = stored.extremes(outlooks.keys(), policy.metric, start, end)
    else:
        frames = stored.frames(outlooks.keys(), [policy.metric], moment(start), moment(end))
    for server_id, outlook in outlooks.items():
        own = more.get(server_id, Frame()).between(start, end)
        if policy.kind.learns_hours:
            outlook.learn_hours(_with(hours[server_id], own, policy.metric))
        else:
            frame = merged(frames[server_id], own)
            outlook.learn(frame.times, frame.column(policy.metric))


def new_model(policy: Policy) -> SeriesModel:
    outlook = model_of(policy)
    if outlook is None:
        raise ValueError("a threshold has no outlook")
    return outlook


def window_of(outlook: SeriesModel, at: int) -> tuple[int, int]:
    """Return start and end of its window in the ten minutes, or hour, of *at* (microseconds)."""
    end = at - at % outlook.unit
    return max(0, end - outlook.window), end


def _with(hours: Iterable[tuple[int, float, float]], more: Frame, metric: str) -> list[Extremes]:
    """Return *hours* with *more* samples, in order of time."""
    own = [
        Extremes(at - at % HOUR, value, value)
        for at, value in zip(more.times, more.column(metric), strict=True)
        if value is not None
    ]
    return sorted([*map(Extremes._make, hours), *own])
