"""Moving history, on the store and the archive in memory."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any

import pytest

from monitor.adapters.memory.store import MemoryStore
from monitor.application.history.archiving import ArchiveHistory, KeepArchive
from monitor.application.operations.ports import Queries
from monitor.domain.errors import HistoryUnavailable
from monitor.domain.fleet.servers import Server
from monitor.domain.preferences import Preferences
from tests.contracts.archived_history import ArchivedHistoryContract, world
from tests.fakes.archive import MemoryArchive
from tests.unit.application.core import Core
from tests.unit.application.history.sealed import hour_of, seal, store

__all__ = ["world"]


class TestArchivedHistory(ArchivedHistoryContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()

    @pytest.fixture
    def new_uow(self, store: MemoryStore) -> Callable[[], Any]:
        return store

    @pytest.fixture
    def queries(self, store: MemoryStore) -> Queries:
        return store.queries

    @pytest.fixture
    def archive(self) -> MemoryArchive:
        return MemoryArchive()

    @pytest.fixture
    def settle(self) -> Callable[[], None]:
        return lambda: None

    @pytest.fixture
    def outage(self, archive: MemoryArchive) -> Callable[[], AbstractContextManager[None]]:
        @contextmanager
        def fails() -> Iterator[None]:
            archive.fails = True
            yield
            archive.fails = False

        return fails


@pytest.mark.parametrize("days", [31, 100, None])
def test_what_the_archive_would_delete_too_early_stays(core: Core, server: Server, days: int | None) -> None:
    """Samples are kept for 400 days, ten-minute rollups for 90, hourly ones for years."""
    archive = MemoryArchive()
    archive.age = None if days is None else timedelta(days=days)
    move = ArchiveHistory(core.new_uow, archive, core.clock, "core")
    widths = [width for width, _ in move.due(Preferences())]
    assert widths == {31: [], 100: [600], None: [0, 600, 3600, 43_200]}[days]
    keep = KeepArchive(move, core.fleet, core.clock)
    store(core, [*hour_of(core, server, 24 * 40), core.sample(server)])
    seal(core, 48)
    for _ in range(9):
        keep()
    assert {block.width for block in archive.held} == set(widths)


def test_the_job_starts_anew_after_an_outage(core: Core, server: Server) -> None:
    """A minute later, and a minute after each pass."""
    archive = MemoryArchive()
    keep = KeepArchive(ArchiveHistory(core.new_uow, archive, core.clock, "core"), core.fleet, core.clock)
    store(core, [*hour_of(core, server, 24 * 40), core.sample(server)])
    seal(core, 48)
    archive.fails = True
    with pytest.raises(HistoryUnavailable):
        keep()
    archive.fails = False
    keep()
    assert not archive.held
    core.clock.advance(timedelta(minutes=1))
    for _ in range(9):
        keep()
    assert len(archive.held) == 4


def test_only_one_process_moves(core: Core, server: Server) -> None:
    archive = MemoryArchive()
    store(core, [*hour_of(core, server, 24 * 40), core.sample(server)])
    seal(core, 48)
    one, other = (ArchiveHistory(core.new_uow, archive, core.clock, name) for name in ("one", "other"))
    steps = one(Preferences())
    assert next(steps).written == 1
    assert list(other(Preferences())) == []
    assert sum(step.moved for step in other(Preferences(), in_turn=False)) == 4
    assert sum(step.moved for step in steps) == 0
