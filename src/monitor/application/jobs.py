"""Long jobs with progress: one runs after another on a thread, and results are kept until others need the room."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from monitor.application.ports import Secrets
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.errors import NotFound, Overloaded

MAX_JOBS = 20

S = TypeVar("S")
T = TypeVar("T")
Report = Callable[[float], None]
"""Takes the progress, 0 to 1, and may raise an error to end the work."""


@dataclass(slots=True, eq=False)
class Job(Generic[T]):
    """*result*: None until the progress is 1. *error*: the reason, if it failed."""

    owner: UserId
    progress: float = 0.0
    result: T | None = None
    error: str | None = None
    over: threading.Event = field(default_factory=threading.Event)
    cancelled: threading.Event = field(default_factory=threading.Event)


class Cancelled(Exception):
    """The owner of the job cancelled it."""


class Jobs(Generic[T]):
    def __init__(self, secrets: Secrets, name: str) -> None:
        self._secrets = secrets
        self._jobs: dict[str, Job[T]] = {}
        self._lock = threading.RLock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)

    def get(self, actor: Actor, job_id: str) -> Job[T]:
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

    def ids_of(self, actor: Actor) -> list[str]:
        """Return the ids of the jobs of *actor*, oldest first."""
        return [job_id for job_id, job in list(self._jobs.items()) if job.owner == actor.user_id]

    def _under_way(self, user_id: UserId) -> int:
        return sum(job.owner == user_id and not job.over.is_set() for job in self._jobs.values())

    def _begin(self, actor: Actor, work: Callable[[Report], T]) -> tuple[str, Job[T]]:
        """Raises Overloaded."""
        job_id, job = self._secrets.token(), Job[T](owner=actor.user_id)
        with self._lock:
            self._make_room()
            self._jobs[job_id] = job
        self._pool.submit(_run, job, work)
        return job_id, job

    def _make_room(self) -> None:
        """Delete the oldest finished job, if there are too many. Raises Overloaded if none is finished."""
        if len(self._jobs) < MAX_JOBS:
            return
        finished = next((key for key, job in self._jobs.items() if job.over.is_set()), None)
        if finished is None:
            raise Overloaded
        del self._jobs[finished]


def _run(job: Job[T], work: Callable[[Report], T]) -> None:
    def report(progress: float) -> None:
        if job.cancelled.is_set():
            raise Cancelled
        job.progress = min(progress, 0.999)

    try:
        job.result = work(report)
        job.progress = 1.0
    except Cancelled:
        pass
    except Exception as error:  # the thread pool would hide it
        job.error = getattr(error, "reason", "internal")
    finally:
        job.over.set()


def ahead(work: Callable[[S], T], items: Iterable[S]) -> Iterator[T]:
    """Yield what *work* returns for each of *items*, in order. A thread does it for the next one meanwhile."""
    with ThreadPoolExecutor(1, "ahead") as pool:
        waiting = deque[Future[T]]()
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > 1:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
