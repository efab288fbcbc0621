"""The core for other programs: in memory or on a database, without a server or a socket."""

import secrets
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

from monitor.application.accounts.users import EnsureFirstAdmin
from monitor.application.history.charts import ReadSeries
from monitor.application.intake.queue import IntakeQueue, Submission
from monitor.application.intake.store_samples import Outcome, StoreSamples
from monitor.application.notifications.sender_ports import ChannelSender
from monitor.application.ports import Clock
from monitor.assembly import in_memory as in_memory_container
from monitor.container import Container
from monitor.domain.accounts.actors import Actor, Role
from monitor.domain.accounts.users import User
from monitor.domain.errors import NotFound, RefusedTime
from monitor.domain.history.series import Series
from monitor.domain.intake.samples import COLUMN_METRICS, Sample, checked_sample, time_problem
from monitor.domain.notifications.channels import ChannelKind
from monitor.library.alerts import Alerts, Incidents
from monitor.library.asked import Named, aware, number
from monitor.library.base import Base, Shared
from monitor.library.channels import CODE, Channels, CodeSender
from monitor.library.checks import Checks
from monitor.library.fleet import Servers, Users
from monitor.library.hearing import Callback, HeardStore, Hearing
from monitor.library.oncall import Rotas
from monitor.library.watching import Policies, Silences
from monitor.settings import Settings

T = TypeVar("T")
OnAlert = TypeVar("OnAlert", bound=Callback)


class Reading(NamedTuple):
    """Measured values of a server. *server*: its id or name. *cpu*, *memory*, *disk*: percent, 0 to 100. *extra*: other
    metrics by name. *at*: when it was measured, with a time zone; None: now.

    >>> Reading("web-1", cpu=42.5, memory=61.0, disk=70.3).cpu
    42.5
    """

    server: Named
    cpu: float
    memory: float
    disk: float
    extra: Mapping[str, float] | None = None
    at: datetime | None = None


class Core(Base):
    """Everything that an installation does, by groups of methods. Made by `in_memory` and `open`; a context manager.

    All methods are synchronous, may be called from any thread, and raise errors of `monitor.errors`: `Closed` once the
    core is closed, `InvalidInput` with the name of each wrong field, `NotFound`, `Forbidden`.
    """

    def __init__(self, shared: Shared, actor: Actor) -> None:
        super().__init__(shared, actor)
        self.servers = Servers(shared, actor)
        self.users = Users(shared, actor)
        self.checks = Checks(shared, actor)
        self.policies = Policies(shared, actor)
        self.silences = Silences(shared, actor)
        self.alerts = Alerts(shared, actor)
        self.incidents = Incidents(shared, actor)
        self.rotas = Rotas(shared, actor)
        self.channels = Channels(shared, actor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End what runs in the background and close the database. May be called twice."""
        if not self._shared.is_closed:
            self._shared.is_closed = True
            self._shared.hearing.close()
            self._shared.container.store.close()

    def acting_as(self, user: "User | str") -> "Core":
        """Return the same core with the rights of *user* (or of who has this user name). Raises NotFound."""
        found = self.users.get(user)
        actor = Actor(user_id=found.id, username=found.username, role=found.role)
        return Core(self._shared, actor)

    def record(
        self,
        server: Named,
        *,
        cpu: float,
        memory: float,
        disk: float,
        extra: Mapping[str, float] | None = None,
        at: datetime | None = None,
    ) -> Outcome:
        """Store what *server* measured *at* a time, by default now, and decide its alerts. Return what became of it.

        Raises NotFound, InvalidInput (a percentage above 100, a time without a zone, in the future, or too long ago).
        """
        return self.record_many([Reading(server, cpu, memory, disk, extra, at)])[0]

    def record_many(self, readings: Iterable[Reading]) -> list[Outcome]:
        """Store several readings, all or none, and return what became of each. Raises as `record` does."""
        with self._shared.working() as container:
            now = container.clock.now()
            samples = [self._sample(each, now) for each in readings]
            return self._stored(container, samples) if samples else []

    def _sample(self, reading: Reading, now: datetime) -> Sample:
        at = now if reading.at is None else aware("at", reading.at)
        server_id = self.servers.get(reading.server).id
        self._shared.container.fleet.directory.servers[server_id].check_changeable_by(self.actor)
        kept = self._shared.container.fleet.directory.preferences.samples_kept
        if (problem := time_problem(at, now, kept)) is not None:
            raise RefusedTime(at, problem)
        cpu, memory, disk = (number(name, getattr(reading, name)) for name in COLUMN_METRICS)
        extra = {name: number(name, value) for name, value in reading.extra.items()} if reading.extra else None
        sample = Sample(server_id, at, now, cpu, memory, disk, extra)
        return checked_sample(sample)

    def _stored(self, container: Container, samples: list[Sample]) -> list[Outcome]:
        queue = container.get(IntakeQueue)
        with self._shared.storing:
            if not queue.is_running:
                return container.get(StoreSamples)(samples)
        submission = Submission(samples, finished=(finished := threading.Event()))
        queue.put(submission)
        finished.wait()
        if submission.error is not None:
            raise submission.error
        return submission.outcomes

    def series(
        self,
        server: Named,
        metrics: Iterable[str] = COLUMN_METRICS,
        start: datetime | None = None,
        end: datetime | None = None,
        *,
        points: int | None = None,
    ) -> Series:
        """Return values of start <= time < end, by default of the last 24 hours, as columns of minimum, average and
        maximum. *points*: at most; default 1,000. Raises NotFound, InvalidInput."""
        asked = (("start", start), ("end", end))
        times: dict[str, Any] = {name: aware(name, at) for name, at in asked if at is not None}
        found = self.servers.watched(server)
        with self._shared.working() as container:
            read = container.get(ReadSeries)
            return read(self.actor, found.id, metrics=[*metrics], points=points, kind=found.kind, **times)

    def on_alert(self, callback: OnAlert) -> OnAlert:
        """Call *callback* with an `AlertEvent` after the commit of each event of an alert. Usable as a decorator.

        An exception of it is logged and stops nothing. One that takes longer than ten seconds is not waited for.
        """
        self._shared.hearing.add(callback)
        return callback

    def tick(self) -> None:
        """Do all background work that is due at `clock.now()`, and return when it is done: find hosts offline, send
        messages, run steps of escalations and checks, seal and prune the history."""
        with self._shared.working():
            self._shared.work.tick()

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Do background work on threads, at the times of a server, until the block ends. Raises Closed."""
        with self._shared.working(), self._shared.work.running(self._shared.hearing):
            yield self

    def asgi(self, prefix: str = "") -> Any:
        """Return the whole API and the screen as an ASGI application, to serve or to mount below *prefix*.

        It has a `lifespan`, which the host must run: it also does the background work. See docs/library.md.
        """
        from monitor.library.serving import Application

        return Application(self._shared, prefix)


def in_memory(clock: Clock | None = None, **given: Any) -> Core:
    """Return a core that keeps everything in memory. *clock*: such as a `FixedClock`, which a test moves.

    *given* replaces other parts by name: `secrets`, `hasher`, `prober` (of checks) and `quotas`.

    >>> with in_memory() as core:
    ...     core.servers.add("web-1", "192.0.2.10").name
    'web-1'
    """
    parts = given if clock is None else {"clock": clock, **given}
    return over(in_memory_container(Settings(database_url="", data_dir=Path()), HeardStore, _code(), **parts))


def open(url: str, *, data_dir: Path | str | None = None, clock: Clock | None = None) -> Core:  # noqa: A001 (as `io.open`)
    """Return a core on SQLite, MySQL or MariaDB. The schema is made, or upgraded as `monitor db upgrade` does.

    *url*: as DATABASE_URL, such as `sqlite:///monitor.db` or `mysql://user:password@host/name`. *data_dir*: where the
    keys of stored secrets are kept; by default beside the file of SQLite, else where `monitor serve` keeps them.
    Raises InvalidInput for a wrong address, SchemaUnsuitable, StorageUnavailable.
    """
    from monitor.library.databases import opened  # SQLAlchemy and alembic take 25 MB

    return over(opened(url, data_dir, HeardStore, _code(), {} if clock is None else {"clock": clock}))


def _code() -> dict[ChannelKind, ChannelSender]:
    return {CODE: CodeSender()}


def over(container: Container) -> Core:
    """Return a core with the parts of *container*, which owns all."""
    hearing = Hearing(container)
    if isinstance(container.store, HeardStore):
        container.store.hearing = hearing
    container.get(EnsureFirstAdmin)(secrets.token_urlsafe())
    container.shared.listening_since()  # from now on silent hosts are known to be silent
    container.fleet.refresh()
    admins = sorted((u for u in container.fleet.directory.users.values() if u.role is Role.ADMIN), key=lambda u: u.id)
    if not admins:  # never: the last one cannot be deleted
        raise NotFound
    actor = Actor(user_id=admins[0].id, username=admins[0].username, role=Role.ADMIN)
    return Core(Shared(container, hearing), actor)
