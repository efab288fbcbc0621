"""Two processes seal and one prunes at the same time on one database."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Engine

from monitor.adapters.memory.fakes import FixedClock
from monitor.adapters.persistence.store import SqlQueries
from monitor.application.fleet.fleet import Fleet
from monitor.application.history.newest import newest
from monitor.application.history.ports import SampleFilter, StoredSample
from monitor.application.history.retention import KeepHistory
from monitor.application.history.sealing import SealHistory
from monitor.application.intake.scrapes import amend
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.codec import decode
from monitor.domain.intake.samples import Sample
from monitor.domain.preferences import Preferences
from tests.contracts.builders import ADMIN, AT, a_sample, store_samples, stored_server
from tests.contracts.threads import at_once, until_no_conflict
from tests.integration.persistence.conftest import NewUow

SERVERS, HOURS, AN_HOUR = 3, 8, 6
EXPIRED = 2
"""Hours that are older than the retention."""
KEPT = Preferences(chunk_days=1, raw_days=1)
NOW = AT.replace(minute=30) + timedelta(days=1, hours=EXPIRED)


def test_nothing_is_lost_or_doubled_and_expired_hours_are_deleted(
    engine: Engine, new_uow: NewUow, queries: SqlQueries
) -> None:
    ids = [stored_server(new_uow, f"192.0.2.{n}").id for n in range(SERVERS)]
    begin = AT.replace(minute=0, second=0, microsecond=0)
    samples = {
        each: [a_sample(each, begin + timedelta(minutes=10 * n)) for n in range(HOURS * AN_HOUR)] for each in ids
    }
    late = {each: [s._replace(recorded_at=s.recorded_at + timedelta(minutes=1)) for s in samples[each]] for each in ids}
    for each in ids:
        store_samples(new_uow, *samples[each], a_sample(each, NOW))
    clock = FixedClock(NOW)
    seals = [SealHistory(new_uow, queries, clock, holder) for holder in ("one", "two")]
    keeps = KeepHistory(new_uow, seals[0], Fleet(queries), clock, "one")

    def sealing(seal: SealHistory) -> None:
        until_no_conflict(lambda: _exhaust(partial(seal, NOW, in_turn=False)))

    def reporting() -> None:
        for n in range(HOURS * AN_HOUR):
            store_samples(new_uow, *(late[each][n] for each in ids))

    at_once(partial(sealing, seals[0]), partial(sealing, seals[1]), reporting)
    for each in ids:
        assert _read(queries, each) == _times([*samples[each], *late[each], a_sample(each, NOW)])
    clock.advance(60)  # the lease has expired
    at_once(partial(sealing, seals[1]), lambda: until_no_conflict(lambda: _exhaust(lambda: keeps.prune(KEPT, NOW))))
    clock.advance(60)
    _exhaust(lambda: keeps.prune(KEPT, NOW))
    for each in ids:
        young = [s for s in (*samples[each], *late[each]) if s.recorded_at >= begin + timedelta(hours=EXPIRED)]
        assert _read(queries, each) == _times([*young, a_sample(each, NOW)])
        chunks = queries.history.chunks(each, 0, 2**31 - 1)
        assert [chunk.samples for chunk in chunks] == [2 * AN_HOUR] * (HOURS - EXPIRED)


def test_what_is_amended_while_it_is_sealed_is_sealed_as_amended(
    engine: Engine, new_uow: NewUow, queries: SqlQueries
) -> None:
    server = stored_server(new_uow).id
    samples = [a_sample(server, NOW - timedelta(minutes=40 + 10 * n)) for n in range(HOURS * AN_HOUR)]
    store_samples(new_uow, *samples, a_sample(server, NOW))
    seal = SealHistory(new_uow, queries, FixedClock(NOW), "one")

    def amending(some: Sequence[Sample]) -> None:
        for sample in some:
            until_no_conflict(partial(_amend, new_uow, sample._replace(cpu=99.0)))

    at_once(
        *(partial(until_no_conflict, lambda: _exhaust(partial(seal, AT, in_turn=False))) for _ in range(2)),
        partial(amending, samples[::2]),
        partial(amending, samples[1::2]),
    )
    assert {99.0} == {row.sample.cpu for row in _newest(queries, server)[1:]}
    _exhaust(partial(seal, AT, in_turn=False))
    chunks = queries.history.chunks(server, 0, 2**31 - 1)
    assert {99.0} == {cpu for chunk in chunks for cpu in decode(chunk.data).column("cpu")}
    assert [chunk.samples for chunk in chunks] == [chunk.raw_samples for chunk in chunks]
    assert len(samples) == sum(chunk.samples for chunk in chunks)


def _amend(new_uow: NewUow, sample: Sample) -> None:
    with new_uow() as uow:
        amend(uow, [sample], NOW)
        uow.commit()


def _exhaust(run: Callable[[], Iterator[object]]) -> None:
    deque(run(), maxlen=0)


def _newest(queries: SqlQueries, server_id: ServerId) -> list[StoredSample]:
    return newest(queries, ADMIN, SampleFilter(server_id=server_id, limit=10_000))


def _read(queries: SqlQueries, server_id: ServerId) -> list[datetime]:
    return [row.sample.recorded_at for row in reversed(_newest(queries, server_id))]


def _times(samples: Sequence[Sample]) -> list[datetime]:
    return sorted(sample.recorded_at for sample in samples)
