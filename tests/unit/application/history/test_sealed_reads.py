"""Reads return what was stored, from rows, chunks or both."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.memory.fakes import FixedClock
from monitor.application.alerts.evaluating.refold import ReadAhead
from monitor.application.history import tiers
from monitor.application.history.newest import newest
from monitor.application.history.ports import SampleFilter
from monitor.application.history.tiers import StoredHistory
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.history.frames import Frame, concatenated, cut, frame_of
from monitor.domain.history.rollups import HALF_DAY, HOUR, folded, rolled_up
from monitor.domain.intake.samples import Sample
from monitor.domain.times import microseconds
from tests.unit.application.core import ROOT, Core
from tests.unit.application.history.sealed import LATER, LONG_AGO, amend, hour_of, plain, read, seal, store

METRICS = ["cpu", "memory", "disk", "load1"]


A_DAY = 86_400


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[float, float, float | None, int, int]]:
    """Draw (age in seconds, cpu, load1, rounds in which it is stored and amended): within ten days, regular or not."""
    ages = draw(st.sets(st.integers(60, 10 * A_DAY) | st.integers(1, 400).map(lambda n: n * 900), max_size=60))
    return [
        (
            age + draw(st.sampled_from([0.0, 0.25, 0.000001])),
            draw(st.integers(0, 10_000)) / 100,
            load,
            draw(rounds),
            draw(rounds),
        )
        for age in sorted(ages)
        for load in [draw(st.none() | st.integers(0, 999).map(lambda n: n / 8))]
    ]


rounds = st.integers(0, 2)


SEALED_UNTIL = st.lists(st.tuples(st.integers(0, 12 * 24), st.integers(0, 12 * 24)), min_size=3, max_size=3)
"""Hours ago up to which rows are deleted, and up to which hours are sealed."""


@given(histories(), SEALED_UNTIL, st.integers(1, 60), st.sampled_from([1, 7, 40]))
def test_reads_do_not_depend_on_how_samples_are_sealed(
    history, until: list[tuple[int, int]], points: int, limit: int
) -> None:
    """Samples arrive in three rounds, and those that have a row are amended, with sealing in between.

    All reads equal those of a store that is never sealed.
    """
    split, whole = Core(), Core()
    of_split, of_whole = split.server(), whole.server()
    for number, (deleted, sealed) in enumerate(until):
        for core, server in ((split, of_split), (whole, of_whole)):
            core.store_samples(
                [
                    core.sample(server, -age, cpu=cpu, extra=None if load is None else {"load1": load})
                    for age, cpu, load, when, _ in history
                    if when == number
                ]
            )
        due = {-age for age, _, _, _, when in history if when == number}
        times = {split.sample(of_split, after).recorded_at for after in due}
        amended = [row._replace(cpu=7.0) for row in split.stored_samples(of_split.id) if row.recorded_at in times]
        amend(split, amended)
        amend(whole, [row._replace(server_id=of_whole.id) for row in amended])
        seal(split, deleted, FixedClock(split.clock.now() - timedelta(hours=sealed)))
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
        wanted = {(of_split.id, "load1"), (of_split.id, "cpu"), (ServerId(1_000_000), "cpu")}
        many = tiers.values_of_many(split.store.queries, wanted, asked, LATER)
        known = tiers.values_of_many(whole.store.queries, {(of_whole.id, "load1"), (of_whole.id, "cpu")}, asked, LATER)
        same = {(of_split.id, metric): values for (_, metric), values in known.items()}
        assert many == {**same, (ServerId(1_000_000), "cpu"): []}
        stored = StoredHistory(split.store.queries)
        ahead = ReadAhead.of(stored, [of_split.id], ["cpu", "load1"], asked, LATER)
        for start, end in ((asked, LATER), (asked + timedelta(hours=7), LATER), (LONG_AGO, LATER)):
            one, other = (each.frame(of_split.id, ["load1"], start, end) for each in (ahead, stored))
            assert (one.times, one.column("load1")) == (other.times, other.column("load1"))
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
def test_rollups_are_of_all_samples(core: Core, server: Server, width: int, days: int) -> None:
    samples = [sample for ago in (140, 139, 100, 30, 3, 2) for sample in hour_of(core, server, ago)]
    store(core, samples)
    seal(core, 48)
    frame = frame_of(samples)
    hours = [rolled_up(frame.part(place)) for _, place in cut(frame.times, HOUR)]
    expected = folded(concatenated(hours), width * 1_000_000)
    end = microseconds(core.clock.now()) // HALF_DAY * HALF_DAY
    limits = (end - days * 24 * HOUR, end, METRICS)
    if width == 43_200:
        found = tiers.half_days(core.store.queries, ROOT, server.id, *limits)
    else:
        found = tiers.rollups(core.store.queries, ROOT, server.id, width, *limits)
    assert rows(found) == rows(expected)


def rows(frame: Frame) -> list[tuple[int, dict[str, float | None]]]:
    return [
        (time, {name: frame.columns[name][at] for name in sorted(frame.columns)}) for at, time in enumerate(frame.times)
    ]
