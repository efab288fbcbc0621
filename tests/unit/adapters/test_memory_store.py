import pytest

from monitor.adapters.memory import MemoryStore
from tests.contracts.storage import StorageContract


class TestMemoryStore(StorageContract):
    @pytest.fixture
    def store(self):
        return MemoryStore()

    @pytest.fixture
    def queries(self, store):
        return store.queries

    @pytest.fixture
    def fleet_changes(self):
        return []

    @pytest.fixture
    def new_uow(self, store, fleet_changes):
        return lambda: store.unit_of_work(lambda: fleet_changes.append(store.queries.fleet.revision()))
