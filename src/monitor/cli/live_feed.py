"""Live reports of simulated hosts, through the same API as those of real agents."""

import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import islice
from types import FrameType
from typing import Any, Self

import click
import httpx

from monitor.application.ports import Clock
from monitor.cli.output import CommandFailed
from monitor.demo.courses import LastCourses
from monitor.demo.fleet import Simulated
from monitor.demo.hosts import Host
from monitor.demo.samples import LONGEST_INTERVAL, Due, processes, samples
from monitor.domain.intake.samples import Sample

_BATCH = 500
_MOST_THREADS = 4
"""The machine also runs the server."""
_HOSTS_A_THREAD = 5000
_TIMEOUT = 10.0
_PAUSE = 1.0
_SLOW = timedelta(seconds=5)
"""A shorter round does not make the machine count as too slow."""
_FIRST_ANSWER = 20
"""Seconds to wait for the first accepted batch: the server may be starting."""


class LiveFeed:
    """Context manager that reports for all hosts. SIGTERM stops it like Ctrl-C."""

    def __init__(self, url: str, key: str, simulated: Simulated, interval: float) -> None:
        threads = min(_MOST_THREADS, 1 + len(simulated) // _HOSTS_A_THREAD)
        self._client = httpx.Client(
            base_url=url.rstrip("/"), headers={"X-API-Key": key}, timeout=_TIMEOUT, trust_env=False
        )
        # A host always reports through the same thread, so that its samples arrive in order.
        self._shares = [_Share(simulated[number::threads]) for number in range(threads)]
        self._pool = ThreadPoolExecutor(threads)
        self._interval = interval
        self._stopped = threading.Event()
        self._was_accepted = False

    def __enter__(self) -> Self:
        self._terminate = signal.signal(signal.SIGTERM, self._stop)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGTERM, self._terminate)
        self._stopped.set()
        self._pool.shutdown()
        self._client.close()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopped.set()

    def run(self, since: datetime, clock: Clock) -> None:
        """Report all samples since *since*, then every second new ones. Raises CommandFailed if none is ever taken."""
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
        errors = self._pool.map(lambda share: self._report_of(share, since, until), self._shares)
        return next(filter(None, list(errors)), None)

    def _report_of(self, share: "_Share", since: datetime, until: datetime) -> str | None:
        items = share.items(since, until, self._interval)
        while not self._stopped.is_set() and (batch := list(islice(items, _BATCH))):
            try:
                answer = self._client.post("/api/monitor/data/batch", json={"samples": batch})
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                return f"{self._client.base_url}: {error}"
            if answer.status_code != httpx.codes.OK:
                return f"{self._client.base_url}: {answer.status_code} {answer.text[:200]}"
            self._was_accepted = True
        return None


class _Share:
    """Hosts that report through one thread."""

    def __init__(self, simulated: Simulated) -> None:
        self._simulated = simulated
        self._courses = LastCourses()
        self._interval = 0.0
        self._due = Due((), 1)

    def items(self, since: datetime, until: datetime, interval: float) -> Iterator[dict[str, Any]]:
        if interval != self._interval:
            self._interval, self._due = interval, Due(self._simulated, interval)
        for host, server in self._due.between(since, until):
            for sample in samples(host, server.id, since, until, interval, self._courses):
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
