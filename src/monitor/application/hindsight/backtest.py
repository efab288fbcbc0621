"""Run backtests of a policy on stored history: small ones at once, large ones as jobs with progress."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.application.accounts.limits import check_at_once
from monitor.application.alerts.ports import Queries
from monitor.application.fleet.fleet import Fleet
from monitor.application.hindsight.backtest_result import Backtest, Peaks
from monitor.application.hindsight.past_hours import Blocks, OpenHours, StoredHours, extremes_before, read_from
from monitor.application.history import tiers
from monitor.application.jobs import Jobs, Report, ahead
from monitor.application.ports import Clock, Secrets
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.accounts.limits import UNLIMITED, Quota, Quotas
from monitor.domain.checks.checks import MS
from monitor.domain.errors import NotFound, check_range
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.hindsight.backtest import Past, may_fire
from monitor.domain.hindsight.comparison import Comparison, Judged, counted
from monitor.domain.hindsight.neighbours import neighbours
from monitor.domain.hindsight.replayed_alerts import Span
from monitor.domain.history.frames import Frame
from monitor.domain.history.rollups import HALF_DAY, HOUR, parts_of
from monitor.domain.intake.metrics import is_percent
from monitor.domain.intake.samples import COLUMN_METRICS
from monitor.domain.policies.changing import checked_policy
from monitor.domain.policies.check_policies import CERT_DAYS, UP
from monitor.domain.policies.policies import OFFLINE, Policy
from monitor.domain.times import SECOND, microseconds

MAX_DAYS = 400
AT_ONCE = 31
"""Most server-days of a backtest that runs at once; larger ones become jobs."""
_OF_CHECKS = (UP, MS, CERT_DAYS)
_MANY = 20
"""Of at least so many servers, and one in so many of all, the open hours are read at once."""
_READ_AT_ONCE = 0.1
"""Progress when that is done."""
_LOOKS_BACK = (timedelta(hours=3), timedelta(days=1), timedelta(days=16))
"""Spans before the window that are read, one after another, until it is known what fired when the window began. At last
all history is read."""


@dataclass(frozen=True, slots=True)
class RunBacktest:
    queries: Queries
    fleet: Fleet
    clock: Clock
    offline_after: timedelta

    def servers(self, actor: Actor, policy: Policy) -> list[Server]:
        """Return the hosts that *policy* covers, and the checks if it is about what checks measure."""
        visible = self.fleet.visible_to(actor)
        return [*filter(policy.scope.covers, visible.all if policy.metric in _OF_CHECKS else visible.servers)]

    def __call__(self, actor: Actor, policy: Policy, days: int, servers: list[Server], report: Report) -> Backtest:
        """Run it. Servers deleted meanwhile are left out.

        *report* is called with the progress (0 to 1) for each server, and may raise an error to end the run.
        """
        now = self.clock.now()
        start = now - timedelta(days=days)
        tried = neighbours(policy, self.extremes(actor, policy, servers, start, now, report))
        policies = [each.policy for each in tried] or [policy]
        result = Backtest(sweep=[Comparison(neighbour=each) for each in tried])
        peaks = Peaks(policy, microseconds(start), microseconds(now))
        judged = self._judged(actor, policy, servers, start, now)
        spans: dict[ServerId, list[Span]] = {each.server_id: [] for each in judged}
        pasts = self._pasts(actor, policies, servers, start, now, report)
        for server, past in zip(servers, pasts, strict=True):
            with suppress(NotFound):
                if past is None:
                    continue
                found = past.backtest(policies)
                result.add(server.id, found, microseconds(now))
                peaks.add(past.hours)
                if server.id in spans:
                    spans[server.id] += found[0].spans
        report(1.0)
        result.peaks, result.verdicts = peaks.found(), counted(judged, spans)
        return result

    def _pasts(
        self,
        actor: Actor,
        policies: Sequence[Policy],
        servers: Sequence[Server],
        start: datetime,
        now: datetime,
        report: Report,
    ) -> Iterator[Past | None]:
        """Yield the prepared history of each server, None if it was deleted meanwhile, and report the progress."""
        open_hours, done = OpenHours(self.queries.history, policies[0].metric), 0.0

        def prepared(server: Server) -> Past | None:
            with suppress(NotFound):
                blocks = Blocks(self.queries, actor, server.id, [open_hours.metric], open_hours)
                return self.past(actor, policies, server, start, now, blocks)
            return None

        pasts: Iterator[Past | None] = map(prepared, servers)
        if _MANY <= len(servers) >= len(self.fleet.directory.servers) / _MANY:
            pasts, done = ahead(prepared, servers), _READ_AT_ONCE
            open_hours.read_all(lambda progress: report(progress * done))
        for index in range(len(servers)):
            report(done + (1 - done) * index / len(servers))
            yield next(pasts)

    def _judged(
        self, actor: Actor, policy: Policy, servers: Iterable[Server], start: datetime, end: datetime
    ) -> list[Judged]:
        """Return the alerts of the metric, of any kind of policy, that somebody called useful or noise."""
        fired = self.queries.alerts.fired(self.fleet.visible_to(actor).ids(servers), policy.metric, start, end)
        return [Judged(each.server_id, each.verdict, each.span) for each in fired if each.verdict is not None]

    def extremes(
        self, actor: Actor, policy: Policy, servers: list[Server], start: datetime, end: datetime, report: Report
    ) -> tuple[float, float] | None:
        """Return the least and the greatest value; None if there is none, or the neighbours do not depend on them."""
        if not policy.thresholds or is_percent(policy.metric):
            return None
        first, last = (microseconds(at) // HOUR * HOUR for at in (start, end + timedelta(hours=1)))
        found: list[float] = []
        for server in servers:
            report(0.0)
            with suppress(NotFound):
                hours = tiers.rollups(self.queries, actor, server.id, 3600, first, last, [policy.metric])
                found += _extremes_of(hours, policy.metric) or ()
        return (min(found), max(found)) if found else None

    def past(
        self,
        actor: Actor,
        policies: Sequence[Policy],
        server: Server,
        start: datetime,
        now: datetime,
        blocks: Blocks | None = None,
    ) -> Past:
        """Prepare history from *start* to *now*, and enough before it to know what fired at the *start*.

        *blocks*: of the server, with this metric, for those who replay several.
        """
        preferences = self.fleet.directory.preferences
        first_kept = now - preferences.samples_kept
        oldest = min(start, first_kept)
        unknown, metric = policies, policies[0].metric
        blocks = blocks or Blocks(self.queries, actor, server.id, [metric], OpenHours(self.queries.history, metric))
        learns = timedelta(microseconds=policies[0].kind.lead(policies[0]))
        for span in (*_LOOKS_BACK, start - oldest):
            since = read_from(policies[0], max(oldest, start - span - learns))
            past = Past(
                server.id,
                StoredHours(blocks, metric, max(since, first_kept), now),
                microseconds(start),
                microseconds(now),
                preferences.offline_after_or(self.offline_after),
                preferences.reminder_pause,
                extremes_before(self.queries, actor, server.id, policies[0], since),
            )
            unknown = past.unknown(unknown) if since > oldest else []
            if unknown and span is _LOOKS_BACK[0]:  # once: of all values before the window
                unknown = self._that_may_fire(actor, unknown, server, oldest, start, blocks.open_hours)
            if not unknown:
                break
        return past

    def _that_may_fire(
        self,
        actor: Actor,
        policies: Sequence[Policy],
        server: Server,
        start: datetime,
        end: datetime,
        open_hours: OpenHours,
    ) -> Sequence[Policy]:
        """Return the policies that a value from *start* to *end* may have fired, by what is known without samples."""
        metric, preferences = policies[0].metric, self.fleet.directory.preferences
        if metric == OFFLINE or preferences.hour_days < preferences.chunk_days:
            return policies
        first, last = microseconds(start) // HALF_DAY * HALF_DAY, -(-microseconds(end) // HALF_DAY) * HALF_DAY
        known: list[tuple[float, float]] = []
        if metric in COLUMN_METRICS:  # without bounds, any value may fire
            hours = open_hours.of(server.id, first // HOUR, last // HOUR)  # first: what is sealed then, rollups have
            known = [(hour.least, hour.greatest) for hour in hours]
            found = tiers.sealed_rollups(self.queries, server.id, HALF_DAY // SECOND, first, last, parts_of(metric))
        else:
            found = tiers.half_days(self.queries, actor, server.id, first, last, [metric])
        known += [held] if (held := _extremes_of(found, metric)) is not None else []
        bounds = (min(least for least, _ in known), max(greatest for _, greatest in known)) if known else None
        return [policy for policy in policies if may_fire(policy, bounds)]


def _extremes_of(rollups: Frame, metric: str) -> tuple[float, float] | None:
    _, least, _, greatest = parts_of(metric)
    found = [value for name in (least, greatest) for value in rollups.column(name) if value is not None]
    return (min(found), max(found)) if found else None


class Backtests(Jobs[Backtest]):
    """Run backtests at once or as jobs."""

    def __init__(self, run: RunBacktest, secrets: Secrets, quotas: Quotas = UNLIMITED) -> None:
        super().__init__(secrets, "backtest")
        self._run = run
        self._quotas = quotas
        self._at_once: list[UserId] = []

    def start(self, actor: Actor, policy: Policy, days: int) -> Backtest | str:
        """Return the result, or the id of a job. Raises InvalidInput, NotFound, TooManyAtOnce, Overloaded."""
        check_range("days", days, 1, MAX_DAYS)
        checked_policy(policy)
        servers = self._run.servers(actor, policy)
        if policy.scope.server_id is not None and not servers:
            raise NotFound
        if len(servers) * days <= AT_ONCE:
            with self.room_for(actor):
                return self._run(actor, policy, days, servers, lambda _: None)
        with self._lock:
            self._check_room(actor.user_id)
            return self._begin(actor, lambda report: self._run(actor, policy, days, servers, report))[0]

    @contextmanager
    def room_for(self, actor: Actor) -> Iterator[None]:
        """Count what is done within as one of the actor's backtests. Raises TooManyAtOnce."""
        with self._lock:
            self._check_room(actor.user_id)
            self._at_once.append(actor.user_id)
        try:
            yield
        finally:
            with self._lock:
                self._at_once.remove(actor.user_id)

    def _check_room(self, user_id: UserId) -> None:
        check_at_once(self._quotas, Quota.BACKTESTS, self._at_once.count(user_id) + self._under_way(user_id))
