"""Run backtests of a policy on stored history: small ones at once, large ones as jobs with progress."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from monitor.application.accounts.limits import check_at_once
from monitor.application.alerts.backtest_result import Backtest, Sums
from monitor.application.alerts.past_hours import StoredHours, extremes_before
from monitor.application.alerts.ports import Queries
from monitor.application.fleet.fleet import Fleet
from monitor.application.history import tiers
from monitor.application.ports import Clock, Secrets
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.accounts.limits import UNLIMITED, Quota, Quotas
from monitor.domain.alerts.backtest import Past, may_fire
from monitor.domain.alerts.check_policies import CERT_DAYS, UP
from monitor.domain.alerts.neighbours import neighbours
from monitor.domain.alerts.policies import OFFLINE, Policy, PolicyKind, checked_policy
from monitor.domain.alerts.verdicts import Judged, Span, counted
from monitor.domain.checks.checks import MS
from monitor.domain.errors import InvalidInput, NotFound, Overloaded, Problem
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.history.frames import Frame
from monitor.domain.history.rollups import HALF_DAY, HOUR, parts_of
from monitor.domain.intake.metrics import is_percent
from monitor.domain.times import SECOND, microseconds, moment

MAX_DAYS = 400
AT_ONCE = 31
"""Most server-days of a backtest that runs at once; larger ones become jobs."""
MAX_JOBS = 20
_OF_CHECKS = (UP, MS, CERT_DAYS)
_LOOKS_BACK = (timedelta(days=1), timedelta(days=16))
"""Spans before the window that are read, one after another, until it is known what fired when the window began. At last
all history is read."""


@dataclass(slots=True, eq=False)
class Job:
    owner: UserId
    progress: float = 0.0
    result: Backtest | None = None
    error: str | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)

    @property
    def is_over(self) -> bool:
        return self.progress >= 1 or self.error is not None


class Cancelled(Exception):
    """The owner of the job cancelled it."""


@dataclass(frozen=True, slots=True)
class RunBacktest:
    queries: Queries
    fleet: Fleet
    clock: Clock
    offline_after: timedelta

    def servers(self, actor: Actor, policy: Policy) -> list[Server]:
        """Return the hosts that *policy* covers, and the checks if it is about what checks measure."""
        self.fleet.refresh()
        directory = self.fleet.directory
        checks = directory.visible_checks(actor) if policy.metric in _OF_CHECKS else []
        return [server for server in (*directory.visible(actor), *checks) if policy.scope.covers(server)]

    def __call__(
        self, actor: Actor, policy: Policy, days: int, servers: list[Server], report: Callable[[float], None]
    ) -> Backtest:
        """Run it. Servers deleted meanwhile are left out.

        *report* is called with the progress (0 to 1) for each server, and may raise an error to end the run.
        """
        now = self.clock.now()
        start = now - timedelta(days=days)
        tried = neighbours(policy, self.extremes(actor, policy, servers, start, now, report))
        sums = Sums(policy, tried, microseconds(start), microseconds(now))
        judged = self._judged(policy, servers, start, now)
        spans: dict[ServerId, list[Span]] = {each.server_id: [] for each in judged}
        for index, server in enumerate(servers):
            report(index / len(servers))
            with suppress(NotFound):
                past = self.past(actor, sums.policies, server, start, now)
                found = past.backtest(sums.policies)
                sums.add(server.id, found, past.hours)
                if server.id in spans:
                    spans[server.id] += found[0].spans
        report(1.0)
        return replace(sums.result(), verdicts=counted(judged, spans))

    def _judged(self, policy: Policy, servers: Iterable[Server], start: datetime, end: datetime) -> list[Judged]:
        """Return the alerts of the metric, of any kind of policy, that somebody called useful or noise."""
        fired = self.queries.alerts.fired([server.id for server in servers], policy.metric, start, end)
        return [Judged(each.server_id, each.verdict, each.span) for each in fired if each.verdict is not None]

    def extremes(
        self,
        actor: Actor,
        policy: Policy,
        servers: list[Server],
        start: datetime,
        end: datetime,
        report: Callable[[float], None],
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

    def past(self, actor: Actor, policies: Sequence[Policy], server: Server, start: datetime, now: datetime) -> Past:
        """Prepare history from *start* to *now*, and enough before it to know what fired at the *start*."""
        preferences = self.fleet.directory.preferences
        oldest = min(start, now - preferences.samples_kept)
        metric, kind, unknown = policies[0].metric, policies[0].kind, policies
        for span in (*_LOOKS_BACK, start - oldest):
            since = max(oldest, start - span)
            if kind is PolicyKind.RANGE:  # it knows whole hours
                since = moment(microseconds(since) // HOUR * HOUR)
            past = Past(
                server.id,
                StoredHours(self.queries, actor, server.id, since, now, metric),
                microseconds(start),
                microseconds(now),
                preferences.offline_after_or(self.offline_after),
                preferences.reminder_pause,
                extremes_before(self.queries, actor, server.id, policies[0], since),
            )
            unknown = past.unknown(unknown) if since > oldest else []
            if unknown and metric != OFFLINE and preferences.kept_for(HALF_DAY // SECOND) >= preferences.samples_kept:
                earlier = self._range(actor, server, metric, oldest, start)
                unknown = [policy for policy in unknown if may_fire(policy, earlier)]
            if not unknown:
                break
        return past

    def _range(
        self, actor: Actor, server: Server, metric: str, start: datetime, end: datetime
    ) -> tuple[float, float] | None:
        """Return bounds of the values from *start* to *end*; None if there are none."""
        first, last = microseconds(start) // HALF_DAY, -(-microseconds(end) // HALF_DAY)
        found = tiers.half_days(self.queries, actor, server.id, first * HALF_DAY, last * HALF_DAY, [metric])
        return _extremes_of(found, metric)


def _extremes_of(rollups: Frame, metric: str) -> tuple[float, float] | None:
    _, least, _, greatest = parts_of(metric)
    found = [value for name in (least, greatest) for value in rollups.column(name) if value is not None]
    return (min(found), max(found)) if found else None


class Backtests:
    """Run backtests at once or as jobs. Jobs run one after another, and finished ones are kept until room is needed."""

    def __init__(self, run: RunBacktest, secrets: Secrets, quotas: Quotas = UNLIMITED) -> None:
        self._run = run
        self._secrets = secrets
        self._quotas = quotas
        self._at_once: list[UserId] = []
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="backtest")

    def start(self, actor: Actor, policy: Policy, days: int) -> Backtest | str:
        """Return the result, or the id of a job. Raises InvalidInput, NotFound, TooManyAtOnce, Overloaded."""
        if not 1 <= days <= MAX_DAYS:
            raise InvalidInput({"days": Problem("out_of_range", {"low": 1, "high": MAX_DAYS})})
        checked_policy(policy)
        servers = self._run.servers(actor, policy)
        if policy.scope.server_id is not None and not servers:
            raise NotFound
        if len(servers) * days <= AT_ONCE:
            return self._run_at_once(actor, policy, days, servers)
        job_id, job = self._secrets.token(), Job(owner=actor.user_id)
        with self._lock:
            self._check_room(actor.user_id)
            self._make_room()
            self._jobs[job_id] = job
        self._pool.submit(self._work, job, actor, policy, days, servers)
        return job_id

    def _run_at_once(self, actor: Actor, policy: Policy, days: int, servers: list[Server]) -> Backtest:
        with self.room_for(actor):
            return self._run(actor, policy, days, servers, lambda _: None)

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
        jobs = sum(job.owner == user_id and not job.is_over for job in self._jobs.values())
        check_at_once(self._quotas, Quota.BACKTESTS, self._at_once.count(user_id) + jobs)

    def get(self, actor: Actor, job_id: str) -> Job:
        """Return a job of *actor*. Raises NotFound, also for jobs of other users."""
        job = self._jobs.get(job_id)
        if job is None or job.owner != actor.user_id:
            raise NotFound
        return job

    def cancel(self, actor: Actor, job_id: str) -> None:
        """Raises NotFound."""
        self.get(actor, job_id).cancelled.set()
        with self._lock:
            self._jobs.pop(job_id, None)

    def close(self) -> None:
        for job in list(self._jobs.values()):
            job.cancelled.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _make_room(self) -> None:
        """Delete the oldest finished job, if there are too many. Raises Overloaded if none is finished."""
        if len(self._jobs) < MAX_JOBS:
            return
        finished = next((key for key, job in self._jobs.items() if job.is_over), None)
        if finished is None:
            raise Overloaded
        del self._jobs[finished]

    def _work(self, job: Job, actor: Actor, policy: Policy, days: int, servers: Iterable[Server]) -> None:
        def report(progress: float) -> None:
            if job.cancelled.is_set():
                raise Cancelled
            job.progress = min(progress, 0.999)

        try:
            job.result = self._run(actor, policy, days, list(servers), report)
            job.progress = 1.0
        except Cancelled:
            pass
        except Exception as error:  # the thread pool would hide it
            job.error = getattr(error, "reason", "internal")
