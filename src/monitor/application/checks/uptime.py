"""For how much of each day a check was up."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from monitor.application.checks.ports import Queries
from monitor.application.history import tiers
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.rollups import HALF_DAY, folded, parts_of
from monitor.domain.policies.check_policies import UP
from monitor.domain.times import microseconds, moment

DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Uptime:
    """*days*: percent of the runs of each day (UTC) that were up, from *first* on, today last; None without runs."""

    first: date
    days: list[float | None]


@dataclass(frozen=True, slots=True)
class ReadUptime:
    queries: Queries
    clock: Clock

    def __call__(self, actor: Actor, check_id: ServerId) -> Uptime:
        """Raises NotFound, HistoryUnavailable."""
        self.queries.checks.get(actor, check_id)
        today = datetime.combine(self.clock.now().astimezone(UTC).date(), time(), UTC)
        first, end = today - timedelta(days=DAYS - 1), today + timedelta(days=1)
        halves = tiers.half_days(self.queries, actor, check_id, microseconds(first), microseconds(end), [UP])
        found = folded(halves, 2 * HALF_DAY)
        counts, _, sums, _ = (found.column(part) for part in parts_of(UP))
        by_day = {
            moment(at).date(): ups / runs
            for at, runs, ups in zip(found.times, counts, sums, strict=True)
            if runs and ups is not None
        }
        days = [by_day.get(first.date() + timedelta(days=day)) for day in range(DAYS)]
        return Uptime(first=first.date(), days=[None if value is None else round(100 * value, 3) for value in days])
