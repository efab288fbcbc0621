"""Requests that wait on the event loop: for a turn of their key, for another thread, or until the fleet is loaded."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Protocol, TypeVar

import structlog

from monitor.application.fleet.fleet import Fleet
from monitor.application.intake.shares import Shares
from monitor.domain.errors import Overloaded
from monitor.domain.fleet.api_keys import ApiKeyId

log = structlog.get_logger()


class Waiting(Protocol):
    """*waiter*: a future, or what is called with the submission. *error*: why it failed, if it did."""

    waiter: object
    error: Exception | None


W = TypeVar("W", bound=Waiting)


async def until_done(request: W, put: Callable[[W], None]) -> W:
    """Hand *request* over with *put*, and return it after `wake`. Raises its error, and what *put* raises."""
    request.waiter = waiter = asyncio.get_running_loop().create_future()
    put(request)
    await waiter
    if request.error is not None:
        raise request.error
    return request


def wake(requests: Sequence[Waiting]) -> None:
    """Tell those who wait that their requests are done."""
    for each in requests:
        waiter = each.waiter
        if isinstance(waiter, asyncio.Future):
            if not waiter.done():
                waiter.set_result(None)
        elif callable(waiter):
            try:
                waiter(each)
            except Exception:  # the others get theirs
                log.exception("a sample got no answer")


class SharedRefresh:
    """Runs `Fleet.refresh` once for all requests that wait for it, with valid keys or without: threads are few."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._running: asyncio.Task[None] | None = None

    async def __call__(self) -> None:
        """Load what this process has committed. Raises StorageUnavailable."""
        if self._fleet.is_stale and self._running is not None:
            await asyncio.shield(self._running)  # it may have begun before the last commit
        if self._fleet.is_stale:
            if self._running is None:
                self._running = asyncio.create_task(asyncio.to_thread(self._fleet.refresh))
                self._running.add_done_callback(self._ended)
            await asyncio.shield(self._running)

    def _ended(self, _: asyncio.Task[None]) -> None:
        self._running = None


class Turns:
    """Lets *at_once* requests be read at the same time, one of each key: next is the key that has taken least time."""

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._busy: set[ApiKeyId] = set()
        self._lines: dict[ApiKeyId, deque[asyncio.Future[None]]] = {}
        self._shares: Shares[ApiKeyId] = Shares()

    @asynccontextmanager
    async def of(self, key: ApiKeyId) -> AsyncIterator[None]:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lines.setdefault(key, deque()).append(turn)
        self._start_next()
        try:
            await turn
        except asyncio.CancelledError:
            self._withdraw(key, turn)
            raise
        began = time.perf_counter()
        try:
            yield
        finally:
            self._shares.took(key, time.perf_counter() - began)
            self._end(key)

    def _start_next(self) -> None:
        while self._free and (waiting := [key for key in self._lines if key not in self._busy]):
            key = self._shares.next(waiting)[0]
            turn = self._lines[key].popleft()
            if not self._lines[key]:
                del self._lines[key]
            if not turn.done():
                self._free -= 1
                self._busy.add(key)
                turn.set_result(None)

    def _end(self, key: ApiKeyId) -> None:
        self._free += 1
        self._busy.discard(key)
        self._start_next()

    def _withdraw(self, key: ApiKeyId, turn: asyncio.Future[None]) -> None:
        if turn.done() and not turn.cancelled():  # its turn had come already
            self._end(key)


class Bodies:
    """Bytes of the bodies that are in memory, of each key and of all."""

    def __init__(self, most_of_key: int, most: int) -> None:
        self._most_of_key = most_of_key
        self._most = most
        self._held: Counter[ApiKeyId] = Counter()

    @contextmanager
    def held(self, key: ApiKeyId, size: int) -> Iterator[None]:
        """Raises Overloaded."""
        if self._held[key] + size > self._most_of_key or self._held.total() + size > self._most:
            raise Overloaded
        self._held[key] += size
        try:
            yield
        finally:
            self._held[key] -= size
            if not self._held[key]:
                del self._held[key]
