"""Live reports of simulated hosts, through the same API as those of real agents."""

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
from monitor.cli.output import CommandFailed
from monitor.domain.intake.samples import Sample
from monitor.domain.simulation.hosts import Host
from monitor.domain.simulation.samples import LONGEST_INTERVAL, processes, samples

_BATCH = 500
_TIMEOUT = 10.0
_PAUSE = 1.0
_SLOW = timedelta(seconds=5)
"""A shorter round does not make the machine count as too slow."""
_FIRST_ANSWER = 20
"""Seconds to wait for the first accepted batch: the server may be starting."""


class LiveFeed:
    """Context manager that reports for all hosts. SIGTERM stops it like Ctrl-C."""

    def __init__(self, url: str, key: str, simulated: Simulated, interval: float) -> None:
        self._client = httpx.Client(
            base_url=url.rstrip("/"), headers={"X-API-Key": key}, timeout=_TIMEOUT, trust_env=False
        )
        self._simulated = simulated
        self._interval = interval
        self._stopped = threading.Event()
        self._was_accepted = False

    def __enter__(self) -> Self:
        self._terminate = signal.signal(signal.SIGTERM, self._stop)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGTERM, self._terminate)
        self._client.close()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopped.set()

    def run(self, since: datetime, clock: Clock) -> None:
        """Report all samples since *since*, then every second the new ones.

        Samples that the server does not take are sent again. Raises CommandFailed if it never takes any.
        """
        give_up = clock.now() + timedelta(seconds=_FIRST_ANSWER)
        while not self._stopped.wait(_PAUSE):
            now = clock.now()
            error = self._report(since, now)
            if error is None:
                self.keep_up(now - since, clock.now() - now)
                since = now
            elif not self._was_accepted and now > give_up:
                raise CommandFailed(f"--live: {error}")
            elif self._was_accepted:
                click.echo(f"not accepted, trying again: {error}", err=True)

    @property
    def pace(self) -> str:
        return f"each every {self._interval:g} s"

    def keep_up(self, reported: timedelta, taken: timedelta) -> None:
        """Double the interval if reporting takes longer than the reported time, or hosts would go offline."""
        if taken < reported or taken < _SLOW or self._interval >= LONGEST_INTERVAL:
            return
        self._interval = min(2 * self._interval, LONGEST_INTERVAL)
        click.echo(f"this is too fast for this machine: now {self.pace}", err=True)

    def _report(self, since: datetime, until: datetime) -> str | None:
        """Return None, or why the server refused. A sample that is sent twice is stored once."""
        items = self._items(since, until)
        while batch := list(islice(items, _BATCH)):
            try:
                answer = self._client.post("/api/monitor/data/batch", json={"samples": batch})
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                return f"{self._client.base_url}: {error}"
            if answer.status_code != httpx.codes.OK:
                return f"{self._client.base_url}: {answer.status_code} {answer.text[:200]}"
            self._was_accepted = True
        return None

    def _items(self, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
        for host, server in self._simulated:
            for sample in samples(host, server.id, since, until, self._interval):
                yield _item(server.ip_address, host, sample)


def _item(address: str, host: Host, sample: Sample) -> dict[str, Any]:
    return {
        "ip_address": address,
        "recorded_at": sample.recorded_at.isoformat(),
        "metrics": {
            "cpu_value": sample.cpu,
            "memory_value": sample.memory,
            "disk_value": sample.disk,
            "extra": sample.extra,
        },
        "processes": [process._asdict() for process in processes(host, sample)],
        "interval": sample.interval,
    }
