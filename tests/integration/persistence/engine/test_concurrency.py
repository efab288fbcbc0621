"""Many transactions at the same time: each waits for its turn, and none is lost."""

import threading
from collections import deque
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from monitor.adapters.persistence.engine.engine import create_engine
from monitor.adapters.persistence.engine.sqlite import WriteTurn
from monitor.adapters.persistence.store import SqlQueries
from monitor.application.accounts.limits import LoginLimits
from monitor.application.fair_lock import FairLock
from monitor.application.fleet.ports import ServerFilter
from monitor.application.history.ports import SampleFilter
from monitor.application.ports import Clock
from monitor.domain.accounts.errors import TooManyAttempts
from monitor.domain.accounts.limits import FAILURES
from monitor.domain.errors import TransactionConflict
from monitor.domain.fleet.errors import AddressTaken
from tests.contracts.builders import ADMIN, AT, a_sample, a_server, store_samples, stored_server
from tests.contracts.threads import DEADLINE, at_once
from tests.integration.persistence.conftest import NewUow, uow_factory


class StoppedClock(Clock):
    def now(self) -> datetime:
        return AT


def test_eight_threads_that_read_and_then_write_get_through_on_sqlite(sqlite_engine: Engine) -> None:
    """None gets "database is locked", as two of three transactions do that begin by reading."""
    new_uow = uow_factory(sqlite_engine)

    def register(thread: int) -> None:
        for n in range(20):
            with new_uow() as uow:
                address = f"192.0.{thread}.{n}"
                assert uow.servers.by_addresses([address]) == []
                uow.samples.add([a_sample(uow.servers.add(a_server(address)).id)])
                uow.commit()

    at_once(*(lambda thread=thread: register(thread) for thread in range(8)))

    queries = SqlQueries(sqlite_engine)
    assert len(queries.servers.find(ADMIN, ServerFilter())) == len(queries.samples.latest()) == 160
    assert queries.fleet.revision() == 160


def test_two_processes_may_write_to_one_file(sqlite_engine: Engine) -> None:
    """Two engines without a common queue act as two processes."""
    other = create_engine(sqlite_engine.url)
    server = stored_server(uow_factory(sqlite_engine))

    def store(new_uow: NewUow, offset: int) -> None:
        for n in range(50):
            store_samples(new_uow, a_sample(server.id, AT + timedelta(seconds=2 * n + offset)))

    at_once(lambda: store(uow_factory(sqlite_engine), 0), lambda: store(uow_factory(other), 1))
    other.dispose()

    assert len(SqlQueries(sqlite_engine).samples.newest(ADMIN, SampleFilter())) == 100


def test_readers_do_not_wait_for_a_writer(engine: Engine, new_uow: NewUow, queries: SqlQueries) -> None:
    server = stored_server(new_uow)
    with new_uow() as uow:
        uow.samples.add([a_sample(server.id)])
        assert queries.samples.latest() == []
        uow.commit()
    assert queries.samples.latest() == [a_sample(server.id)]


def test_a_hundred_simultaneous_guesses_are_all_counted(engine: Engine) -> None:
    limits = LoginLimits(new_uow=uow_factory(engine), clock=StoppedClock())
    outcomes: deque[bool] = deque()

    def guess() -> None:
        for _ in range(5):
            try:
                limits.attempt("admin", "192.0.2.1")
                outcomes.append(True)
            except TooManyAttempts:
                outcomes.append(False)

    at_once(*[guess] * 8)

    assert (outcomes.count(True), len(outcomes)) == (FAILURES, 40)


def test_turns_to_write_come_in_the_order_of_asking() -> None:
    """However busy the previous one is."""
    turns = FairLock()
    first = WriteTurn(turns)
    first.take()
    order: list[int] = []

    def write(number: int) -> None:
        turn = WriteTurn(turns, patience=DEADLINE)
        turn.take()
        order.append(number)
        turn.close()

    threads = []
    for number in range(5):
        thread = threading.Thread(target=write, args=(number,), daemon=True)
        thread.start()
        wait_until(lambda waiting=number + 1: turns.waiting == waiting)
        threads.append(thread)
    first.close()
    for thread in threads:
        thread.join(DEADLINE)

    assert order == [0, 1, 2, 3, 4]


def test_a_writer_that_waits_too_long_gives_up_its_place() -> None:
    turns = FairLock()
    first, second, third = (WriteTurn(turns, patience=0.01) for _ in range(3))
    first.take()
    with pytest.raises(TransactionConflict):
        second.take()
    second.close()
    first.close()

    third.take()
    third.close()


def test_a_unit_of_work_that_fails_gives_its_turn_back(sqlite_engine: Engine) -> None:
    new_uow = uow_factory(sqlite_engine)
    stored_server(new_uow)
    for _ in range(3):
        with pytest.raises(AddressTaken), new_uow() as uow:
            uow.servers.add(a_server())

    store_samples(new_uow, a_sample(stored_server(new_uow, "192.0.2.9").id))


def wait_until(condition) -> None:
    """Raises AssertionError after a minute."""
    happened = threading.Event()
    for _ in range(6000):
        if condition():
            return
        happened.wait(0.01)
    raise AssertionError("it never happened")
