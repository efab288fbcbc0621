"""Disks that fill up, computed in the background from hourly rollups, a few servers at a time."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from monitor.application.fleet.fleet import Fleet
from monitor.application.history.ports import Queries
from monitor.application.history.tiers import contents
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor
from monitor.domain.errors import HistoryUnavailable
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.history.filling import FARTHEST_DAYS, days_until_full, growth_per_day, is_file_system
from monitor.domain.history.frames import concatenated
from monitor.domain.history.rollups import ROLLUP_SPANS, metrics_of, parts_of
from monitor.domain.times import SECOND, microseconds

_HOUR_WIDTH = 3600
_LOOKED_BACK = timedelta(days=7)
_SERVERS_AT_ONCE = 10
_BETWEEN_PASSES = timedelta(minutes=10)
_DAY = 86_400 * SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class FillingDisk:
    """*metric*: `disk` or `disk:` with a path. *value*: newest, in percent. *per_day*: rise in percentage points."""

    server_id: ServerId
    metric: str
    value: float
    per_day: float
    full_at: datetime


Found = tuple[Server, FillingDisk]
SORTS: Mapping[str, Callable[[Found], Any]] = {
    "full": lambda found: found[1].full_at,
    "name": lambda found: found[0].name.casefold(),
    "value": lambda found: found[1].value,
    "rate": lambda found: found[1].per_day,
}


@dataclass(eq=False, slots=True)
class FillingDisks:
    """Result of the last pass over all servers. Reads take no query unless the fleet has just changed."""

    queries: Queries
    fleet: Fleet
    clock: Clock
    _found: dict[ServerId, list[FillingDisk]] = field(default_factory=dict)
    _left: Iterator[Server] = field(default_factory=lambda: iter(()))
    _next: datetime | None = None

    def step(self) -> None:
        """Compute the next few servers. Call it from one thread only."""
        now = self.clock.now()
        for count, server in enumerate(self._left, 1):
            with suppress(HistoryUnavailable):  # what was found before stays
                self._found[server.id] = self._of(server.id, now)
            if count == _SERVERS_AT_ONCE:
                return
        if self._next is None or now >= self._next:
            self._next = now + _BETWEEN_PASSES
            servers = dict(self.fleet.directory.servers)
            self._found = {id_: held for id_, held in self._found.items() if id_ in servers}
            self._left = iter(servers.values())

    def listed(self, actor: Actor, *, within: int = FARTHEST_DAYS, sort: str = "full") -> list[Found]:
        """Return disks of servers the actor may see that are full *within* so many days. Raises StorageUnavailable.

        *sort*: one of SORTS, "-" before it reverses; of equal ones the first full one comes first.
        """
        servers, found, until = self.fleet.visible_to(actor).servers, self._found, self.clock.now() + timedelta(within)
        seen = [(server, disk) for server in servers for disk in found.get(server.id, ()) if disk.full_at <= until]
        seen.sort(key=lambda each: (each[1].full_at, each[0].id, each[1].metric))
        return sorted(seen, key=SORTS[sort.removeprefix("-")], reverse=sort.startswith("-"))

    def _of(self, server_id: ServerId, now: datetime) -> list[FillingDisk]:
        live = self.fleet.live.get(server_id)
        if live is None or live.sample is None:
            return []
        span, since = ROLLUP_SPANS[_HOUR_WIDTH] * SECOND, microseconds(now - _LOOKED_BACK)
        rollups = self.queries.history.rollups(server_id, _HOUR_WIDTH, since // span, microseconds(now) // span + 1)
        hours = concatenated(contents(self.queries, rollups)).between(since, microseconds(now))
        disks = []
        for metric in metrics_of(hours):
            value = live.sample.metric(metric)
            if value is None or not is_file_system(metric, live.sample):
                continue
            n, _, sums, _ = (hours.column(part) for part in parts_of(metric))
            points = [(t / _DAY, s / c) for t, c, s in zip(hours.times, n, sums, strict=True) if c and s is not None]
            per_day = growth_per_day(points)
            days = None if per_day is None else days_until_full(value, per_day)
            if per_day is not None and days is not None:
                full_at = now + timedelta(days=days)
                disks.append(
                    FillingDisk(server_id=server_id, metric=metric, value=value, per_day=per_day, full_at=full_at)
                )
        return disks
