"""Backtests of a policy over the stored history: at once for one host, as a job with progress for many."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from monitor.application import tiers
from monitor.application.fleet import Fleet
from monitor.application.ports.clock import Clock
from monitor.application.ports.queries import Queries
from monitor.application.ports.secrets import Secrets
from monitor.domain.actors import Actor, UserId
from monitor.domain.alert_engine import microseconds
from monitor.domain.backtest import (
    LISTED,
    Episode,
    History,
    Sweep,
    episodes,
    firing_seconds,
    offline_episodes,
    per_day,
)
from monitor.domain.errors import InvalidInput, NotFound, Overloaded, Problem
from monitor.domain.metrics import is_percent
from monitor.domain.policies import OFFLINE, Policy, checked_policy
from monitor.domain.samples import COLUMN_METRICS
from monitor.domain.servers import Server, ServerId
from monitor.domain.sweep import neighbours

MAX_DAYS = 400
AT_ONCE = 31
"""Server-days that are answered at once."""
MAX_JOBS = 20
_ALWAYS_THERE = "cpu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """*servers*: (server, alerts, firing seconds) of those with any. *alerts*: the newest thousand."""

    total: int
    firing_seconds: float
    per_day: list[tuple[str, int]]
    servers: list[tuple[ServerId, int, float]]
    alerts: list[Episode]
    sweep: list[Sweep]


@dataclass(slots=True, eq=False)
class Job:
    owner: UserId
    progress: float = 0.0
    result: Backtest | None = None
    error: str | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)


class Cancelled(Exception):
    """The job's owner doesn't want it any more."""


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
        self, actor: Actor, policy: Policy, days: int, servers: list[Server], step: Callable[[float], None]
    ) -> Backtest:
        """*step* is called with the progress (0 to 1) after each server, and may raise to end it. A server that is
        deleted meanwhile is left out."""
        now = self.clock.now()
        start = now - timedelta(days=days)
        variants = neighbours(policy, self._extremes(actor, policy, servers, start, now, step))
        totals = [0] * len(variants)
        found: list[Episode] = []
        for index, server in enumerate(servers):
            step(index / len(servers))
            try:
                past = self._past(actor, policy, server, start, now)
            except NotFound:
                continue
            own = past.episodes(policy)
            found += own
            for position, variant in enumerate(variants):
                totals[position] += len(own if variant == policy else past.episodes(variant))
        step(1.0)
        return _summed(found, microseconds(now), variants, totals)

    def _extremes(
        self,
        actor: Actor,
        policy: Policy,
        servers: list[Server],
        start: datetime,
        end: datetime,
        step: Callable[[float], None],
    ) -> tuple[float, float] | None:
        """The least and the greatest value there was; not looked for where the neighbours don't depend on them."""
        if policy.metric == OFFLINE or is_percent(policy.metric):
            return None
        found: list[float] = []
        for server in servers:
            step(0.0)
            with suppress(NotFound):
                values = [value for _, value in tiers.values(self.queries, actor, server.id, policy.metric, start, end)]
                found += [min(values), max(values)] if values else []
        return (min(found), max(found)) if found else None

    def _past(self, actor: Actor, policy: Policy, server: Server, start: datetime, end: datetime) -> "_Past":
        values = partial(tiers.values, self.queries)
        live = self.fleet.live.get(server.id)
        interval = server.report_interval if live is None else live.interval
        metric = _ALWAYS_THERE if policy.metric == OFFLINE else policy.metric
        history = values(actor, server.id, metric, start, end)
        times = None
        if metric not in COLUMN_METRICS and interval is None:  # its interval is that of all its samples
            times = [at for at, _ in values(actor, server.id, _ALWAYS_THERE, start, end)]
        chosen = self.fleet.directory.preferences.offline_after
        offline_after = self.offline_after if chosen is None else timedelta(seconds=chosen)
        return _Past(server.id, interval, history, times, offline_after, microseconds(end))


@dataclass(frozen=True, slots=True)
class _Past:
    server_id: ServerId
    interval: float | None
    history: History
    times: list[int] | None
    offline_after: timedelta
    until: int

    def episodes(self, policy: Policy) -> list[Episode]:
        if policy.metric == OFFLINE:
            return offline_episodes(self.server_id, self.history, self.interval, self.offline_after, self.until)
        return episodes(policy, self.server_id, self.history, self.interval, self.times)


def _summed(found: list[Episode], until: int, variants: list[Policy], totals: list[int]) -> Backtest:
    by_server: dict[ServerId, list[Episode]] = {}
    for episode in found:
        by_server.setdefault(episode.server_id, []).append(episode)
    return Backtest(
        total=len(found),
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
    """Answers at once or begins a job; jobs run one after another and are kept until others need the room."""

    def __init__(self, run: RunBacktest, secrets: Secrets) -> None:
        self._run = run
        self._secrets = secrets
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="backtest")

    def start(self, actor: Actor, policy: Policy, days: int) -> Backtest | str:
        """The result, or the id of a job. Raises InvalidInput, NotFound, Overloaded."""
        if not 1 <= days <= MAX_DAYS:
            raise InvalidInput({"days": Problem("out_of_range", {"low": 1, "high": MAX_DAYS})})
        checked_policy(policy)
        servers = self._run.servers(actor, policy)
        if policy.scope.server_id is not None and not servers:
            raise NotFound
        if len(servers) * days <= AT_ONCE:
            return self._run(actor, policy, days, servers, lambda _: None)
        job_id, job = self._secrets.token(), Job(owner=actor.user_id)
        with self._lock:
            self._make_room()
            self._jobs[job_id] = job
        self._pool.submit(self._work, job, actor, policy, days, servers)
        return job_id

    def get(self, actor: Actor, job_id: str) -> Job:
        """Raises NotFound, also for somebody else's."""
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
        """The oldest finished one goes. Raises Overloaded where all are still at work."""
        if len(self._jobs) < MAX_JOBS:
            return
        finished = next((key for key, job in self._jobs.items() if job.progress >= 1 or job.error), None)
        if finished is None:
            raise Overloaded
        del self._jobs[finished]

    def _work(self, job: Job, actor: Actor, policy: Policy, days: int, servers: Iterable[Server]) -> None:
        def step(progress: float) -> None:
            if job.cancelled.is_set():
                raise Cancelled
            job.progress = min(progress, 0.999)

        try:
            job.result = self._run(actor, policy, days, list(servers), step)
            job.progress = 1.0
        except Cancelled:
            pass
        except Exception as error:  # the thread's pool would keep it to itself
            job.error = getattr(error, "reason", "internal")
