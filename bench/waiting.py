"""Agents that were cut off and have much to tell: each sends its samples in batches, one after the other."""

import json
import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from http.client import HTTPConnection
from multiprocessing import get_context
from multiprocessing.context import SpawnProcess
from multiprocessing.synchronize import Event
from typing import Any

from bench.targets.product import Product, address
from monitor.adapters.agent.delivery import BETWEEN_BATCHES
from monitor.adapters.agent.payload import MAX_BATCH, batch_body, encode
from monitor.domain.samples import Sample
from monitor.domain.servers import ServerId
from monitor.domain.simulation.hosts import host
from monitor.domain.simulation.samples import samples

INTERVAL = 15
_PATIENCE = 60.0


class WaitingAgents:
    """In a process of their own, which makes what they send before they are let go. They are the servers from number
    *first* on, and were cut off for *hours* until *end*."""

    def __init__(self, product: Product, *, first: int, count: int, hours: int, end: datetime) -> None:
        context = get_context("spawn")
        self._ready, self._go = context.Event(), context.Event()
        self._outcome = context.SimpleQueue()
        work = (product.port, product.key, range(first, first + count), hours, end)
        self._process: SpawnProcess = context.Process(
            target=_run, args=(*work, self._ready, self._go, self._outcome), daemon=True
        )
        self._process.start()

    def let_go(self) -> None:
        """Once all is made. Raises RuntimeError where that fails."""
        while not self._ready.wait(1):
            if not self._process.is_alive():
                raise RuntimeError("the waiting agents died")
        self._go.set()

    @property
    def are_done(self) -> bool:
        return not self._outcome.empty() or not self._process.is_alive()

    def outcome(self) -> dict[str, Any]:
        """How many *samples* they delivered in how many *seconds*. Raises RuntimeError where not all were."""
        self._process.join()
        if self._outcome.empty():
            raise RuntimeError("the waiting agents did not deliver everything")
        found: dict[str, Any] = self._outcome.get()
        return found


def _run(
    port: int, key: str, numbers: Sequence[int], hours: int, end: datetime, ready: Event, go: Event, outcome: Any
) -> None:
    backlogs = [_bodies(number, hours, end) for number in numbers]
    ready.set()
    go.wait()
    began = time.perf_counter()
    with ThreadPoolExecutor(len(backlogs)) as pool:
        stored = sum(pool.map(lambda bodies: _deliver(port, key, bodies), backlogs))
    outcome.put({"samples": stored, "seconds": time.perf_counter() - began})


def _bodies(number: int, hours: int, end: datetime) -> list[bytes]:
    made = samples(host(1, number), ServerId(number), end - timedelta(hours=hours), end, INTERVAL)
    records = [encode(_record(sample)) for sample in made]
    return [batch_body(records[at : at + MAX_BATCH], address(number)) for at in range(0, len(records), MAX_BATCH)]


def _record(sample: Sample) -> dict[str, Any]:
    values = {"cpu_value": sample.cpu, "memory_value": sample.memory, "disk_value": sample.disk}
    at = f"{sample.recorded_at:%Y-%m-%d %H:%M:%S.%f}"
    return {"metrics": {**values, "extra": sample.extra}, "recorded_at": at, "interval": INTERVAL}


def _deliver(port: int, key: str, bodies: Sequence[bytes]) -> int:
    """How many were stored. Between two batches an agent pauses; where the server is full, as long as it is told."""
    connection, stored = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE), 0
    for body in bodies:
        while True:
            connection.request("POST", "/api/monitor/data/batch", body, {"X-API-Key": key})
            answer = connection.getresponse()
            said = answer.read()
            if answer.status != 503:
                break
            time.sleep(float(answer.headers.get("Retry-After", 1)))
        if answer.status != 200:
            raise RuntimeError(f"a batch was answered {answer.status}: {said[:200]!r}")
        time.sleep(BETWEEN_BATCHES * random.uniform(0.5, 1.5))
        stored += sum(result["status"] == "stored" for result in json.loads(said)["data"]["results"])
    return stored
