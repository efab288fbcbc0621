from dataclasses import replace

import pytest

from monitor.adapters.memory.store import MemoryStore
from tests.contracts.builders import a_server, stored_server
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


def test_a_reader_keeps_the_state_that_it_read():
    """Whatever is committed in between."""
    store = MemoryStore()
    server = stored_server(store)
    before = store.queries.fleet.snapshot()
    with store() as uow:
        uow.servers.save(replace(server, name="new"))
        uow.commit()
    assert before.servers == [server]
    assert store.queries.fleet.snapshot().revision == before.revision + 1


def test_a_second_unit_of_work_on_one_thread_is_an_error_and_no_deadlock():
    store = MemoryStore()
    with store(), pytest.raises(RuntimeError, match="open already"), store():
        pass
    assert stored_server(store).id > 0


def test_a_unit_of_work_that_has_ended_commits_nothing():
    """It would undo later commits of others."""
    store = MemoryStore()
    with store() as uow:
        uow.servers.add(a_server())
    with pytest.raises(AttributeError):
        uow.commit()
    assert store.queries.fleet.revision() == 0


def test_what_comes_after_a_commit_is_another_transaction():
    store = MemoryStore()
    with store() as uow:
        first = uow.servers.add(a_server("192.0.2.1"))
        uow.commit()
        uow.servers.add(a_server("192.0.2.2"))
    assert store.queries.fleet.snapshot().servers == [first]


def test_stores_are_independent_and_can_be_closed():
    one, two = MemoryStore(), MemoryStore()
    stored_server(one)
    one.close()
    assert two.queries.fleet.snapshot().servers == []
