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
from monitor.application.history.ports import SampleFilter
from monitor.application.history.retention import KeepHistory
from monitor.application.history.sealing import SealHistory
from monitor.domain.fleet.servers import ServerId
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


def _exhaust(run: Callable[[], Iterator[object]]) -> None:
    deque(run(), maxlen=0)


def _read(queries: SqlQueries, server_id: ServerId) -> list[datetime]:
    rows = newest(queries, ADMIN, SampleFilter(server_id=server_id, limit=10_000))
    return [row.sample.recorded_at for row in reversed(rows)]


def _times(samples: Sequence[Sample]) -> list[datetime]:
    return sorted(sample.recorded_at for sample in samples)
