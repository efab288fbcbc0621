"""Moving history, on the store and the archive in memory."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from monitor.adapters.memory.archive import MemoryArchive
from monitor.adapters.memory.store import MemoryStore
from monitor.application.operations.ports import Queries
from tests.contracts.archived_history import ArchivedHistoryContract, world

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
