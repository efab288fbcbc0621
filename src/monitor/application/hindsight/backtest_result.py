"""Add up what a backtest finds, server after server."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite

from monitor.domain.fleet.servers import ServerId
from monitor.domain.hindsight.comparison import Comparison, VerdictCounts, quietest
from monitor.domain.hindsight.past_hours import Hour
from monitor.domain.hindsight.replayed_alerts import Counts, Found, ReplayedAlert, firing_seconds, per_day
from monitor.domain.history.rollups import HOUR
from monitor.domain.policies.policies import Direction, Policy

LISTED = 1000
MOST_PEAKS = 750


@dataclass(slots=True, kw_only=True)
class Backtest(Counts):
    """Alerts that a policy would have caused.

    *sweep*: the policy itself first, then its neighbours; empty if it has none. *already_firing*: number of alerts that
    fired before the period; of the others only *messages* counts them. *servers*: (server, number of alerts, firing
    seconds) of servers that have any. *alerts*: the newest thousand. *peaks*: (microseconds, value) by hours of the
    worst value of any server. *verdicts*: of the judged alerts of the metric, how many it keeps.
    """

    sweep: list[Comparison]
    already_firing: int = 0
    servers: list[tuple[ServerId, int, float]] = field(default_factory=list)
    alerts: list[ReplayedAlert] = field(default_factory=list)
    peaks: list[tuple[int, float]] = field(default_factory=list)
    verdicts: VerdictCounts = field(default_factory=VerdictCounts)
    _per_day: Counter[str] = field(default_factory=Counter)

    @property
    def firing_seconds(self) -> float:
        return sum(seconds for _, _, seconds in self.servers)

    @property
    def per_day(self) -> list[tuple[str, int]]:
        return sorted(self._per_day.items())

    @property
    def quietest(self) -> int | None:
        """The place in *sweep* of the one with the fewest messages that loses no alert that lasted."""
        return quietest(self.sweep)

    def add(self, server_id: ServerId, found: Sequence[Found], now: int) -> None:
        """Add one server. *found*: of the policy, and of each of its neighbours."""
        own = found[0]
        self.add_counts(own)
        self.already_firing += own.already is not None
        for comparison, each in zip(self.sweep, found, strict=False):
            comparison.add(own, each)
        if own.alerts:
            self.servers.append((server_id, own.total, firing_seconds(own.alerts, now)))
            self._per_day += per_day(own.alerts)
            self.alerts = sorted([*self.alerts, *own.alerts], key=lambda alert: -alert.fired_at)[:LISTED]


class Peaks:
    """The worst values within a window, by spans of some hours."""

    def __init__(self, policy: Policy, start: int, now: int) -> None:
        self._first = start - start % HOUR
        self._is_above = policy.direction is Direction.ABOVE
        self._width = -(-(now - start) // (MOST_PEAKS * HOUR)) * HOUR
        self._worst: dict[int, float] = {}

    def add(self, hours: Sequence[Hour]) -> None:
        worse = max if self._is_above else min
        for hour in hours:
            value = hour.greatest if self._is_above else hour.least
            if hour.begin >= self._first and isfinite(value):
                begin = hour.begin - hour.begin % self._width
                self._worst[begin] = worse(self._worst.get(begin, value), value)

    def found(self) -> list[tuple[int, float]]:
        return sorted(self._worst.items())
