"""The history reads the same wherever it lies. Fixtures: `new_uow` and `queries` of an empty store, `archive`, an empty
one, `settle`, which waits until it shows what was stored, and `outage`, a context in which it does not answer.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.adapters.memory.fakes import FixedClock
from monitor.application.history import tiers
from monitor.application.history.archiving import ArchiveHistory, ReturnHistory
from monitor.application.history.newest import newest
from monitor.application.history.ports import SampleFilter
from monitor.application.history.sealing import SealHistory
from monitor.domain.errors import HistoryUnavailable
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import Frame
from monitor.domain.history.rollups import HALF_DAY, HOUR
from monitor.domain.preferences import Preferences
from monitor.domain.times import microseconds
from tests.contracts.builders import ADMIN, MICROSECOND, a_sample, store_samples, stored_server
from tests.fakes.archive import MemoryArchive

KEPT = Preferences(chunk_days=4000, ten_minute_days=4000)
AT = datetime(2024, 1, 1, 12, tzinfo=UTC)
"""In the past of every clock: a real archive takes nothing from the future."""
NOW = AT + timedelta(days=70)
"""All rollups of AT's hours are then old enough to move, those of four weeks too."""


class World:
    """One server's history, and how it is sealed, moved and read."""

    def __init__(self, new_uow: Any, queries: Any, archive: Any, settle: Any) -> None:
        self.new_uow, self.queries, self.archive, self._settle = new_uow, queries, archive, settle
        queries.archive = archive
        self.clock = FixedClock(NOW)
        self.one, self.two = (stored_server(new_uow, f"192.0.2.{n}").id for n in (1, 2))

    def report(self, server: ServerId, *times: datetime, **more: Any) -> None:
        store_samples(self.new_uow, *(a_sample(server, at, cpu=n % 100 + 0.25, **more) for n, at in enumerate(times)))

    def seal(self) -> None:
        list(SealHistory(self.new_uow, self.queries, self.clock, "this")(NOW - timedelta(days=2)))

    def move(self) -> list[tuple[int, int]]:
        """Return (moved, refused) of the steps that did anything."""
        done = []
        for step in ArchiveHistory(self.new_uow, self.archive, self.clock, "this")(KEPT):
            if step.waits:
                self._settle()
                self.clock.advance(self.archive.settles_after)
            elif step.moved or step.refused:
                done.append((step.moved, step.refused))
        return done

    def counts(self) -> list[tuple[int, int]]:
        """Return how much lies here, and in the archive."""
        with self.new_uow() as uow:
            return [uow.blocks.count(width, 10**6) for width in (0, 600, 3600, 43_200)]

    def view(self, server: Any = None) -> list[Any]:
        """Return all that screens and backtests read of a server."""
        server = server or self.one
        start, end = AT - timedelta(days=2), AT + timedelta(days=2)
        names = ["cpu", "load1"]
        first, last = (microseconds(at) // HALF_DAY * HALF_DAY for at in (start, end))
        return [
            tiers.frame(self.queries, ADMIN, server, start, end, names),
            *(tiers.rollups(self.queries, ADMIN, server, width, first, last, names) for width in (600, 3600)),
            tiers.half_days(self.queries, ADMIN, server, first, last, names),
            [row.sample for row in newest(self.queries, ADMIN, SampleFilter(server_id=server))],
            [row.sample for row in newest(self.queries, ADMIN, SampleFilter(limit=20))],
        ]


@pytest.fixture
def world(new_uow: Any, queries: Any, archive: Any, settle: Any) -> World:
    """Three hours of one server, with odd times and values, one of another, and a new sample of each."""
    world = World(new_uow, queries, archive, settle)
    times = [AT + n * timedelta(seconds=90) for n in range(120)]
    world.report(world.one, *times[:80])
    world.report(world.one, *(at + 7 * MICROSECOND for at in times[80:]), extra={"load1": 1 / 3, "x": -0.0})
    world.report(world.two, *times[:5], interval=90.0)
    for server in (world.one, world.two):
        world.report(server, NOW)
    world.seal()
    return world


class ArchivedHistoryContract:
    def test_everything_reads_the_same_after_a_move(self, world):
        before = world.view(), world.view(world.two)
        assert world.counts() == [(4, 0), (2, 0), (2, 0), (2, 0)]
        assert world.move() == [(4, 0), (2, 0), (2, 0), (2, 0)]
        assert world.counts() == [(0, 4), (0, 2), (0, 2), (0, 2)]
        assert (world.view(), world.view(world.two)) == before
        assert world.move() == []

    def test_late_samples_join_an_hour_in_the_archive(self, world):
        world.move()
        late = [AT + n * timedelta(minutes=1) + MICROSECOND for n in range(3)]
        world.report(world.one, *late)
        unsealed = world.view()
        assert len(unsealed[0]) == 123
        world.seal()
        assert world.view() == unsealed
        assert world.counts() == [(1, 3), (1, 1), (1, 1), (1, 1)]
        assert world.move() == [(1, 0)] * 4
        assert world.view() == unsealed

    def test_an_outage_costs_only_what_lies_there(self, world, outage):
        world.move()
        world.report(world.two, AT + timedelta(days=3), AT + timedelta(days=3, hours=1))
        world.seal()
        before = world.view()
        with outage():
            with pytest.raises(HistoryUnavailable):
                world.view()
            with pytest.raises(HistoryUnavailable):
                world.move()
            recent = tiers.frame(world.queries, ADMIN, world.one, NOW - timedelta(days=1), NOW + timedelta(days=1))
            assert len(recent) == 1
            here = tiers.frame(world.queries, ADMIN, world.two, AT + timedelta(days=2), AT + timedelta(days=4))
            assert len(here) == 2
            # What needs the archive waits, and everything else is sealed.
            world.report(world.one, AT + MICROSECOND)
            world.report(world.two, AT + timedelta(days=6))
            world.seal()
            assert len(world.queries.samples.newest(ADMIN, SampleFilter(server_id=world.one))) == 2
            assert len(world.queries.samples.newest(ADMIN, SampleFilter(server_id=world.two))) == 1
        world.clock.advance(timedelta(minutes=1))
        world.seal()
        assert len(world.queries.samples.newest(ADMIN, SampleFilter(server_id=world.one))) == 1
        assert len(world.view()[0]) == len(before[0]) + 1
        world.move()
        assert [here for here, _ in world.counts()] == [0, 0, 0, 0]

    def test_what_the_archive_does_not_hold_stays(self, world):
        """It is offered again under another name."""
        before = world.view()
        step = iter(ArchiveHistory(world.new_uow, Forgetful(), world.clock, "this")(KEPT))
        refused = sum(each.refused for each in step)
        assert refused == 10
        assert world.counts() == [(4, 0), (2, 0), (2, 0), (2, 0)]
        assert world.move() == [(4, 0), (2, 0), (2, 0), (2, 0)]
        assert world.view() == before
        with world.new_uow() as uow:
            assert {chunk.generation for chunk in uow.blocks.moved(0, None, 9)} == {2}

    def test_an_hour_that_changes_on_the_way_stays(self, world):
        steps = iter(ArchiveHistory(world.new_uow, world.archive, world.clock, "this")(KEPT))
        next(steps)  # chunks were written
        world.report(world.one, AT + MICROSECOND)
        world.seal()
        before = world.view()
        moved = []
        for step in steps:
            if step.waits:
                world._settle()
                world.clock.advance(world.archive.settles_after)
            moved.append(step.moved)
        assert sum(moved) == 9
        assert world.view() == before
        assert world.move() == [(1, 0)]
        assert world.view() == before

    def test_a_deleted_server_is_forgotten_with_the_next_move(self, world, outage):
        world.move()
        blocks = []
        with world.new_uow() as uow:
            blocks = [row.block for width in (0, 600) for row in uow.blocks.moved(width, None, 99)]
            uow.servers.delete([world.one])
            uow.commit()
        with outage(), pytest.raises(HistoryUnavailable):
            world.move()
        world.clock.advance(timedelta(minutes=1))
        world.move()
        world._settle()
        assert {block.server_id for block in world.archive.read(blocks)} == {world.two}
        with world.new_uow() as uow:
            assert uow.blocks.deleted_servers() == []

    def test_retention_ends_what_lies_in_the_archive(self, world):
        world.move()
        with world.new_uow() as uow:
            assert uow.history.prune(0, microseconds(AT) // HOUR + 2, 100) == 3
            assert uow.history.prune(600, 10**6, 100) == 2
            uow.commit()
        assert len(world.view()[0]) == 40

    def test_everything_comes_back(self, world, outage):
        before = world.view(), world.view(world.two)
        world.move()
        back = list(ReturnHistory(world.new_uow, world.archive)())
        assert (sum(step.returned for step in back), sum(step.lost for step in back)) == (10, 0)
        with outage():
            assert (world.view(), world.view(world.two)) == before
        world.clock.advance(timedelta(minutes=1))
        assert world.move() == [(4, 0), (2, 0), (2, 0), (2, 0)]

    def test_what_the_archive_has_lost_is_no_empty_chart(self, world):
        """Nor does it come back in part."""
        world.move()
        world.archive.forget([world.one])
        world._settle()
        with world.new_uow() as uow:
            chunk, *_ = uow.blocks.moved(0, None, 1)
        world.archive.store({chunk.block: Frame([microseconds(AT)], {"cpu": [1.0]})})
        world._settle()
        with pytest.raises(HistoryUnavailable, match="has lost"):
            world.view()
        other = tiers.frame(world.queries, ADMIN, world.two, AT - timedelta(days=2), AT + timedelta(days=2))
        assert len(other) == 5
        back = list(ReturnHistory(world.new_uow, world.archive)())
        assert (sum(step.returned for step in back), sum(step.lost for step in back)) == (4, 6)


class Forgetful(MemoryArchive):
    """Answers every write and keeps nothing."""

    def store(self, blocks: object) -> None:
        pass
