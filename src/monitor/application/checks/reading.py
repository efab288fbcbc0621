"""What people read of check-ins and their pings, and for how much of each day a check was up."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

from monitor.application.checks.ports import Queries
from monitor.application.fleet.fleet import Fleet
from monitor.application.history import tiers
from monitor.application.ports import Clock
from monitor.application.transactions import chunks
from monitor.domain.accounts.actors import Actor
from monitor.domain.checks.check_ins import CheckIn, CheckInState, Ping
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import Kind, Server, ServerId
from monitor.domain.history.frames import Frame
from monitor.domain.history.rollups import HALF_DAY, HOUR, folded, parts_of, rolled_up
from monitor.domain.policies.check_policies import UP
from monitor.domain.times import microseconds, moment

AT_ONCE = 500
DAYS = 30
SPANS = {HOUR: {"24h": 1, "7d": 7}, HALF_DAY: {"30d": 30, "90d": 90}}
"""Days, by the rollups that they are of: the first begin at a whole hour, the others at noon or midnight (UTC)."""
MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInFilter:
    """Conditions, all of which must hold. *text*: in the name, in any case. *after*: the last id of the page before."""

    host_id: ServerId | None = None
    state: CheckInState | None = None
    text: str | None = None
    after: int = 0
    limit: int | None = None

    def may_be(self, server: Server) -> bool:
        return (
            server.kind is Kind.CHECK_IN
            and server.id > self.after
            and self.host_id in (None, server.host_id)
            and (self.text is None or self.text.casefold() in server.name.casefold())
        )


@dataclass(frozen=True, slots=True)
class ReadCheckIns:
    queries: Queries
    fleet: Fleet
    clock: Clock

    def find(self, actor: Actor, wanted: CheckInFilter) -> list[CheckIn]:
        """Return check-ins in id order."""
        now = self.clock.now()
        ids = [check.id for check in self.fleet.visible_to(actor).checks if wanted.may_be(check)]
        found: list[CheckIn] = []
        for some in chunks(ids, AT_ONCE):
            read = self.queries.check_ins.of(some)
            found += [each for each in read if wanted.state in (None, each.state_at(now))]
            if wanted.limit is not None and len(found) >= wanted.limit:
                break
        return found[: wanted.limit]

    def get(self, actor: Actor, check_in_id: ServerId) -> CheckIn:
        """Raises NotFound, also if the actor may not see it."""
        self.fleet.visible_to(actor).get(check_in_id, Kind.CHECK_IN)
        found = self.queries.check_ins.of([check_in_id])
        if not found:
            raise NotFound
        return found[0]

    def pings(self, actor: Actor, check_in_id: ServerId, *, before: int | None, limit: int) -> list[Ping]:
        """Return pings, the newest first. Raises NotFound."""
        check_in = self.get(actor, check_in_id)
        return self.queries.check_ins.pings(check_in.id, before=before, limit=limit)


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

    def spans(self, actor: Actor, check_ids: Iterable[ServerId] | None) -> dict[ServerId, dict[str, float | None]]:
        """Return percent of the runs that were up, by the names of SPANS, of at most MOST_AT_ONCE checks.

        *check_ids*: None: all. Those that the actor does not see are left out. What was paused, or did not run, does
        not count. Raises HistoryUnavailable.
        """
        visible, now = self.fleet.visible_to(actor), microseconds(self.clock.now())
        found = visible.checks if check_ids is None else map(visible.find, check_ids)
        checks = islice((each.id for each in found if each is not None and each.kind is Kind.CHECK), MOST_AT_ONCE)
        shares: dict[ServerId, dict[str, float | None]] = {check_id: {} for check_id in checks}
        first, end = now - 90 * 2 * HALF_DAY, now + 2 * HALF_DAY
        raw = self.queries.samples.frames(shares, moment(first), moment(end), [UP])
        for width, spans in SPANS.items():
            starts = {name: now - days * 2 * HALF_DAY for name, days in spans.items()}
            sealed = tiers.sealed_of_many(self.queries, shares, width, min(starts.values()), end, parts_of(UP))
            for check_id in shares:
                fresh = folded(rolled_up(raw.get(check_id, Frame())), width)
                runs = [*_runs_of(sealed.get(check_id, Frame())), *_runs_of(fresh)]
                shares[check_id] |= {name: _share(runs, since) for name, since in starts.items()}
        return shares


def _runs_of(found: Frame) -> list[tuple[int, float, float]]:
    """Return the start of each bucket, how many runs it has, and how many of them were up."""
    runs, _, ups, _ = (found.column(part) for part in parts_of(UP))
    return [(at, n, up) for at, n, up in zip(found.times, runs, ups, strict=True) if n and up is not None]


def _share(runs: Iterable[tuple[int, float, float]], since: int) -> float | None:
    within = [(n, up) for at, n, up in runs if at >= since]
    total = sum(n for n, _ in within)
    return round(100 * sum(up for _, up in within) / total, 3) if total else None
