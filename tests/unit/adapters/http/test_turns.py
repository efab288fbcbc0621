"""Requests of remote-write are read by turns of their keys, and take a bounded number of bytes while they wait."""

import asyncio
from contextlib import ExitStack

import pytest

from monitor.adapters.http.intake.waiting import Bodies, Turns
from monitor.domain.errors import Overloaded
from monitor.domain.fleet.api_keys import ApiKeyId

ONE, OTHER, THIRD = ApiKeyId(1), ApiKeyId(2), ApiKeyId(3)


class Readers:
    """Requests, in the order in which their turns came."""

    def __init__(self, at_once: int) -> None:
        self.turns = Turns(at_once)
        self.begun: list[str] = []
        self.ends: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def come(self, key: ApiKeyId, name: str) -> None:
        self.ends[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._read(key, name))
        await settled()

    async def _read(self, key: ApiKeyId, name: str) -> None:
        async with self.turns.of(key):
            self.begun.append(name)
            await self.ends[name].wait()

    async def end(self, name: str) -> None:
        self.ends[name].set()
        await settled()


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_of_one_key_one_is_read_at_a_time_and_others_go_first() -> None:
    async def scenario() -> None:
        readers = Readers(2)
        for key, name in ((ONE, "a1"), (ONE, "a2"), (ONE, "a3"), (OTHER, "b1"), (THIRD, "c1")):
            await readers.come(key, name)
        assert ["a1", "b1"] == readers.begun
        await readers.end("a1")
        assert ["a1", "b1", "c1"] == readers.begun
        for name in ("b1", "c1", "a2", "a3"):
            await readers.end(name)
        assert ["a1", "b1", "c1", "a2", "a3"] == readers.begun
        await asyncio.gather(*readers.tasks.values())

    asyncio.run(scenario())


def test_who_goes_away_while_it_waits_takes_no_turn() -> None:
    async def scenario() -> None:
        readers = Readers(1)
        for key, name in ((ONE, "a1"), (OTHER, "b1"), (THIRD, "c1")):
            await readers.come(key, name)
        readers.tasks["b1"].cancel()
        await settled()
        await readers.end("a1")
        assert ["a1", "c1"] == readers.begun
        readers.tasks["c1"].cancel()
        await settled()
        await readers.come(OTHER, "b2")
        await readers.end("b2")
        assert ["a1", "c1", "b2"] == readers.begun

    asyncio.run(scenario())


def test_bodies_are_bounded_by_key_and_in_all() -> None:
    bodies = Bodies(10, 15)
    with ExitStack() as stack:
        stack.enter_context(bodies.held(ONE, 10))
        with pytest.raises(Overloaded), bodies.held(ONE, 1):
            pass
        stack.enter_context(bodies.held(OTHER, 5))
        with pytest.raises(Overloaded), bodies.held(THIRD, 1):
            pass
    with bodies.held(ONE, 10), bodies.held(OTHER, 5):
        pass
