"""Helpers to store, seal and read samples of whole hours."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from monitor.adapters.memory.fakes import FixedClock
from monitor.application.history.newest import newest
from monitor.application.history.ports import SampleFilter
from monitor.application.history.sealing import SealHistory
from monitor.application.intake.scrapes import amend as amend_rows
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.intake.samples import Sample
from tests.unit.application.core import ROOT, Core

LONG_AGO, LATER = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def seal(core: Core, hours_ago: float = 0, clock: FixedClock | None = None) -> int:
    """Seal, and return the number of deleted rows. *clock*: decides which hours have ended."""
    sealing = SealHistory(core.new_uow, core.store.queries, clock or core.clock, "core")
    return sum(progress.deleted for progress in sealing(core.clock.now() - timedelta(hours=hours_ago)))


def store(core: Core, samples: Sequence[Sample]) -> None:
    core.store_samples(samples)


def amend(core: Core, samples: Sequence[Sample]) -> None:
    """Amend the rows of one server."""
    with core.new_uow() as uow:
        amend_rows(uow, samples, core.clock.now())
        uow.commit()


def read(core: Core, server: Server | ServerId) -> list[Sample]:
    """Return samples, oldest first, with `received_at` set to `recorded_at`: chunks have no times of receipt."""
    server_id = server.id if isinstance(server, Server) else server
    rows = newest(core.store.queries, ROOT, SampleFilter(server_id=server_id, limit=100_000))
    return plain(row.sample for row in reversed(rows))


def plain(samples: Iterable[Sample]) -> list[Sample]:
    return sorted(
        (s._replace(received_at=s.recorded_at, extra=s.extra or None) for s in samples), key=lambda s: s.recorded_at
    )


def hour_of(core: Core, server: Server, hours_ago: int, count: int = 240) -> list[Sample]:
    begin = core.clock.now().replace(minute=0, second=0) - timedelta(hours=hours_ago)
    after = (begin - core.clock.now()).total_seconds()
    gap = 3600 / count
    return [core.sample(server, after + n * gap, cpu=n % 100 + 0.25, extra={"load1": n / 4}) for n in range(count)]
