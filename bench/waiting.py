"""Agents with a backlog after an outage: each sends its samples in batches, one after the other."""

import json
import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from http.client import HTTPConnection
from multiprocessing import get_context
from multiprocessing.context import SpawnProcess
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from typing import Any

from bench.targets.product import Product, address
from monitor.adapters.agent.probes.sample import encode
from monitor.adapters.agent.uplink.client import MAX_BATCH, batch_body
from monitor.adapters.agent.uplink.sender import BETWEEN_BATCHES
from monitor.demo.hosts import host
from monitor.demo.samples import samples
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.samples import Sample

INTERVAL = 15
_PATIENCE = 60.0


class WaitingAgents:
    """Agents in a separate process, with their backlogs ready when the constructor returns.

    They are servers from number *first* on, without network for *hours* until *end*. They send between `resume` and
    `hold`.
    """

    def __init__(self, product: Product, *, first: int, count: int, hours: int, end: datetime) -> None:
        context = get_context("spawn")
        ready, self._go, self._delivered = context.Event(), context.Event(), context.Value("q", 0)
        work = (product.port, product.key, range(first, first + count), hours, end, ready, self._go, self._delivered)
        self._process: SpawnProcess = context.Process(target=_run, args=work, daemon=True)
        self._process.start()
        while not ready.wait(1):
            self._check()

    def resume(self) -> None:
        """Let them send, each after a random part of the pause between two batches, as after an outage."""
        self._go.set()

    def hold(self) -> None:
        """Stop sending. Requests under way are still answered."""
        self._go.clear()

    def delivered(self) -> int:
        """Return the number of samples stored so far. Raises RuntimeError if one was refused."""
        self._check()
        return int(self._delivered.value)

    def stop(self) -> None:
        self._process.kill()
        self._process.join()

    def _check(self) -> None:
        if self._process.exitcode:
            raise RuntimeError("the process of the agents ended")


def _run(
    port: int,
    key: str,
    numbers: Sequence[int],
    hours: int,
    end: datetime,
    ready: Event,
    go: Event,
    delivered: "Synchronized[int]",
) -> None:
    backlogs = [_bodies(number, hours, end) for number in numbers]
    ready.set()
    with ThreadPoolExecutor(len(backlogs)) as pool:
        list(pool.map(lambda bodies: _deliver(port, key, bodies, go, delivered), backlogs))


def _bodies(number: int, hours: int, end: datetime) -> list[bytes]:
    made = samples(host(1, number), ServerId(number), end - timedelta(hours=hours), end, INTERVAL)
    records = [encode(_record(sample)) for sample in made]
    return [batch_body(records[at : at + MAX_BATCH], address(number)) for at in range(0, len(records), MAX_BATCH)]


def _record(sample: Sample) -> dict[str, Any]:
    values = {"cpu_value": sample.cpu, "memory_value": sample.memory, "disk_value": sample.disk}
    at = f"{sample.recorded_at:%Y-%m-%d %H:%M:%S.%f}"
    return {"metrics": {**values, "extra": sample.extra}, "recorded_at": at, "interval": INTERVAL}


def _deliver(port: int, key: str, bodies: Sequence[bytes], go: Event, delivered: "Synchronized[int]") -> None:
    """Send with an agent's pauses: between batches, and as long as a busy server asks."""
    connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    for body in bodies:
        if not go.is_set():
            go.wait()
            time.sleep(BETWEEN_BATCHES * random.random())
        while True:
            connection.request("POST", "/api/monitor/data/batch", body, {"X-API-Key": key})
            answer = connection.getresponse()
            said = answer.read()
            if answer.status != 503:
                break
            time.sleep(float(answer.headers.get("Retry-After", 1)))
        if answer.status != 200:
            raise RuntimeError(f"a batch was answered {answer.status}: {said[:200]!r}")
        with delivered.get_lock():
            delivered.value += sum(result["status"] == "stored" for result in json.loads(said)["data"]["results"])
        time.sleep(BETWEEN_BATCHES * random.uniform(0.5, 1.5))
