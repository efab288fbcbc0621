"""Sealing: wherever samples lie, what is read is what was stored."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.memory.clock import FixedClock
from monitor.application import tiers
from monitor.application.intake import Outcome
from monitor.application.newest_samples import newest
from monitor.application.ports.queries import SampleFilter
from monitor.application.sealing import MOST_ROWS, SealHistory
from monitor.domain.alert_engine import microseconds
from monitor.domain.errors import ConstraintViolated, StorageUnavailable, TransactionConflict
from monitor.domain.history.frames import Frame, cut, frame_of, joined, sample_at
from monitor.domain.history.rollups import HALF_DAY, HOUR, folded, summarised
from monitor.domain.samples import Sample
from monitor.domain.servers import Server, ServerId
from tests.unit.application.core import ROOT, Core
from tests.unit.application.mortal import ENDS, Fate, Killed, MortalStore, forked

LONG_AGO, LATER = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
METRICS = ["cpu", "memory", "disk", "load1"]
A_DAY = 86_400


def seal(core: Core, hours_ago: float = 0, clock: FixedClock | None = None) -> int:
    """How many rows went. *clock*: which hours have ended."""
    sealing = SealHistory(core.new_uow, core.store.queries, clock or core.clock, "core")
    return sum(step.gone for step in sealing.steps(core.clock.now() - timedelta(hours=hours_ago)))


def store(core: Core, samples: Sequence[Sample]) -> None:
    core.store_samples(samples)


def read(core: Core, server: Server | ServerId) -> list[Sample]:
    """Oldest first; when each was received is not kept of those that are sealed."""
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


@pytest.fixture
def core() -> Core:
    return Core()


@pytest.fixture
def server(core: Core) -> Server:
    return core.server()


def test_an_hour_that_is_sealed_is_read_as_before(core: Core, server: Server) -> None:
    samples = [*hour_of(core, server, 60), *hour_of(core, server, 50), core.sample(server)]
    store(core, samples)
    assert seal(core, 48) == 480
    assert core.stored_samples(server.id) == samples[-1:]
    assert read(core, server) == plain(samples)
    rows = newest(core.store.queries, ROOT, SampleFilter(limit=3))
    assert [row.id is None for row in rows] == [False, True, True]
    assert {(row.server_name, row.ip_address) for row in rows} == {(server.name, server.ip_address)}


def test_an_hour_is_sealed_when_it_has_ended_and_stays_at_hand(core: Core, server: Server) -> None:
    samples = [*hour_of(core, server, 2), *hour_of(core, server, 1), core.sample(server)]
    store(core, samples)
    assert seal(core, 48) == 0
    chunks = core.store.queries.history.chunks(server.id, 0, 2**31 - 1)
    assert [(chunk.samples, chunk.at_hand) for chunk in chunks] == [(240, 240)] * 2
    assert core.stored_samples(server.id) == samples
    assert unsealed(core, server) == plain(samples[-1:])
    assert read(core, server) == plain(samples)


def test_a_late_sample_opens_an_hour_that_is_at_hand(core: Core, server: Server) -> None:
    """Until the next pass."""
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
    """What charts read from rows."""
    frame = core.store.queries.samples.frame(ROOT, server.id, LONG_AGO, LATER)
    return plain(sample_at(frame, place, server.id) for place in range(len(frame)))


def test_sealing_again_finds_nothing(core: Core, server: Server) -> None:
    store(core, [*hour_of(core, server, 60), core.sample(server)])
    seal(core)
    assert seal(core) == 0


def test_only_whole_hours_are_sealed(core: Core, server: Server) -> None:
    """At half past, the hour that began 48 and a half hours ago still has samples that are wanted at hand."""
    core.clock.advance(1800)
    store(core, [*hour_of(core, server, 49, 4), *hour_of(core, server, 48, 4), core.sample(server)])
    assert seal(core, 48) == 4


def test_the_newest_hours_of_a_silent_host_stay(core: Core, server: Server) -> None:
    """From them its state is read when the process starts."""
    samples = [sample for ago in (100, 99, 98) for sample in hour_of(core, server, ago, 12)]
    store(core, samples)
    assert seal(core) == 12
    assert plain(core.store.queries.samples.latest()) == plain(samples[-1:])
    with core.new_uow() as uow:
        assert len(uow.samples.recent_times(server.id, core.clock.now(), 11)) == 11


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


def test_a_sample_that_was_sealed_is_stored_once_however_often_it_comes(core: Core, server: Server) -> None:
    """And stays as it was."""
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


def test_an_hour_with_more_rows_than_a_step_takes_is_sealed_in_several(core: Core, server: Server) -> None:
    samples = [*hour_of(core, server, 60, 3600), core.sample(server)]
    store(core, samples)
    steps = list(core.seal_history.steps(core.clock.now()))
    assert max(step.gone for step in steps) <= MOST_ROWS
    assert 3600 == sum(step.gone for step in steps) == sum(step.sealed for step in steps)
    assert read(core, server) == plain(samples)


def test_a_step_takes_several_servers(core: Core) -> None:
    servers = [core.server(f"10.0.0.{n}") for n in range(1, 9)]
    for each in servers:
        store(core, [*hour_of(core, each, 60), core.sample(each)])
    assert list(core.seal_history.steps(core.clock.now())) == [(960, 960, 4), (960, 960, 8)]


def test_a_pass_tells_how_far_it_is_while_it_only_seals(core: Core) -> None:
    """Of each of 30 servers three hours are sealed, and none of their rows go yet."""
    for each in [core.server(f"10.0.0.{n}") for n in range(1, 31)]:
        store(core, [*hour_of(core, each, 5), *hour_of(core, each, 4), *hour_of(core, each, 3), core.sample(each)])
    steps = list(core.seal_history.steps(core.clock.now() - timedelta(days=2)))
    assert (0, 30 * 3 * 240) == (sum(step.gone for step in steps), sum(step.sealed for step in steps))
    done = [step.servers for step in steps]
    assert done == sorted(done)
    assert done[-1] == 30
    assert 20 < len({*done})


def test_one_process_at_a_time(core: Core, server: Server) -> None:
    store(core, [*hour_of(core, server, 60), core.sample(server)])
    other = SealHistory(core.new_uow, core.store.queries, core.clock, "other")
    with core.new_uow() as uow:
        uow.leases.acquire("seal history", "core", core.clock.now(), timedelta(seconds=30))
        uow.commit()
    assert list(other.steps(core.clock.now())) == []
    assert list(other.steps(core.clock.now(), in_turn=False)) == [(240, 240, 1)]


@pytest.mark.parametrize("error", [TransactionConflict("met another"), ConstraintViolated("gone")])
def test_what_another_did_meanwhile_is_not_done_twice(core: Core, server: Server, error: Exception) -> None:
    samples = [*hour_of(core, server, 60), core.sample(server)]
    store(core, samples)
    if isinstance(error, TransactionConflict):
        core.faults.append(error)
        assert seal(core) == 240
    else:
        steps = core.seal_history.steps(core.clock.now())
        core.delete_server(ROOT, server.id)
        assert list(steps) == []
        return
    assert read(core, server) == plain(samples)


@pytest.mark.parametrize(("end", "error"), ENDS)
def test_a_kill_at_any_statement_loses_and_doubles_nothing(end: str, error) -> None:
    """A late sample and a duplicate wait for their hour, too."""
    base = Core()
    server = base.server()
    samples = [*hour_of(base, server, 60, 12), *hour_of(base, server, 59, 12), base.sample(server)]
    late = samples[3]._replace(recorded_at=samples[3].recorded_at + timedelta(seconds=1))
    store(base, samples)
    assert seal(base, 60) == 0
    base.clock.advance(60)  # the lease is free again
    store(base, [late, samples[5]])
    strikes_at = 0
    while True:
        strikes_at += 1
        for before in (True, False):
            fate = Fate(strikes_at, before, error)
            fork = forked(base.store)
            mortal = MortalStore(fork, fate)
            clock = FixedClock(base.clock.now())
            new_uow = partial(mortal.unit_of_work, lambda: None)
            with suppress(Killed, StorageUnavailable):
                list(SealHistory(new_uow, fork.queries, clock, "x").steps(clock.now()))
            again = Core(clock=clock, store=fork)
            assert read(again, server.id) == plain([*samples, late]), (end, fate.struck)
            list(SealHistory(again.new_uow, fork.queries, clock, "x").steps(clock.now()))
            assert read(again, server.id) == plain([*samples, late]), (end, fate.struck)
            assert len(again.stored_samples(server.id)) == 1
        if not fate.struck:
            break
    assert strikes_at > 8


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[float, float, float | None, int]]:
    """(age in seconds, cpu, load1, in which round it is stored): anywhere in ten days, in a rhythm or not."""
    ages = draw(st.sets(st.integers(60, 10 * A_DAY) | st.integers(1, 400).map(lambda n: n * 900), max_size=60))
    return [
        (age + draw(st.sampled_from([0.0, 0.25, 0.000001])), draw(st.integers(0, 10_000)) / 100, load, draw(rounds))
        for age in sorted(ages)
        for load in [draw(st.none() | st.integers(0, 999).map(lambda n: n / 8))]
    ]


rounds = st.integers(0, 2)
SEALED_UNTIL = st.lists(st.tuples(st.integers(0, 12 * 24), st.integers(0, 12 * 24)), min_size=3, max_size=3)
"""How many hours ago ended those that lose their rows, and those that are sealed at all."""


@given(histories(), SEALED_UNTIL, st.integers(1, 60), st.sampled_from([1, 7, 40]))
def test_however_it_is_split_it_reads_the_same(history, until: list[tuple[int, int]], points: int, limit: int) -> None:
    """Samples come in three rounds, each sealed up to anywhere, and at hand since anywhere: all reads are those of one
    that is never sealed."""
    split, whole = Core(), Core()
    of_split, of_whole = split.server(), whole.server()
    for number, (gone, sealed) in enumerate(until):
        for core, server in ((split, of_split), (whole, of_whole)):
            core.store_samples(
                [
                    core.sample(server, -age, cpu=cpu, extra=None if load is None else {"load1": load})
                    for age, cpu, load, when in history
                    if when == number
                ]
            )
        seal(split, gone, FixedClock(split.clock.now() - timedelta(hours=sealed)))
    now = split.clock.now()
    assert read(split, of_split) == plain(whole.stored_samples(of_whole.id))
    for length in (timedelta(hours=20), timedelta(days=6), timedelta(days=11)):
        mine, theirs = (
            core.read_series(ROOT, server.id, metrics=METRICS, start=now - length, end=now, points=points)
            for core, server in ((split, of_split), (whole, of_whole))
        )
        assert mine == theirs
        assert len(mine.time) <= points
    for asked in (LONG_AGO, now - timedelta(days=5, seconds=7)):
        found = tiers.values(split.store.queries, ROOT, of_split.id, "load1", asked, LATER)
        assert found == tiers.values(whole.store.queries, ROOT, of_whole.id, "load1", asked, LATER)
    assert pages(split, of_split, limit) == pages(whole, of_whole, limit)


def pages(core: Core, server: Server, limit: int) -> list[Sample]:
    found: list[Sample] = []
    before = None
    while rows := newest(core.store.queries, ROOT, SampleFilter(limit=limit, before=before)):
        assert len(rows) <= limit
        found += [row.sample for row in rows]
        before = (rows[-1].sample.recorded_at, server.id)
    return [sample._replace(received_at=sample.recorded_at, extra=sample.extra or None) for sample in found]


@pytest.mark.parametrize(("width", "days"), [(600, 6), (3600, 30), (43_200, 30)])
def test_summaries_are_those_of_all_samples(core: Core, server: Server, width: int, days: int) -> None:
    samples = [sample for ago in (140, 139, 100, 30, 3, 2) for sample in hour_of(core, server, ago)]
    store(core, samples)
    seal(core, 48)
    frame = frame_of(samples)
    hours = [summarised(frame.part(place)) for _, place in cut(frame.times, HOUR)]
    expected = folded(joined(hours), width * 1_000_000)
    end = microseconds(core.clock.now()) // HALF_DAY * HALF_DAY
    limits = (end - days * 24 * HOUR, end, METRICS)
    if width == 43_200:
        found = tiers.half_days(core.store.queries, ROOT, server.id, *limits)
    else:
        found = tiers.summaries(core.store.queries, ROOT, server.id, width, *limits)
    assert rows(found) == rows(expected)


def rows(frame: Frame) -> list[tuple[int, dict[str, float | None]]]:
    return [
        (time, {name: frame.columns[name][at] for name in sorted(frame.columns)}) for at, time in enumerate(frame.times)
    ]
