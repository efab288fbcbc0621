"""Two processes seal hours of one server: a prepared write fails if anything has changed since."""

import pytest

from monitor.application.history.sealing import Sealing, prepared, write
from monitor.application.history.tiers import frame
from monitor.domain.errors import TransactionConflict
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.codec import decode
from monitor.domain.history.frames import Frame
from monitor.domain.history.rollups import HOUR, ROLLUP_SPANS, start_of_hour
from monitor.domain.times import microseconds
from tests.unit.application.core import ROOT, Core
from tests.unit.application.history.sealed import LATER, LONG_AGO, amend, read, store
from tests.unit.application.history.sealed import seal as history_seal

MORNING = 24 * 10_000
"""An hour whose next hours are stored in the same rollups."""


@pytest.fixture
def server_id(core: Core) -> ServerId:
    return core.server().id


def samples(hour: int, count: int = 4) -> dict[int, Frame]:
    times = [hour * HOUR + n * HOUR // 60 for n in range(count)]
    return {hour: Frame(times, {"cpu": [float(n) for n in range(count)]})}


def prepare(core: Core, server_id: ServerId, frames: dict[int, Frame], raw_samples: int = 0) -> Sealing:
    return prepared(
        core.store.queries,
        server_id,
        frames,
        raw_samples=dict.fromkeys(frames, raw_samples) if raw_samples else None,
    )


def seal(core: Core, sealing: Sealing) -> None:
    with core.new_uow() as uow:
        write(uow, sealing)
        uow.commit()


def test_another_hour_of_the_same_day(core: Core, server_id: ServerId) -> None:
    one, other = (prepare(core, server_id, samples(MORNING + n)) for n in range(2))
    seal(core, one)
    with pytest.raises(TransactionConflict):
        seal(core, other)

    seal(core, prepare(core, server_id, samples(MORNING + 1)))
    history = core.store.queries.history
    for width, begins in ((600, 2), (3600, 2), (43_200, 1)):
        period = MORNING * 3600 // ROLLUP_SPANS[width]
        (rollup,) = history.rollups(server_id, width, period, period + 1)
        assert len(decode(rollup.data)) == begins


def test_the_same_hour_with_more_samples(core: Core, server_id: ServerId) -> None:
    less, more = prepare(core, server_id, samples(MORNING)), prepare(core, server_id, samples(MORNING, 6))
    seal(core, more)
    with pytest.raises(TransactionConflict):
        seal(core, less)
    (chunk,) = core.store.queries.history.chunks(server_id, MORNING, MORNING + 1)
    assert chunk.samples == 6


def test_the_same_samples_with_another_number_of_rows(core: Core, server_id: ServerId) -> None:
    """Only this number shows that rows were added or deleted."""
    seal(core, prepare(core, server_id, samples(MORNING), raw_samples=4))
    less, more = (prepare(core, server_id, samples(MORNING), raw_samples=n) for n in (2, 3))
    seal(core, less)
    with pytest.raises(TransactionConflict):
        seal(core, more)
    (chunk,) = core.store.queries.history.chunks(server_id, MORNING, MORNING + 1)
    assert chunk.raw_samples == 2


@pytest.mark.parametrize("is_sealed", [True, False])
def test_a_row_that_was_amended_after_it_was_read(core: Core, server_id: ServerId, is_sealed: bool) -> None:
    sample = core.sample(core.server("192.0.2.9"), -7200)
    store(core, [sample])
    if is_sealed:
        history_seal(core, 100)
    hour = microseconds(sample.recorded_at) // HOUR
    rows = core.store.queries.history.raw_rows(sample.server_id, hour)
    sealing = prepared(core.store.queries, sample.server_id, {hour: rows.frame}, raw_samples={hour: 1})
    amend(core, [sample._replace(cpu=99.0)])
    with pytest.raises(TransactionConflict):
        seal(core, sealing)
    assert [each.cpu for each in read(core, sample.server_id)] == [99.0]
    assert frame(core.store.queries, ROOT, sample.server_id, LONG_AGO, LATER).column("cpu") == [99.0]
    history_seal(core, 100)
    (chunk,) = core.store.queries.history.chunks(sample.server_id, hour, hour + 1)
    assert (chunk.raw_samples, decode(chunk.data).column("cpu")) == (1, [99.0])


def test_a_row_that_was_amended_again_after_it_was_read(core: Core, server_id: ServerId) -> None:
    sample = core.sample(server_id, -7200)
    store(core, [sample])
    history_seal(core, 100)
    hour = microseconds(sample.recorded_at) // HOUR
    amend(core, [sample._replace(cpu=98.0)])
    rows = core.store.queries.history.raw_rows(server_id, hour)
    sealing = prepared(core.store.queries, server_id, {hour: rows.frame}, raw_samples={hour: 1})
    amend(core, [sample._replace(cpu=99.0)])
    with pytest.raises(TransactionConflict):
        seal(core, sealing)
    assert [each.cpu for each in read(core, server_id)] == [99.0]


def test_rows_that_another_process_has_deleted(core: Core, server_id: ServerId) -> None:
    """As when their retention ended meanwhile: neither chunk nor rollup shows it."""
    store(core, [core.sample(server_id)])
    hour = microseconds(core.clock.now()) // HOUR
    rows = core.store.queries.history.raw_rows(server_id, hour)
    sealing = prepared(core.store.queries, server_id, {hour: rows.frame}, ids=rows.ids, raw_samples={hour: 0})
    with core.new_uow() as uow:
        assert uow.history.prune_rows(start_of_hour(hour + 1), 10) == 1
        uow.commit()
    with pytest.raises(TransactionConflict):
        seal(core, sealing)
    assert list(core.store.queries.history.chunks(server_id, hour, hour + 1)) == []
