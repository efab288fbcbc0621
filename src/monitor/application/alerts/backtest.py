"""Run backtests of a policy on stored history: small ones at once, large ones as jobs with progress."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from monitor.application.accounts.limits import check_at_once
from monitor.application.alerts.ports import Queries
from monitor.application.fleet.fleet import Fleet
from monitor.application.history import tiers
from monitor.application.ports import Clock, Secrets
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.accounts.limits import UNLIMITED, Quota, Quotas
from monitor.domain.alerts.backtest import LISTED, Episode, Past, Sweep, firing_seconds, neighbours, per_day
from monitor.domain.alerts.policies import OFFLINE, Policy, checked_policy
from monitor.domain.alerts.verdicts import NOTHING_JUDGED, Judged, Span, VerdictCounts, counted
from monitor.domain.errors import InvalidInput, NotFound, Overloaded, Problem
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.history.frames import DECLARED, Frame, joined
from monitor.domain.history.rollups import HOUR, parts_of
from monitor.domain.intake.metrics import is_percent
from monitor.domain.times import microseconds

MAX_DAYS = 400
AT_ONCE = 31
"""Most server-days of a backtest that runs at once; larger ones become jobs."""
MAX_JOBS = 20
_LOOKS_BACK = (timedelta(days=1), timedelta(days=16))
"""Spans before the window that are read, one after another, until it is known what fired when the window began. At last
all history is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """Alerts that a policy would have caused.

    *servers*: (server, number of alerts, firing seconds) of servers that have any. *alerts*: the newest thousand.
    *already_firing*: number of alerts that fired before the period; the other fields leave them out. *verdicts*: of the
    judged alerts of the metric, how many it keeps.
    """

    total: int
    already_firing: int
    firing_seconds: float
    per_day: list[tuple[str, int]]
    servers: list[tuple[ServerId, int, float]]
    alerts: list[Episode]
    sweep: list[Sweep]
    verdicts: VerdictCounts = NOTHING_JUDGED


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
        self.fleet.refresh()
        return [server for server in self.fleet.directory.visible(actor) if policy.scope.covers(server)]

    def __call__(
        self, actor: Actor, policy: Policy, days: int, servers: list[Server], report: Callable[[float], None]
    ) -> Backtest:
        """Run it. Servers deleted meanwhile are left out.

        *report* is called with the progress (0 to 1) for each server, and may raise an error to end the run.
        """
        now = self.clock.now()
        start = now - timedelta(days=days)
        variants = neighbours(policy, self.extremes(actor, policy, servers, start, now, report))
        totals, already_firing = [0] * len(variants), 0
        found: list[Episode] = []
        for index, server in enumerate(servers):
            report(index / len(servers))
            try:
                past = self.past(actor, [policy, *variants], server, start, now)
            except NotFound:
                continue
            own = past.backtest(policy)
            found += own.episodes
            already_firing += own.already_firing
            for position, variant in enumerate(variants):
                of_variant = own if variant == policy else past.backtest(variant)
                totals[position] += len(of_variant.episodes)
        report(1.0)
        summed = _summed(found, already_firing, microseconds(now), variants, totals)
        return replace(summed, verdicts=self._verdicts(policy, servers, start, now, found))

    def _verdicts(
        self, policy: Policy, servers: Iterable[Server], start: datetime, end: datetime, found: Iterable[Episode]
    ) -> VerdictCounts:
        fired = self.queries.alerts.fired([server.id for server in servers], policy.metric, start, end)
        judged = [Judged(each.server_id, each.verdict, each.span) for each in fired if each.verdict is not None]
        by_server: dict[ServerId, list[Span]] = {}
        for episode in found if judged else ():
            by_server.setdefault(episode.server_id, []).append(Span(episode.fired_at, episode.ended_at))
        return counted(judged, by_server)

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
        if policy.metric == OFFLINE or is_percent(policy.metric):
            return None
        _, least, _, greatest = parts_of(policy.metric)
        first, last = (microseconds(at) // HOUR * HOUR for at in (start, end + timedelta(hours=1)))
        found: list[float] = []
        for server in servers:
            report(0.0)
            with suppress(NotFound):
                hours = tiers.rollups(self.queries, actor, server.id, 3600, first, last, [policy.metric])
                found += [value for name in (least, greatest) for value in hours.column(name) if value is not None]
        return (min(found), max(found)) if found else None

    def past(self, actor: Actor, policies: Sequence[Policy], server: Server, start: datetime, now: datetime) -> Past:
        """Read history from *start* to *now*, and enough before it to know what fired at the *start*."""
        preferences = self.fleet.directory.preferences
        offline_after = preferences.offline_after_or(self.offline_after)
        oldest = min(start, now - preferences.samples_kept)
        since, frame = start, self._frame(actor, policies[0], server, start, now)
        for span in (*_LOOKS_BACK, start - oldest):
            before = max(oldest, start - span)
            earlier = self._frame(actor, policies[0], server, before, since)
            since, frame = before, joined([earlier, frame])
            past = Past(server.id, frame, microseconds(start), microseconds(now), offline_after)
            if since == oldest or all(past.knows_the_start_of(policy) for policy in policies):
                break
        return past

    def _frame(self, actor: Actor, policy: Policy, server: Server, start: datetime, end: datetime) -> Frame:
        return tiers.frame(self.queries, actor, server.id, start, end, [policy.metric, DECLARED])


def _summed(
    found: list[Episode], already_firing: int, until: int, variants: list[Policy], totals: list[int]
) -> Backtest:
    by_server: dict[ServerId, list[Episode]] = {}
    for episode in found:
        by_server.setdefault(episode.server_id, []).append(episode)
    return Backtest(
        total=len(found),
        already_firing=already_firing,
        firing_seconds=firing_seconds(found, until),
        per_day=per_day(found),
        servers=[(server_id, len(own), firing_seconds(own, until)) for server_id, own in by_server.items()],
        alerts=sorted(found, key=lambda episode: -episode.fired_at)[:LISTED],
        sweep=[
            Sweep(warning=variant.warning, critical=variant.critical, total=total)
            for variant, total in zip(variants, totals, strict=True)
        ],
    )


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
