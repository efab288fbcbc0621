"""For how much of their runs checks were up. What was paused, or did not run, does not count."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

from monitor.application.checks.ports import Queries
from monitor.application.fleet.fleet import Fleet
from monitor.application.history import tiers
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import Kind, ServerId
from monitor.domain.history.frames import Frame
from monitor.domain.history.rollups import HALF_DAY, HOUR, folded, parts_of, rolled_up
from monitor.domain.policies.check_policies import UP
from monitor.domain.times import microseconds, moment

DAYS = 30
SPANS = {"24h": 1, "7d": 7, "30d": 30, "90d": 90}
"""Days."""
_NAMES = {HOUR: ("24h", "7d"), HALF_DAY: ("30d", "90d")}
"""By the rollups that they are of: the first begin at a whole hour, the others at noon or midnight (UTC)."""
MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Uptime:
    """*days*: percent of the runs of each day (UTC) that were up, from *first* on, today last; None without runs."""

    first: date
    days: list[float | None]


@dataclass(frozen=True, slots=True)
class ReadUptime:
    queries: Queries
    fleet: Fleet
    clock: Clock

    def __call__(self, actor: Actor, check_id: ServerId) -> Uptime:
        """Raises NotFound, HistoryUnavailable."""
        self.queries.checks.get(actor, check_id)
        today = datetime.combine(self.clock.now().astimezone(UTC).date(), time(), UTC)
        first, end = today - timedelta(days=DAYS - 1), today + timedelta(days=1)
        halves = tiers.half_days(self.queries, actor, check_id, microseconds(first), microseconds(end), [UP])
        found = folded(halves, 2 * HALF_DAY)
        by_day = {moment(at).date(): ups / runs for at, runs, ups in _runs_of(found)}
        days = [by_day.get(first.date() + timedelta(days=day)) for day in range(DAYS)]
        return Uptime(first=first.date(), days=[None if value is None else round(100 * value, 3) for value in days])

    def spans(self, actor: Actor, check_ids: Iterable[ServerId]) -> dict[ServerId, dict[str, float | None]]:
        """Return percent by the name of each of SPANS, of those checks that the actor sees, at most MOST_AT_ONCE.

        Raises HistoryUnavailable.
        """
        visible, now = self.fleet.visible_to(actor), microseconds(self.clock.now())
        wanted = (visible.find(check_id) for check_id in islice(check_ids, MOST_AT_ONCE))
        ids = [check.id for check in wanted if check is not None and check.kind is Kind.CHECK]
        first, end = _since(now, max(SPANS.values())), now // HALF_DAY * HALF_DAY + HALF_DAY
        found = self.queries.samples.frames(ids, moment(first), moment(end), [UP])
        raw = {check_id: rolled_up(frame) for check_id, frame in found.items()}
        shares: dict[ServerId, dict[str, float | None]] = {check_id: {} for check_id in ids}
        for width, names in _NAMES.items():
            start = _since(now, max(SPANS[name] for name in names)) // width * width
            sealed = tiers.sealed_of_many(self.queries, ids, width, start, end, parts_of(UP))
            for check_id in ids:
                runs = [*_runs_of(sealed.get(check_id, Frame())), *_runs_of(folded(raw.get(check_id, Frame()), width))]
                shares[check_id] |= {name: _share(runs, _since(now, SPANS[name])) for name in names}
        return shares


def _since(now: int, days: int) -> int:
    return now - 2 * days * HALF_DAY


def _runs_of(found: Frame) -> Iterable[tuple[int, float, float]]:
    runs, _, ups, _ = (found.column(part) for part in parts_of(UP))
    return [(at, n, up) for at, n, up in zip(found.times, runs, ups, strict=True) if n and up is not None]


def _share(runs: Iterable[tuple[int, float, float]], since: int) -> float | None:
    """Return the percent of the runs from *since* on that were up; None without any."""
    within = [(n, up) for at, n, up in runs if at >= since]
    total = sum(n for n, _ in within)
    return round(100 * sum(up for _, up in within) / total, 3) if total else None
