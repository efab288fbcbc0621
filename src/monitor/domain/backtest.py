"""How often a policy would have fired: the same engine, folded over stored history."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise

from monitor.domain.alert_engine import (
    LEARNED_FROM,
    SECOND,
    Change,
    Level,
    Rule,
    State,
    edges,
    longest_gap,
    moment,
    next_change,
    observe,
    rule_of,
)
from monitor.domain.liveness import learned_silence, silence_allowed
from monitor.domain.policies import Policy
from monitor.domain.servers import ServerId

History = Sequence[tuple[int, float]]
"""(microseconds since the epoch, value), oldest first."""
LISTED = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One alert it would have been, in microseconds; *ended_at* None: it would still fire."""

    server_id: ServerId
    level: Level
    fired_at: int
    ended_at: int | None
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    warning: float | None
    critical: float | None
    total: int


def episodes(
    policy: Policy,
    server_id: ServerId,
    history: History,
    interval: float | None,
    times: Sequence[int] | None = None,
) -> list[Episode]:
    """*interval*: what the host's agent declares, in seconds, if it does; otherwise it is learned from *times*, those
    of all its samples (None: all are in *history*). *level* and *value*: the worst there were."""
    if times is None and interval is None:
        times = [at for at, _ in history]
    found: list[Episode] = []
    for change, level, at, value in _changes(rule_of(policy), history, interval, times or ()):
        if change is Change.FIRED:
            found.append(Episode(server_id=server_id, level=level, fired_at=at, ended_at=None, value=value))
        elif change is Change.ESCALATED:
            found[-1] = replace(found[-1], level=level, value=value)
        elif change is Change.RESOLVED:
            found[-1] = replace(found[-1], ended_at=at)
    return found


def _changes(
    rule: Rule, history: History, interval: float | None, times: Sequence[int]
) -> Iterable[tuple[Change, Level, int, float]]:
    """Passed over is what changes nothing: idle values below every threshold, and those with which a state merely goes
    on."""
    floor, sign, least = min(rule.warning, rule.critical), rule.sign, longest_gap(interval, ())
    sides = edges(rule)
    state: State | None = None
    seen, side, until = 0, 0, 0.0
    for at, value in history:
        v = value * sign
        if state is None:
            if v < floor:
                continue
            state = State()
        elif at < until and bisect_right(sides, v) == side and at - seen <= least:
            seen = at
            continue
        elif seen != state.seen:
            state = state._replace(seen=seen)
        gap = least
        if interval is None and state.seen is not None and at - seen > least:
            end = bisect_right(times, at)
            recent = times[max(0, end - LEARNED_FROM - 1) : end]
            gap = longest_gap(None, [later - earlier for earlier, later in pairwise(recent)])
        state, event = observe(rule, state, at, value, gap)
        if event is not None:
            yield event.change, event.level, at, value
        if state.is_idle:
            state = None
        else:
            seen, side, until = at, bisect_right(sides, v), next_change(rule, state)


def offline_episodes(
    server_id: ServerId, history: History, interval: float | None, offline_after: timedelta, until: int
) -> list[Episode]:
    """Silences longer than allowed, between the samples there are, and from the last one *until* (microseconds)."""
    found = []
    times = [at for at, _ in history]
    least = _microseconds(silence_allowed(offline_after, interval))
    for index, before in enumerate(times):
        after = times[index + 1] if index + 1 < len(times) else None
        silent = (until if after is None else after) - before
        if silent <= least:
            continue
        allowed = least
        if interval is None:
            allowed = _microseconds(silence_allowed(offline_after, _learned(times[: index + 1])))
        if silent > allowed:
            level, value = Level.CRITICAL, silent / SECOND
            found.append(
                Episode(server_id=server_id, level=level, fired_at=before + allowed, ended_at=after, value=value)
            )
    return found


def _learned(times: Sequence[int]) -> float:
    return learned_silence([moment(at) for at in times[-LEARNED_FROM - 1 :]])


def _microseconds(span: timedelta) -> int:
    return span // timedelta(microseconds=1)


def per_day(found: Iterable[Episode]) -> list[tuple[str, int]]:
    """(UTC date, how many fired on it), oldest first; days without are left out."""
    counts = Counter(f"{moment(episode.fired_at):%Y-%m-%d}" for episode in found)
    return sorted(counts.items())


def firing_seconds(found: Iterable[Episode], until: int) -> float:
    return sum((episode.ended_at or until) - episode.fired_at for episode in found) / SECOND
