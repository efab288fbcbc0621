"""People who read pages and follow a live stream through nginx, and note what goes wrong."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from itertools import cycle

from tests.integration.cli.client import Client
from tests.integration.faults.live_stream import LiveStream

PATHS = ("/api/servers", "/api/monitor/data?limit=5", "/api/alerts", "/api/cluster")
PAUSE = 0.05
RETRY = 2.0
"""Seconds, as `retry: 2000` in the stream has it."""


class Onlookers:
    """*answers*: how often each status was answered, or which error came instead. *streams*: opened so far."""

    def __init__(self, port: int, token: str) -> None:
        self.answers: Counter[int | str] = Counter()
        self.streams = 0
        self.events = 0
        self._port, self._token = port, token
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._noting(run)) for run in (self._read, self._follow)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(90)
        assert not any(thread.is_alive() for thread in self._threads)

    def _noting(self, run: Callable[[Client], None]) -> Callable[[], None]:
        def noting() -> None:
            try:
                with Client(self._port) as person:
                    person.use(self._token)
                    run(person)
            except Exception as error:
                self.answers[repr(error)] += 1

        return noting

    def _read(self, person: Client) -> None:
        paths = cycle(PATHS)
        while not self._stop.wait(PAUSE):
            try:
                self.answers[person.get(next(paths)).status] += 1
            except (OSError, HTTPException) as error:
                self.answers[repr(error)] += 1

    def _follow(self, person: Client) -> None:
        """Connect again whenever the stream ends, as a browser does: after the time that the server asks for."""
        while not self._stop.wait(RETRY if self.streams else 0):
            with LiveStream(self._port, person) as stream:
                self.streams += 1
                while stream.is_open and not self._stop.wait(PAUSE):
                    pass
                self.events += stream.samples


@contextmanager
def looking_on(port: int, token: str) -> Iterator[Onlookers]:
    people = Onlookers(port, token)
    people.start()
    try:
        yield people
    finally:
        people.finish()
