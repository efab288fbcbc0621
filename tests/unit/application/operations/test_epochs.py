"""Processes on one store answer with the same epoch, and all with another one once it may have lost something."""

import logging
from datetime import timedelta

import pytest

from monitor.adapters.memory.fakes import CountedSecrets
from monitor.adapters.memory.store import MemoryStore
from monitor.application.alerts.evaluating.alerting import Alerting
from monitor.application.alerts.evaluating.state_cache import AlertChanges, StateCache
from monitor.application.fleet.fleet import Fleet
from monitor.application.history.tiers import StoredHistory
from monitor.application.intake.queue import CurrentEpoch
from monitor.application.operations.storing import WatchEpoch
from monitor.domain.errors import StorageUnavailable
from monitor.domain.intake.epochs import PATIENCE, EpochMark
from tests.contracts.builders import stored_server

SECRETS = CountedSecrets()


class Watcher(WatchEpoch):
    """A process whose samples go to *server*; None: it cannot be reached."""

    def __init__(self, store: MemoryStore) -> None:
        self.server: str | None = "one"
        fleet = Fleet(store.queries)
        stored = StoredHistory(store.queries)
        alerting = Alerting(fleet, stored, StateCache(fleet, stored, AlertChanges()))
        epoch = CurrentEpoch(SECRETS.token(), timedelta(minutes=1))
        super().__init__(store, self._server, SECRETS, epoch, fleet, alerting, store.reconnect)

    def _server(self) -> str:
        if self.server is None:
            raise StorageUnavailable
        return self.server

    def looks(self, times: int = PATIENCE + 1) -> str:
        for _ in range(times):
            self()
        return self.current.text


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def marked(store: MemoryStore, mark: EpochMark) -> None:
    with store() as uow:
        uow.epochs.put(mark)
        uow.commit()


def found(store: MemoryStore) -> EpochMark:
    with store() as uow:
        mark = uow.epochs.get()
    assert mark is not None
    return mark


def test_before_its_first_look_a_process_answers_with_an_epoch_of_its_own(store):
    one, other = Watcher(store), Watcher(store)
    assert one.current.text != other.current.text
    assert one.current.text != one.looks(1)


def test_processes_agree(store):
    one, other = Watcher(store), Watcher(store)
    assert one.looks() == other.looks(1)
    one()
    assert one.looks(1) == other.looks()


def test_a_process_that_starts_alone_begins_an_epoch(store):
    before = Watcher(store).looks()
    later = Watcher(store)
    assert before == later.looks(PATIENCE)
    assert before != later.looks(1)


def test_a_process_that_starts_beside_another_does_not(store):
    one, other = Watcher(store), Watcher(store)
    before = one.looks()
    for _ in range(2 * PATIENCE):
        assert before == other.looks(1)
        assert before == one.looks(1)


def test_a_restored_store_begins_an_epoch_in_all_processes(store, caplog):
    one, other = Watcher(store), Watcher(store)
    before = one.looks()
    backup = found(store)
    one()
    other()
    marked(store, backup)
    with caplog.at_level(logging.WARNING):
        after = other.looks(1)
        one()
    one()
    other()
    assert 1 <= one.current.begun
    assert one.current.text == other.current.text
    assert before not in (after, one.current.text)
    assert "may have lost what it acknowledged last: agents send the last 60 s again" in caplog.text


def test_another_server_begins_an_epoch(store):
    watcher = Watcher(store)
    before = watcher.looks()
    watcher.server = "other"
    assert before != watcher.looks(1)


def test_a_database_that_was_away_and_lost_nothing_keeps_its_epoch(store):
    watcher = Watcher(store)
    before = watcher.looks()
    watcher.server = None
    with pytest.raises(StorageUnavailable):
        watcher()
    assert before == watcher.current.text
    watcher.server = "one"
    assert before == watcher.looks()


def test_a_process_reads_its_fleet_again_that_the_database_may_have_lost(store):
    """After a restored backup as much was changed as before: the revision is the same, and the log has no hole."""
    watcher, restored = Watcher(store), MemoryStore()
    for each, addresses in ((store, ("192.0.2.1", "192.0.2.2")), (restored, ("192.0.2.1", "192.0.2.3"))):
        for address in addresses:
            stored_server(each, address)
    watcher.looks()
    watcher.fleet.refresh()
    store.queries.fleet = restored.queries.fleet
    watcher.fleet.poll()
    assert "192.0.2.2" in watcher.fleet.directory.by_address
    watcher.server = "two"
    watcher()
    watcher.fleet.poll()
    assert {"192.0.2.1", "192.0.2.3"} == watcher.fleet.directory.by_address.keys()


def test_a_young_process_takes_part_in_a_fail_over(store):
    """It does not know yet that another watches, and still reads its fleet again."""
    other, young = Watcher(store), Watcher(store)
    other.looks()
    young.looks(1)
    young.fleet.refresh()
    young.server = "two"
    young.looks(1)
    assert (True, 1) == (young.fleet.is_stale, young.current.begun)


def test_an_epoch_that_began_since_nobody_watched_leaves_the_fleet_alone(store):
    other, watcher = Watcher(store), Watcher(store)
    before = other.looks()
    watcher.fleet.refresh()
    assert before != watcher.looks()
    assert (False, 0) == (watcher.fleet.is_stale, watcher.current.begun)


def test_what_fails_halfway_is_repeated(store):
    watcher = Watcher(store)
    before = watcher.looks()
    watcher.fleet.refresh()
    watcher.server, reconnect = "two", watcher.reconnect

    def fails() -> None:
        raise StorageUnavailable

    watcher.reconnect = fails
    with pytest.raises(StorageUnavailable):
        watcher()
    watcher.reconnect = reconnect
    assert before != watcher.looks(1)
    assert (True, 1) == (watcher.fleet.is_stale, watcher.current.begun)
