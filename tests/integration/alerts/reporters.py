"""Agents whose hosts go in and out of breach, and that never give up on a sample."""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPException
from itertools import pairwise
from typing import Any

from tests.integration.alerts.losses import Key
from tests.integration.cli.client import Client

PERIOD = 100
CYCLES = 2
"""How often a host's metric fires: more would be held, and not announced."""
PAUSE = 0.03
_WARNING, _CRITICAL = {"cpu": 75.0, "memory": 84.0, "disk": 88.0}, {"cpu": 92.5, "memory": 95.5, "disk": 98.5}
_METRICS = ("cpu", "memory", "disk")


@dataclass(frozen=True, slots=True)
class Host:
    id: int
    ip_address: str


@dataclass
class Reporter:
    """Reports for all its *hosts* at once, with the fleet's key; at most *ticks* times. *retries*: so far.

    *period*: ticks from one breach of a metric to the next. *tries*: of one tick, before it gives up.
    *last*: answer or error.
    """

    port: int
    key: str
    hosts: Sequence[Host]
    ticks: int
    period: int = PERIOD
    tries: int = 3_000
    done: int = 0
    retries: int = 0
    sent: dict[Key, float] = field(default_factory=dict)
    acknowledged: set[Key] = field(default_factory=set)
    unexpected: list[str] = field(default_factory=list)
    last: str = ""

    def run(self, stop: threading.Event) -> None:
        with Client(self.port, key=self.key) as client:
            while self.done < self.ticks and not stop.wait(PAUSE):
                at = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}"
                samples = [self._sample(host, at) for host in self.hosts]
                tries = 0
                while not self._deliver(client, samples):
                    tries += 1
                    self.retries += 1
                    stop.wait(0.01)
                    if tries > self.tries:
                        self.unexpected.append(f"not delivered: tick {self.done}")
                        return
                self.done += 1

    @property
    def breaches(self) -> Counter[tuple[int, str]]:
        """How often each metric of each host left its normal value, in what was acknowledged."""
        keys = [(host.id, name) for host in self.hosts for name in _METRICS]
        high = {key: [value_of(*key, tick, self.period) > 20.0 for tick in range(self.done)] for key in keys}
        return Counter({key: sum(b > a for a, b in pairwise(values)) for key, values in high.items()})

    def _sample(self, host: Host, at: str) -> dict[str, Any]:
        values = {name: value_of(host.id, name, self.done, self.period) for name in _METRICS}
        self.sent[host.id, at] = values["cpu"]
        metrics = {f"{name}_value": value for name, value in values.items()}
        return {"ip_address": host.ip_address, "recorded_at": at, "metrics": metrics}

    def _deliver(self, client: Client, samples: list[dict[str, Any]]) -> bool:
        try:
            answer = client.post("/api/monitor/data/batch", {"samples": samples})
        except (OSError, HTTPException) as error:
            self.last = repr(error)
            return False
        self.last = f"{answer.status}"
        if answer.status == 503:
            return False
        outcomes = answer.body["data"]["results"] if answer.status == 200 else [{"status": answer.body}]
        if any(outcome["status"] not in ("stored", "duplicate") for outcome in outcomes):
            self.unexpected.append(f"{answer.status} {answer.body}")
        else:
            self.acknowledged |= {
                (host.id, sample["recorded_at"]) for host, sample in zip(self.hosts, samples, strict=True)
            }
        return True


def value_of(host_id: int, metric: str, tick: int, period: int = PERIOD) -> float:
    """Normal for half a period, then a warning, then critical; after some periods critical or normal to the end."""
    position = tick - (host_id * 7 + _METRICS.index(metric) * 13) % PERIOD * period // PERIOD
    cycle, phase = divmod(position, period)
    if cycle >= CYCLES:
        cycle, phase = CYCLES - 1, period - 1 if host_id % 2 else 0
    if cycle < 0 or phase < period // 2:
        return 20.0
    return _WARNING[metric] if phase < period // 2 + 8 else _CRITICAL[metric]


class Reporters:
    def __init__(self, reporters: Sequence[Reporter]) -> None:
        self.each = reporters
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=reporter.run, args=(self._stop,)) for reporter in reporters]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    @property
    def ticks(self) -> int:
        return sum(reporter.done for reporter in self.each)

    @property
    def are_done(self) -> bool:
        return not any(thread.is_alive() for thread in self._threads)

    def finish(self) -> None:
        """Stop, after samples under way are delivered."""
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
        assert self.are_done, f"not delivered within a minute; the last answers: {[each.last for each in self.each]}"

    @property
    def acknowledged(self) -> set[Key]:
        return {key for reporter in self.each for key in reporter.acknowledged}

    @property
    def sent(self) -> dict[Key, float]:
        return {key: cpu for reporter in self.each for key, cpu in reporter.sent.items()}

    @property
    def unexpected(self) -> list[str]:
        return [line for reporter in self.each for line in reporter.unexpected]


@contextmanager
def reporting(reporters: Sequence[Reporter]) -> Iterator[Reporters]:
    under_way = Reporters(reporters)
    under_way.start()
    try:
        yield under_way
    finally:
        under_way.finish()
