"""Plans of a file: what it would change, and whom it would page, which takes long in a large fleet."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from monitor.application.alerts.backtest import MAX_DAYS, MAX_JOBS, Cancelled
from monitor.application.checks.check_in_ports import Schedules
from monitor.application.configuration.current import Current, ReadConfiguration
from monitor.application.configuration.pages import Pages, PredictPages
from monitor.application.ports import Secrets
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.configuration.changes import Change, changes, pairs
from monitor.domain.configuration.configuration import Configuration, Path
from monitor.domain.configuration.reading import Wanted
from monitor.domain.configuration.sections import CHECK_INS
from monitor.domain.errors import InvalidInput, NotFound, Overloaded, Problem

PATIENCE = 8.0
"""Seconds for which an answer waits for the pages; what takes longer is asked for again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """*pages*: None while they are being counted in the job *job_id*, and if not asked for."""

    revision: str
    changes: Sequence[Change]
    pages: Pages | None = None
    job_id: str | None = None


@dataclass(slots=True, eq=False)
class PlanJob:
    owner: UserId
    plan: Plan
    progress: float = 0.0
    is_whole: bool = False
    error: str | None = None
    over: threading.Event = field(default_factory=threading.Event)
    cancelled: threading.Event = field(default_factory=threading.Event)


class Plans:
    """Plans in the making, one after another. Finished ones are kept until room is needed."""

    def __init__(
        self,
        read: ReadConfiguration,
        predict: PredictPages,
        schedules: Schedules,
        secrets: Secrets,
        patience: float = PATIENCE,
    ) -> None:
        self._read = read
        self._predict = predict
        self._schedules = schedules
        self._secrets = secrets
        self._patience = patience
        self._jobs: dict[str, PlanJob] = {}
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="plan")

    def start(self, actor: Actor, text: str, days: int) -> Plan:
        """Say what a file would change, and whom it would have paged in the last *days*; 0: do not ask.

        Raises Forbidden, InvalidInput, Overloaded.
        """
        if not 0 <= days <= MAX_DAYS:
            raise InvalidInput({"days": Problem("out_of_range", {"low": 0, "high": MAX_DAYS})})
        current = self._read(actor)
        wanted = self._read.wanted(text, current)
        self._check_schedules(text, current, wanted)
        plan = Plan(revision=current.revision, changes=changes(current.configuration, wanted, current.installation))
        if days == 0:
            return plan
        job_id, job = self._secrets.token(), PlanJob(owner=actor.user_id, plan=plan)
        with self._lock:
            self._make_room()
            self._jobs[job_id] = job
        self._pool.submit(self._work, job, current, wanted.configuration, days)
        job.over.wait(self._patience)
        return job.plan if job.is_whole else replace(plan, job_id=job_id)

    def _check_schedules(self, text: str, current: Current, wanted: Wanted) -> None:
        """Raises InvalidInput for a schedule that never comes."""
        now, problems = self._read.clock.now(), dict[Path, Problem]()
        for _, check_in in pairs(CHECK_INS, current.configuration, wanted.configuration):
            if check_in is not None:
                try:
                    self._schedules.next_due(check_in)(now)
                except InvalidInput as error:
                    path = wanted.paths[CHECK_INS.name, check_in.id]
                    problems |= {(*path, name): problem for name, problem in error.problems.items()}
        if problems:
            raise self._read.refused(text, problems)

    def get(self, actor: Actor, job_id: str) -> PlanJob:
        """Return a plan that *actor* asked for. Raises NotFound, also for those of others."""
        job = self._jobs.get(job_id)
        if job is None or job.owner != actor.user_id:
            raise NotFound
        return job

    def jobs_of(self, actor: Actor) -> list[str]:
        """Return the ids of the plans that *actor* asked for, oldest first."""
        return [job_id for job_id, job in list(self._jobs.items()) if job.owner == actor.user_id]

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
        finished = next((key for key, job in self._jobs.items() if job.over.is_set()), None)
        if finished is None:
            raise Overloaded
        del self._jobs[finished]

    def _work(self, job: PlanJob, current: Current, wanted: Configuration, days: int) -> None:
        def report(progress: float) -> None:
            if job.cancelled.is_set():
                raise Cancelled
            job.progress = min(progress, 0.999)

        try:
            pages = self._predict(current, wanted, days, report)
            job.plan = replace(job.plan, pages=pages)
            job.is_whole, job.progress = True, 1.0
        except Cancelled:
            pass
        except Exception as error:  # the thread pool would hide it
            job.error = getattr(error, "reason", "internal")
        finally:
            job.over.set()
