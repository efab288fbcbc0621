"""Retention deletes what is too old in each tier, and nothing else."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.memory.fakes import FixedClock
from monitor.application.history import tiers
from monitor.application.history.retention import KeepHistory
from monitor.application.history.sealing import LEASE, LEASE_NAME, SealHistory
from monitor.domain.errors import StorageUnavailable
from monitor.domain.fleet.servers import Server
from monitor.domain.history.rollups import HOUR, ROLLUP_SPANS
from monitor.domain.intake.samples import Sample
from monitor.domain.preferences import Preferences
from monitor.domain.times import microseconds
from tests.unit.application.alerts.kills.mortal import ENDS, Killed, deaths
from tests.unit.application.core import ROOT, Core
from tests.unit.application.history.sealed import hour_of, plain, read, seal, store

A_DAY = 86_400
KEPT = Preferences(raw_days=2, chunk_days=10, ten_minute_days=4, hour_days=30)


def ends(core: Core, server: Server) -> dict[str, set[int]]:
    """Return when each tier's parts end, in seconds since 1970."""
    history = core.store.queries.history
    found = {"chunks": {(chunk.period + 1) * 3600 for chunk in history.chunks(server.id, 0, 10**6)}}
    for width, span in ROLLUP_SPANS.items():
        found[str(width)] = {(rollup.period + 1) * span for rollup in history.rollups(server.id, width, 0, 10**6)}
    return found


def days(most: int) -> st.SearchStrategy[float]:
    return st.integers(1, most) | st.floats(1, most)


retentions = st.builds(Preferences, chunk_days=days(20), ten_minute_days=days(20), hour_days=days(60))


@given(
    ages=st.sets(st.integers(2, 60 * 24), max_size=30),
    changes=st.lists(st.tuples(retentions, st.integers(0, 4 * A_DAY)), min_size=1, max_size=4),
)
def test_only_expired_parts_are_deleted(ages: set[int], changes: list[tuple[Preferences, int]]) -> None:
    """Also if the retention changes in between: deleted parts stay deleted, and no others follow."""
    core = Core()
    server = core.server()
    store(core, [*(sample for ago in ages for sample in hour_of(core, server, ago, 2)), core.sample(server)])
    seal(core, 1)
    left = ends(core, server)
    assert len(left["chunks"]) == len(ages)
    for kept, seconds in changes:
        core.clock.advance(seconds)
        now = core.clock.now()
        list(core.keep_history.prune(kept, now))
        most = {"chunks": kept.chunk_days, "600": kept.ten_minute_days}
        coarse = max(kept.hour_days, *most.values())  # charts of all that is kept are made of them
        for tier, there in left.items():
            oldest = (now - timedelta(days=most.get(tier, coarse))).timestamp()
            left[tier] = {end for end in there if end > oldest}
        assert ends(core, server) == left
        assert list(core.keep_history.prune(kept, now)) == []


def test_samples_that_were_never_sealed_are_deleted(core: Core, server: Server) -> None:
    """The host stopped reporting years ago."""
    store(core, hour_of(core, server, 24 * 11, 2))
    assert list(core.keep_history.prune(KEPT, core.clock.now())) == [2]
    assert read(core, server) == []


def test_a_never_sealed_sample_stays_as_long_as_its_hour_may(core: Core, server: Server) -> None:
    kept = hour_of(core, server, 24 * 10, 2)
    store(core, [*hour_of(core, server, 24 * 10 + 1, 3), *kept])
    assert list(core.keep_history.prune(KEPT, core.clock.now())) == [3]
    assert read(core, server) == plain(kept)


def test_all_that_is_too_old_is_deleted_a_part_at_a_time(core: Core, server: Server) -> None:
    store(core, hour_of(core, server, 24 * 11, 450))
    assert list(core.keep_history.prune(KEPT, core.clock.now())) == [200, 200, 50]


def test_one_process_at_a_time_deletes(core: Core, server: Server) -> None:
    store(core, hour_of(core, server, 24 * 11, 2))
    with core.new_uow() as uow:
        uow.leases.acquire(LEASE_NAME, "another process", core.clock.now(), LEASE)
        uow.commit()
    assert list(core.keep_history.prune(KEPT, core.clock.now())) == []
    assert len(read(core, server)) == 2


@pytest.mark.parametrize(("end", "error"), ENDS)
def test_a_kill_at_any_statement_deletes_nothing_too_much(end: str, error) -> None:
    """The next run deletes the rest."""
    base = Core()
    server = base.server()
    hours = [24 * 12, 24 * 11, 24 * 9, 24 * 3, 2]
    samples = [*(s for ago in hours for s in hour_of(base, server, ago, 3)), base.sample(server)]
    store(base, samples)
    seal(base, 48)
    base.clock.advance(60)  # the lease has expired
    store(base, hour_of(base, server, 24 * 11, 4)[1:])  # late, and not sealed again
    now, kept = base.clock.now(), plain(samples[6:])
    died = 0
    for fate, fork, new_uow in deaths(base.store, error):
        again = Core(clock=FixedClock(now), store=fork)
        seals = SealHistory(again.new_uow, fork.queries, again.clock, "x")
        with suppress(Killed, StorageUnavailable):
            list(KeepHistory(new_uow, seals, again.fleet, again.clock, "x").prune(KEPT, now))
        assert read(again, server.id)[-len(kept) :] == kept, (end, fate.struck)
        list(KeepHistory(again.new_uow, seals, again.fleet, again.clock, "x").prune(KEPT, now))
        assert read(again, server.id) == kept, (end, fate.struck)
        died += bool(fate.struck)
    assert died >= 2 * 10


def test_the_background_job_seals_and_prunes(core: Core, server: Server) -> None:
    samples = [*hour_of(core, server, 60), *hour_of(core, server, 40), core.sample(server)]
    ancient = hour_of(core, server, 24 * 399, 2)
    store(core, [*ancient, *samples])
    keep = core.keep_history
    for _ in range(10):
        keep()
    assert len(core.stored_samples(server.id)) == 241
    core.clock.advance(2 * A_DAY)
    for _ in range(10):
        keep()
    assert read(core, server) == plain(samples)


def test_an_interrupted_pass_starts_over_at_once(core: Core, server: Server) -> None:
    store(core, [*hour_of(core, server, 60), core.sample(server)])
    keep = core.keep_history
    core.faults.append(StorageUnavailable("away"))
    with pytest.raises(StorageUnavailable):
        keep()
    for _ in range(5):
        keep()
    assert len(core.stored_samples(server.id)) == 1


@pytest.mark.parametrize(("minutes", "sealed"), [(59, 0), (60, 0), (61, 1), (181, 3)])
def test_the_background_job_starts_a_minute_after_each_hour(
    core: Core, server: Server, minutes: int, sealed: int
) -> None:
    keep = core.keep_history
    core.clock.advance(120)
    for _ in range(3):
        keep()
    store(core, [core.sample(server, 3600 * n) for n in range(3)])
    core.clock.advance(60 * (minutes - 2))
    for _ in range(3):
        keep()
    chunks = core.store.queries.history.chunks(server.id, 0, 2**31 - 1)
    assert [(chunk.samples, chunk.raw_samples) for chunk in chunks] == [(1, 1)] * sealed


def test_a_late_sample_of_an_hour_whose_chunk_is_gone_keeps_its_rollup(core: Core) -> None:
    """Chunks were kept for a shorter time, and then longer again."""
    server, ago = core.server(), 40 * 86_400

    def sealed(*samples: Sample) -> dict[str, list[float | None]]:
        core.store_samples([sample._replace(received_at=core.clock.now()) for sample in samples])
        list(core.seal_history(core.clock.now() - timedelta(days=2)))
        begin = microseconds(core.clock.now() - timedelta(seconds=ago)) // HOUR * HOUR
        queries = core.store.queries
        return {
            name: [*values]
            for name, values in tiers.rollups(
                queries, ROOT, server.id, 3600, begin, begin + 2 * HOUR, ["cpu"]
            ).columns.items()
        }

    present = core.sample(server, cpu=80.0)
    before = sealed(present, *(core.sample(server, 15 * n - ago, cpu=80.0) for n in range(240)))
    list(core.keep_history.prune(Preferences(chunk_days=30), core.clock.now()))
    assert before == sealed(core.sample(server, 7 - ago, cpu=5.0))
