"""Simulated hosts that go on reporting, through the same door as real agents."""

import signal
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from types import FrameType
from typing import Any, Self

import click
import httpx

from monitor.application.ports import Clock
from monitor.application.simulation.fleet import Simulated
from monitor.cli.failures import CommandFailed
from monitor.domain.fleet.servers import Server
from monitor.domain.intake.samples import Sample
from monitor.domain.simulation.hosts import Host
from monitor.domain.simulation.samples import LONGEST_INTERVAL, processes, samples

_BATCH = 500
_PATIENCE = 10.0
_PAUSE = 1.0
_SLOW = timedelta(seconds=5)
"""A round that takes less is no sign of anything."""
_FIRST_ANSWER = 20
"""Seconds to wait for the server to answer at all; it may be starting, and learns of a new key within a second."""


class LiveFeed:
    """A context: SIGTERM ends it like Ctrl-C."""

    def __init__(self, url: str, key: str, simulated: Simulated, interval: float) -> None:
        self._client = httpx.Client(
            base_url=url.rstrip("/"), headers={"X-API-Key": key}, timeout=_PATIENCE, trust_env=False
        )
        self._simulated = simulated
        self._interval = interval
        self._stopped = threading.Event()
        self._was_taken = False

    def __enter__(self) -> Self:
        self._terminate = signal.signal(signal.SIGTERM, self._stop)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGTERM, self._terminate)
        self._client.close()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopped.set()

    def run(self, since: datetime, clock: Clock) -> None:
        """Report what was measured from *since* on, and then each second what was measured in it.

        What a server that is away misses is reported when it comes back. Raises CommandFailed where it never answers.
        """
        give_up = clock.now() + timedelta(seconds=_FIRST_ANSWER)
        while not self._stopped.wait(_PAUSE):
            now = clock.now()
            error = self._report(since, now)
            if error is None:
                self.keep_up(now - since, clock.now() - now)
                since = now
            elif not self._was_taken and now > give_up:
                raise CommandFailed(f"--live: {error}")
            elif self._was_taken:
                click.echo(f"not taken, trying again: {error}", err=True)

    @property
    def pace(self) -> str:
        return f"each every {self._interval:g} s"

    def keep_up(self, reported: timedelta, taken: timedelta) -> None:
        """Where reporting takes longer than what it reports lasted, hosts report half as often: they fell ever further
        behind, and were offline in the end."""
        if taken < reported or taken < _SLOW or self._interval >= LONGEST_INTERVAL:
            return
        self._interval = min(2 * self._interval, LONGEST_INTERVAL)
        click.echo(f"that is more than this machine can hold: now {self.pace}", err=True)

    def _report(self, since: datetime, until: datetime) -> str | None:
        """Why it was not taken. What was is simply stored once when it is sent again."""
        items = (item for of, server in self._simulated for item in self._items(of, server, since, until))
        while batch := list(islice(items, _BATCH)):
            try:
                answer = self._client.post("/api/monitor/data/batch", json={"samples": batch})
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                return f"{self._client.base_url}: {error}"
            if answer.status_code != httpx.codes.OK:
                return f"{self._client.base_url}: {answer.status_code} {answer.text[:200]}"
            self._was_taken = True
        return None

    def _items(self, of: Host, server: Server, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
        for sample in samples(of, server.id, since, until, self._interval):
            yield _item(server.ip_address, of, sample)


def _item(address: str, of: Host, sample: Sample) -> dict[str, Any]:
    top = [process._asdict() for process in processes(of, sample)]
    return {
        "ip_address": address,
        "recorded_at": sample.recorded_at.isoformat(),
        "metrics": {
            "cpu_value": sample.cpu,
            "memory_value": sample.memory,
            "disk_value": sample.disk,
            "extra": sample.extra,
        },
        "processes": top,
        "interval": sample.interval,
    }
