"""A world behind a real server, as a browser meets it: on a free port of this host, in a thread of its own."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import uvicorn

from monitor.adapters.http.edge.protocol import http_protocol
from monitor.cli.server import bind
from tests.integration.http.world import Caller, World

TICK = 0.02
PATIENCE = 30.0
Event = tuple[str, Any]


def wait_until(is_so: Callable[[], bool]) -> None:
    """Raises AssertionError after half a minute."""
    give_up = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < give_up, "it never came about"
        threading.Event().wait(0.01)


class Served:
    """A server in a thread. Its hub ticks fifty times a second, so that no test waits long."""

    def __init__(self, world: World, *, access_log: bool = False) -> None:
        self.world = world
        self.hub = world.application.hub
        self.hub.tick_seconds = TICK
        self.listener = bind("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        config = uvicorn.Config(
            world.application.asgi,
            http=http_protocol(world.application.connections, world.application.take),
            lifespan="on",
            log_config=None,
            access_log=access_log,
            proxy_headers=False,
            ws="none",
            timeout_graceful_shutdown=5,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self.listener]})
        self._thread.start()
        wait_until(lambda: self._server.started or not self._thread.is_alive())
        # On this loop, as `monitor serve` does: the world's own would be the first that asks for it.
        asyncio.run_coroutine_threadsafe(world.application.api.started(), self._loop).result(PATIENCE)
        self.client = httpx.Client(base_url=self.url, timeout=PATIENCE)

    def stop(self) -> None:
        """Stop as `monitor serve` does: the streams end first."""
        self.client.close()
        self.hub.end_streams_soon()
        self._server.should_exit = True
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        self.listener.close()
        self.world.close()

    def on_loop(self, happens: Callable[[], object]) -> None:
        """Call it soon on the event loop."""
        self._loop.call_soon_threadsafe(happens)

    @property
    def _loop(self) -> asyncio.AbstractEventLoop:
        return self._server.servers[0].get_loop()

    def send(self, method: str, path: str, caller: Caller, **more: Any) -> httpx.Response:
        return self.client.request(method, path, headers=dict(caller.headers), **more)

    @contextmanager
    def stream(self, caller: Caller, **params: str) -> Iterator["Events"]:
        with self.client.stream("GET", "/api/live", headers=dict(caller.headers), params=params) as answer:
            assert 200 == answer.status_code, answer.read()
            assert "text/event-stream" == answer.headers["content-type"].partition(";")[0]
            yield Events(answer)


class Events:
    """What comes over one stream, for ten seconds at most."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._events = self._read()

    def next(self) -> Event:
        return next(self._events)

    def until(self, name: str, is_it: Callable[[Any], bool] = lambda _: True) -> tuple[Any, list[Event]]:
        """Return the data of the first event of that name for which *is_it* is true, and the events before."""
        before: list[Event] = []
        for event in self._events:
            if event[0] == name and is_it(event[1]):
                return event[1], before
            before.append(event)
        raise AssertionError(f"the stream ended without {name}, after {before}")

    def rest(self) -> list[Event]:
        """Return all events before the server ends the stream."""
        return list(self._events)

    def _read(self) -> Iterator[Event]:
        name, give_up = "", time.monotonic() + PATIENCE
        for line in self.answer.iter_lines():
            assert time.monotonic() < give_up, "it never came"
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield name, json.loads(line.removeprefix("data: "))
