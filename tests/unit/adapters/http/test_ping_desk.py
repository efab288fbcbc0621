"""Pings share transactions, and each is answered by what became of it."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

import pytest

from monitor.adapters.cron import CronSchedules
from monitor.adapters.http.checks import pings
from monitor.adapters.http.checks.pings import PingDesk
from monitor.adapters.memory.fakes import FixedClock
from monitor.adapters.memory.store import MemoryStore
from monitor.application.checks.pings import MOST_UNSTORED, UNKNOWN_A_MINUTE, PingLimits, RecordPings, UnstoredPings
from monitor.application.operations.ports import UnitOfWork
from monitor.domain.accounts.errors import TooManyAttempts
from monitor.domain.checks.check_ins import PingKind
from monitor.domain.errors import NotFound, Overloaded, StorageUnavailable
from tests.contracts.builders import AT, SECOND
from tests.contracts.check_ins import stored_check_in


class Store:
    """In memory. It waits for *gate*, counts its transactions, and fails while *is_away*."""

    def __init__(self) -> None:
        self.inner = MemoryStore()
        self.gate = threading.Event()
        self.gate.set()
        self.transactions = 0
        self.is_away = False

    def __call__(self) -> UnitOfWork:
        self.gate.wait(30.0)
        self.transactions += 1
        if self.is_away:
            raise StorageUnavailable
        return self.inner()


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def unstored() -> UnstoredPings:
    return UnstoredPings()


@pytest.fixture
def desk(store: Store, unstored: UnstoredPings) -> PingDesk:
    clock = FixedClock()
    read_keys = store.inner.queries.check_ins.ping_keys
    return PingDesk(RecordPings(store, CronSchedules()), PingLimits(clock), unstored, clock, read_keys)


def note(desk: PingDesk, key: str = "a", kind: PingKind = PingKind.SUCCESS) -> Coroutine[Any, Any, None]:
    return desk.note(key, kind, "192.0.2.1", None, b"")


def test_those_that_wait_share_a_transaction(store: Store, desk: PingDesk) -> None:
    check_in = stored_check_in(store.inner)
    store.gate.clear()

    async def run() -> list[Any]:
        first = asyncio.create_task(note(desk))
        await asyncio.sleep(0)
        others = [asyncio.create_task(note(desk, "a" if n % 2 else "z")) for n in range(20)]
        await asyncio.sleep(0)
        store.gate.set()
        return await asyncio.gather(first, *others, return_exceptions=True)

    answers = asyncio.run(run())
    assert store.transactions == 2
    assert [type(answer) for answer in answers] == [type(None), *[NotFound, type(None)] * 10]
    assert len(store.inner.queries.check_ins.pings(check_in.id, before=None, limit=100)) == 11


def test_while_the_database_is_away_each_hears_so_and_later_ones_are_stored(store: Store, desk: PingDesk) -> None:
    stored_check_in(store.inner)

    async def run() -> None:
        store.is_away = True
        for answer in await asyncio.gather(*(note(desk) for _ in range(3)), return_exceptions=True):
            assert isinstance(answer, StorageUnavailable)
        store.is_away = False
        await note(desk)

    asyncio.run(run())


def test_a_ping_that_waits_or_was_refused_is_known_until_one_is_stored(
    store: Store, desk: PingDesk, unstored: UnstoredPings
) -> None:
    stored_check_in(store.inner)

    async def run() -> None:
        store.is_away = True
        with pytest.raises(StorageUnavailable):
            await note(desk, kind=PingKind.START)
        assert unstored.last("a") is None
        with pytest.raises(StorageUnavailable):
            await note(desk)
        assert unstored.last("a") is not None
        store.is_away = False
        store.gate.clear()
        waiting = asyncio.create_task(note(desk, "z"))
        await asyncio.sleep(0)
        assert unstored.last("z") is not None
        store.gate.set()
        await note(desk)
        with pytest.raises(NotFound):
            await waiting
        assert (unstored.last("a"), unstored.last("z")) == (None, None)

    asyncio.run(run())


def test_a_later_ping_that_waits_is_not_forgotten_with_an_earlier_one(unstored: UnstoredPings) -> None:
    first, second = AT, AT + SECOND
    unstored.received("a", first)
    unstored.received("a", second)
    unstored.settled("a", first)
    assert unstored.last("a") == second


def test_of_many_refused_pings_the_last_are_known(unstored: UnstoredPings) -> None:
    for number in range(MOST_UNSTORED + 1):
        unstored.received(str(number), AT)
    assert (unstored.last("0"), unstored.last("1"), unstored.last(str(MOST_UNSTORED))) == (None, AT, AT)


def test_a_client_that_has_left_hurts_no_other(store: Store, desk: PingDesk) -> None:
    stored_check_in(store.inner)
    store.gate.clear()

    async def run() -> None:
        tasks = [asyncio.create_task(note(desk)) for _ in range(3)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        store.gate.set()
        await asyncio.gather(*tasks[1:])
        with pytest.raises(asyncio.CancelledError):
            await tasks[0]

    asyncio.run(run())


def test_there_is_an_end_to_waiting(
    store: Store, desk: PingDesk, unstored: UnstoredPings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pings, "MOST_WAITING", 2)
    stored_check_in(store.inner)
    store.gate.clear()

    async def run() -> list[Any]:
        tasks = [asyncio.create_task(note(desk))]
        for _ in range(2):  # until it is taken to be stored
            await asyncio.sleep(0)
        tasks += [asyncio.create_task(note(desk)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await desk.admit("b", "192.0.2.1")
        assert unstored.last("b") is not None
        store.gate.set()
        return await asyncio.gather(*tasks)

    assert asyncio.run(run()) == [None] * 3
    asyncio.run(desk.admit("a", "192.0.2.1"))


def test_a_flood_of_unknown_secrets_does_not_refuse_a_right_one_that_this_process_sees_first(
    store: Store, desk: PingDesk
) -> None:
    stored_check_in(store.inner, "a")

    async def run() -> None:
        for _ in range(UNKNOWN_A_MINUTE):
            await desk.admit("z", "192.0.2.1")
            with pytest.raises(NotFound):
                await note(desk, "z")
        await desk.admit("a", "192.0.2.1")
        await note(desk, "a")
        stored_check_in(store.inner, "b")
        for unknown in ("z", "b"):  # all secrets were read a moment ago
            with pytest.raises(TooManyAttempts):
                await desk.admit(unknown, "192.0.2.1")

    asyncio.run(run())
