"""Sealing changes no sample that is read."""

from contextlib import suppress
from datetime import timedelta

import pytest

from monitor.adapters.memory.fakes import FixedClock
from monitor.application.history.newest import newest
from monitor.application.history.ports import SampleFilter
from monitor.application.history.sealing import MOST_ROWS, SealHistory
from monitor.application.intake.store_samples import Outcome
from monitor.domain.errors import ConstraintViolated, StorageUnavailable, TransactionConflict
from monitor.domain.fleet.servers import Server
from monitor.domain.history.frames import sample_at
from monitor.domain.intake.samples import Sample
from tests.unit.application.alerts.kills.mortal import ENDS, Killed, deaths
from tests.unit.application.core import ROOT, Core
from tests.unit.application.history.sealed import LATER, LONG_AGO, hour_of, plain, read, seal, store


def test_an_hour_that_is_sealed_is_read_as_before(core: Core, server: Server) -> None:
    samples = [*hour_of(core, server, 60), *hour_of(core, server, 50), core.sample(server)]
    store(core, samples)
    assert seal(core, 48) == 480
    assert core.stored_samples(server.id) == samples[-1:]
    assert read(core, server) == plain(samples)
    rows = newest(core.store.queries, ROOT, SampleFilter(limit=3))
    assert [row.id is None for row in rows] == [False, True, True]
    assert {(row.server_name, row.ip_address) for row in rows} == {(server.name, server.ip_address)}


def test_an_ended_hour_is_sealed_and_its_rows_stay(core: Core, server: Server) -> None:
    samples = [*hour_of(core, server, 2), *hour_of(core, server, 1), core.sample(server)]
    store(core, samples)
    assert seal(core, 48) == 0
    chunks = core.store.queries.history.chunks(server.id, 0, 2**31 - 1)
    assert [(chunk.samples, chunk.raw_samples) for chunk in chunks] == [(240, 240)] * 2
    assert core.stored_samples(server.id) == samples
    assert unsealed(core, server) == plain(samples[-1:])
    assert read(core, server) == plain(samples)


def test_a_late_sample_opens_an_hour_with_rows(core: Core, server: Server) -> None:
    """It stays open until the next pass."""
    samples = [*hour_of(core, server, 30), *hour_of(core, server, 20), core.sample(server)]
    late = samples[300]._replace(recorded_at=samples[300].recorded_at + timedelta(seconds=1), cpu=99.99)
    store(core, samples)
    seal(core, 48)
    store(core, [late, samples[301]._replace(cpu=0.0)])
    assert unsealed(core, server) == plain([*samples[240:], late])
    assert seal(core, 48) == 0
    assert unsealed(core, server) == plain(samples[-1:])
    assert seal(core, 25) == 240
    assert seal(core, 10) == 241
    assert read(core, server) == plain([*samples, late])


def unsealed(core: Core, server: Server) -> list[Sample]:
    """Return the samples that charts read from rows."""
    frame = core.store.queries.samples.frame(ROOT, server.id, LONG_AGO, LATER)
    return plain(sample_at(frame, place, server.id) for place in range(len(frame)))


def test_sealing_again_finds_nothing(core: Core, server: Server) -> None:
    store(core, [*hour_of(core, server, 60), core.sample(server)])
    seal(core)
    assert seal(core) == 0


def test_only_whole_hours_are_sealed(core: Core, server: Server) -> None:
    """At half past, the hour that began 48 and a half hours ago still has samples whose rows must stay."""
    core.clock.advance(1800)
    store(core, [*hour_of(core, server, 49, 4), *hour_of(core, server, 48, 4), core.sample(server)])
    assert seal(core, 48) == 4


def test_the_newest_hours_of_a_host_that_stopped_stay(core: Core, server: Server) -> None:
    """The server's state is read from these rows at start."""
    samples = [sample for ago in (100, 99, 98) for sample in hour_of(core, server, ago, 12)]
    store(core, samples)
    assert seal(core) == 12
    assert plain(core.store.queries.samples.latest()) == plain(samples[-1:])
    with core.new_uow() as uow:
        assert len(uow.samples.recent_times([server.id], core.clock.now(), 11)[server.id]) == 11


def test_a_late_sample_is_read_at_once_and_merged_later(core: Core, server: Server) -> None:
    samples = [*hour_of(core, server, 60), core.sample(server)]
    late = samples[100]._replace(recorded_at=samples[100].recorded_at + timedelta(seconds=1), cpu=99.99)
    store(core, samples)
    seal(core)
    assert core.store_samples([late]) == [Outcome.STORED]
    assert read(core, server) == plain([*samples, late])
    assert seal(core) == 1
    assert core.stored_samples(server.id) == samples[-1:]
    assert read(core, server) == plain([*samples, late])


def test_a_sealed_sample_that_comes_again_is_stored_once(core: Core, server: Server) -> None:
    """The first one stays."""
    samples = [*hour_of(core, server, 60), core.sample(server)]
    store(core, samples)
    seal(core)
    for _ in range(2):
        outcomes = core.store_samples([samples[7]._replace(cpu=0.0), samples[8]])
        assert set(outcomes) <= {Outcome.STORED, Outcome.DUPLICATE}
        assert read(core, server) == plain(samples)
    seal(core)
    assert read(core, server) == plain(samples)
    (chunk,) = core.store.queries.history.chunks(server.id, 0, 2**31 - 1)
    assert chunk.samples == 240


def test_an_hour_with_many_rows_takes_several_transactions(core: Core, server: Server) -> None:
    samples = [*hour_of(core, server, 60, 3600), core.sample(server)]
    store(core, samples)
    transactions = list(core.seal_history(core.clock.now()))
    assert max(each.deleted for each in transactions) <= MOST_ROWS
    assert 3600 == sum(each.deleted for each in transactions) == sum(each.sealed for each in transactions)
    assert read(core, server) == plain(samples)


def test_a_transaction_seals_several_servers(core: Core) -> None:
    servers = [core.server(f"10.0.0.{n}") for n in range(1, 9)]
    for each in servers:
        store(core, [*hour_of(core, each, 60), core.sample(each)])
    assert list(core.seal_history(core.clock.now())) == [(960, 960, 4), (960, 960, 8)]


def test_a_pass_reports_progress_while_it_only_seals(core: Core) -> None:
    """Three hours of each of 30 servers are sealed, and all rows stay."""
    for each in [core.server(f"10.0.0.{n}") for n in range(1, 31)]:
        store(core, [*hour_of(core, each, 5), *hour_of(core, each, 4), *hour_of(core, each, 3), core.sample(each)])
    transactions = list(core.seal_history(core.clock.now() - timedelta(days=2)))
    assert (0, 30 * 3 * 240) == (sum(each.deleted for each in transactions), sum(each.sealed for each in transactions))
    done = [each.servers for each in transactions]
    assert done == sorted(done)
    assert done[-1] == 30
    assert 20 < len({*done})


def test_one_process_at_a_time(core: Core, server: Server) -> None:
    store(core, [*hour_of(core, server, 60), core.sample(server)])
    other = SealHistory(core.new_uow, core.store.queries, core.clock, "other")
    with core.new_uow() as uow:
        uow.leases.acquire("seal history", "core", core.clock.now(), timedelta(seconds=30))
        uow.commit()
    assert list(other(core.clock.now())) == []
    assert list(other(core.clock.now(), in_turn=False)) == [(240, 240, 1)]


@pytest.mark.parametrize("error", [TransactionConflict("met another"), ConstraintViolated("gone")])
def test_hours_sealed_by_another_process_are_not_sealed_twice(core: Core, server: Server, error: Exception) -> None:
    samples = [*hour_of(core, server, 60), core.sample(server)]
    store(core, samples)
    if isinstance(error, TransactionConflict):
        core.faults.append(error)
        assert seal(core) == 240
    else:
        transactions = core.seal_history(core.clock.now())
        core.delete_server(ROOT, server.id)
        assert list(transactions) == []
        return
    assert read(core, server) == plain(samples)


@pytest.mark.parametrize(("end", "error"), ENDS)
def test_a_kill_at_any_statement_loses_and_doubles_nothing(end: str, error) -> None:
    """A late sample and a duplicate are also waiting."""
    base = Core()
    server = base.server()
    samples = [*hour_of(base, server, 60, 12), *hour_of(base, server, 59, 12), base.sample(server)]
    late = samples[3]._replace(recorded_at=samples[3].recorded_at + timedelta(seconds=1))
    store(base, samples)
    assert seal(base, 60) == 0
    base.clock.advance(60)  # the lease has expired
    store(base, [late, samples[5]])
    died = 0
    for fate, fork, new_uow in deaths(base.store, error):
        clock = FixedClock(base.clock.now())
        with suppress(Killed, StorageUnavailable):
            list(SealHistory(new_uow, fork.queries, clock, "x")(clock.now()))
        again = Core(clock=clock, store=fork)
        assert read(again, server.id) == plain([*samples, late]), (end, fate.struck)
        list(SealHistory(again.new_uow, fork.queries, clock, "x")(clock.now()))
        assert read(again, server.id) == plain([*samples, late]), (end, fate.struck)
        assert len(again.stored_samples(server.id)) == 1
        died += bool(fate.struck)
    assert died >= 2 * 8
