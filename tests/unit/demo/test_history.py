"""A simulated history that is sealed at once equals one that was stored as rows first."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.application.history.blocks import StoredBlock
from monitor.application.history.newest import newest
from monitor.application.history.ports import SampleFilter
from monitor.demo.fleet import Simulated
from monitor.demo.history import sealable_hours
from monitor.demo.samples import samples
from monitor.domain.errors import StorageUnavailable
from monitor.domain.history.frames import Frame
from monitor.domain.history.rollups import HOUR
from monitor.domain.intake.samples import Sample
from monitor.domain.times import SECOND
from tests.unit.application.core import ROOT, Core

DAYS, INTERVAL = timedelta(days=4), 1200.0
COUNT = 20
"""Hosts of one rack: one loses its network, one has a wrong clock, one crashes."""
SINCE_EVER, FOR_EVER = -(2**31), 2**31 - 1


def set_up(core: Core) -> Simulated:
    core.fleet.refresh()
    found = core.set_up_simulation(core.admin(), seed=1, count=COUNT, created_at=core.clock.now() - DAYS)
    core.fleet.refresh()
    return found


def write(core: Core, simulated: Simulated, on_progress=lambda share, stored: None, days: timedelta = DAYS) -> int:
    now = core.clock.now()
    return core.write_simulated_history(
        simulated, start=now - DAYS, end=now - DAYS + days, interval=INTERVAL, on_progress=on_progress
    )


def write_as_rows(core: Core, simulated: Simulated) -> None:
    now = core.clock.now()
    for of, server in simulated:
        with core.new_uow() as uow:
            uow.samples.add(list(samples(of, server.id, now - DAYS, now, INTERVAL)))
            uow.commit()


def seal(core: Core) -> int:
    kept = core.fleet.directory.preferences.raw_days
    return sum(each.deleted for each in core.seal_history(core.clock.now() - timedelta(days=kept)))


def held(core: Core, simulated: Simulated) -> tuple[list[Sample], list[StoredBlock], list[StoredBlock]]:
    history, ids = core.store.queries.history, [server.id for _, server in simulated]
    return (
        sorted(core.stored_samples(), key=lambda s: (s.server_id, s.recorded_at)),
        [chunk for id_ in ids for chunk in history.chunks(id_, SINCE_EVER, FOR_EVER)],
        [
            rollup
            for id_ in ids
            for width in (600, 3600)
            for rollup in history.rollups(id_, width, SINCE_EVER, FOR_EVER)
        ],
    )


def test_it_equals_sealed_rows_to_the_byte(core: Core):
    fast, slow = core, Core(clock=core.clock)
    simulated = set_up(fast)
    assert set_up(slow) == simulated
    progress: list[tuple[float, int]] = []
    stored = write(fast, simulated, lambda share, done: progress.append((share, done)))
    write_as_rows(slow, simulated)
    seal(slow)
    assert seal(fast) == 0
    rows, chunks, rollups = held(fast, simulated)
    assert (rows, chunks, rollups) == held(slow, simulated)
    assert stored == len(rows) + sum(chunk.samples - chunk.raw_samples for chunk in chunks)
    assert len({chunk.server_id for chunk in chunks}) == COUNT
    assert progress == sorted(progress)
    assert progress[-1] == (1.0, stored)


def test_the_next_run_completes_an_interrupted_one(core: Core):
    whole = Core(clock=core.clock)
    simulated = set_up(core)
    write(whole, set_up(whole))

    def fail(share: float, stored: int) -> None:
        if share > 0.2:
            raise StorageUnavailable("gone")

    with pytest.raises(StorageUnavailable):
        write(core, simulated, fail)
    assert not core.stored_samples()
    again = core.other_process()
    again.fleet.refresh()
    write(again, simulated)
    assert held(core, simulated) == held(whole, simulated)


def test_a_history_that_is_continued_is_complete(core: Core):
    whole = Core(clock=core.clock)
    simulated = set_up(core)
    write(whole, set_up(whole))
    stored = 0
    for days in (1.0, 2.3, 2.3, 4.0):
        process = core.other_process()
        process.fleet.refresh()
        stored += write(process, simulated, days=timedelta(days=days))
        assert stored == all_of(core, simulated)
    seal(core)
    seal(whole)
    assert held(core, simulated) == held(whole, simulated)


def all_of(core: Core, simulated: Sequence[object]) -> int:
    found = newest(core.store.queries, ROOT, SampleFilter(limit=1_000_000))
    assert len({(row.sample.server_id, row.sample.recorded_at) for row in found}) == len(found)
    return len(found)


@given(
    st.lists(st.integers(0, 40 * 3600), max_size=60, unique=True).map(sorted),
    st.lists(st.integers(0, 60), max_size=5),
    st.integers(0, 40),
)
def test_an_hour_is_sealable_after_a_sample_two_hours_later(seconds: list[int], cuts: list[int], before: int):
    """For any division of the samples into frames."""
    times = [at * SECOND for at in seconds]
    whole = Frame(times, {"second": seconds})
    pieces = [whole.part(slice(a, b)) for a, b in pairwise([0, *sorted(cuts), 60])]
    newest = seconds[-1] // 3600 if seconds else 0
    found = list(sealable_hours(pieces, before))
    expected = [at for at in times if at // HOUR < min(before, newest - 1)]
    assert expected == [at for _, frame in found for at in frame.times]
    assert [at // SECOND for at in expected] == [second for _, frame in found for second in frame.columns["second"]]
    assert all(hour == at // HOUR for hour, frame in found for at in frame.times)
    assert [hour for hour, _ in found] == sorted({hour for hour, _ in found})
