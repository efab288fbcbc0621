"""How often a policy would have fired: the same engine, folded over stored history."""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise

from monitor.domain.alert_engine import (
    LEARNED_FROM,
    Change,
    Level,
    Rule,
    State,
    longest_gap,
    moment,
    observe,
    rule_of,
)
from monitor.domain.liveness import silence_allowed
from monitor.domain.policies import OFFLINE, Policy
from monitor.domain.servers import ServerId

History = Sequence[tuple[int, float]]
"""(microseconds since the epoch, value), oldest first."""
SWEEP = (-10, -5, -3, -2, -1, 0, 1, 2, 3, 5, 10)
"""Neighbouring thresholds: points for a percentage, percent of the threshold for anything larger."""
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


def episodes(policy: Policy, server_id: ServerId, history: History, interval: float | None) -> list[Episode]:
    """*interval*: what the host's agent declares, in seconds, if it does. *level* and *value*: the worst there were."""
    rule = rule_of(policy)
    found: list[Episode] = []
    for change, level, at, value in _changes(rule, history, interval):
        if change is Change.FIRED:
            found.append(Episode(server_id=server_id, level=level, fired_at=at, ended_at=None, value=value))
        elif change is Change.ESCALATED:
            found[-1] = replace(found[-1], level=level, value=value)
        elif change is Change.RESOLVED:
            found[-1] = replace(found[-1], ended_at=at)
    return found


def _changes(rule: Rule, history: History, interval: float | None) -> Iterable[tuple[Change, Level, int, float]]:
    """What is idle and stays below *floor* is passed over: nothing begins there."""
    floor, sign, least = min(rule.warning, rule.critical), rule.sign, longest_gap(interval, ())
    recent: deque[int] = deque(maxlen=LEARNED_FROM + 1)
    state: State | None = None
    for at, value in history:
        recent.append(at)
        if state is None:
            if value * sign < floor:
                continue
            state = State()
        gap = least
        if interval is None and state.seen is not None and at - state.seen > least:
            gap = longest_gap(None, [b - a for a, b in pairwise(recent)])
        state, event = observe(rule, state, at, value, gap)
        if event is not None:
            yield event.change, event.level, at, value
        if not state.level and not state.is_pending:
            state = None


def offline_episodes(
    server_id: ServerId, history: History, interval: float | None, offline_after: timedelta
) -> list[Episode]:
    """Silences longer than allowed, between the samples there are."""
    allowed = silence_allowed(offline_after, interval) // timedelta(microseconds=1)
    return [
        Episode(
            server_id=server_id,
            level=Level.CRITICAL,
            fired_at=before + allowed,
            ended_at=after,
            value=(after - before) / 1_000_000,
        )
        for (before, _), (after, _) in pairwise(history)
        if after - before > allowed
    ]


def neighbours(policy: Policy) -> list[Policy]:
    """The same policy with both thresholds moved a little either way; what makes no sense is left out."""
    if policy.metric == OFFLINE:
        return []
    largest = max(abs(value) for value in (policy.warning, policy.critical) if value is not None)
    step = 1.0 if largest <= 100 else largest / 100
    return [_moved(policy, shift * step) for shift in SWEEP]


def _moved(policy: Policy, by: float) -> Policy:
    return replace(
        policy,
        warning=None if policy.warning is None else round(policy.warning + by, 6),
        critical=None if policy.critical is None else round(policy.critical + by, 6),
    )


def per_day(found: Iterable[Episode]) -> list[tuple[str, int]]:
    """(UTC date, how many fired on it), oldest first; days without are left out."""
    counts = Counter(f"{moment(episode.fired_at):%Y-%m-%d}" for episode in found)
    return sorted(counts.items())


def firing_seconds(found: Iterable[Episode], until: int) -> float:
    return sum((episode.ended_at or until) - episode.fired_at for episode in found) / 1_000_000
