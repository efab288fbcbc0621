"""Add up what a backtest finds, server after server."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from monitor.domain.fleet.servers import ServerId
from monitor.domain.hindsight.comparison import Comparison, Sweep, quietest
from monitor.domain.hindsight.episodes import Episode, Found, firing_seconds, per_day
from monitor.domain.hindsight.neighbours import Neighbour
from monitor.domain.hindsight.past_hours import Hour
from monitor.domain.hindsight.verdicts import NOTHING_JUDGED, VerdictCounts
from monitor.domain.history.rollups import HOUR
from monitor.domain.policies.policies import Direction, Policy

LISTED = 1000
MOST_PEAKS = 750


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """Alerts that a policy would have caused.

    *servers*: (server, number of alerts, firing seconds) of servers that have any. *alerts*: the newest thousand.
    *already_firing*: number of alerts that fired before the period; the other fields leave them out. *reminders*: those
    that nobody's acknowledgement would have stopped. *quietest*: the place in *sweep* of the one with the fewest
    messages that loses no alert that lasted. *peaks*: (microseconds, value) by hours of the worst value of any server.
    *verdicts*: of the judged alerts of the metric, how many it keeps.
    """

    total: int
    already_firing: int
    escalations: int
    reminders: int
    ended_within_hour: int
    firing_seconds: float
    per_day: list[tuple[str, int]]
    servers: list[tuple[ServerId, int, float]]
    alerts: list[Episode]
    sweep: list[Sweep]
    quietest: int | None
    peaks: list[tuple[int, float]]
    verdicts: VerdictCounts = NOTHING_JUDGED


class Sums:
    """Of *policy* and its *neighbours*, the policy itself first; none of the offline policy."""

    def __init__(self, policy: Policy, neighbours: Sequence[Neighbour], start: int, now: int) -> None:
        self._now = now
        self._compared = [Comparison(each) for each in neighbours or [Neighbour(policy, 0)]]
        self._has_sweep = bool(neighbours)
        self._servers: list[tuple[ServerId, int, float]] = []
        self._listed: list[Episode] = []
        self._per_day: Counter[str] = Counter()
        self._already_firing, self._firing_seconds = 0, 0.0
        self._peaks = Peaks(policy, start, now)

    @property
    def policies(self) -> list[Policy]:
        return [each.neighbour.policy for each in self._compared]

    def add(self, server_id: ServerId, found: Sequence[Found], hours: Sequence[Hour]) -> None:
        """Add one server. *found*: of each of `policies`."""
        own = found[0]
        for comparison, each in zip(self._compared, found, strict=True):
            comparison.add(own, each)
        self._already_firing += own.already is not None
        self._peaks.add(hours)
        if own.episodes:
            seconds = firing_seconds(own.episodes, self._now)
            self._servers.append((server_id, own.total, seconds))
            self._per_day += per_day(own.episodes)
            self._listed = sorted([*self._listed, *own.episodes], key=lambda episode: -episode.fired_at)[:LISTED]

    def result(self) -> Backtest:
        own = self._compared[0]
        return Backtest(
            total=own.total,
            already_firing=self._already_firing,
            escalations=own.escalations,
            reminders=own.reminders,
            ended_within_hour=own.ended_within_hour,
            firing_seconds=sum(seconds for _, _, seconds in self._servers),
            per_day=sorted(self._per_day.items()),
            servers=self._servers,
            alerts=self._listed,
            sweep=[each.sweep() for each in self._compared] if self._has_sweep else [],
            quietest=quietest(self._compared) if self._has_sweep else None,
            peaks=self._peaks.found(),
        )


class Peaks:
    """The worst values within a window, by spans of some hours."""

    def __init__(self, policy: Policy, start: int, now: int) -> None:
        self._first = start - start % HOUR
        self._is_above = policy.direction is Direction.ABOVE
        self._width = -(-(now - start) // (MOST_PEAKS * HOUR)) * HOUR
        self._worst: dict[int, float] = {}

    def add(self, hours: Sequence[Hour]) -> None:
        for hour in hours:
            value = hour.greatest if self._is_above else hour.least
            if hour.begin >= self._first and isfinite(value):
                begin = hour.begin - hour.begin % self._width
                held = self._worst.get(begin, value)
                self._worst[begin] = max(held, value) if self._is_above else min(held, value)

    def found(self) -> list[tuple[int, float]]:
        return sorted(self._worst.items())
