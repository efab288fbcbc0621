"""Remote-write with one server's stolen key, beside the agent and the remote-write of other hosts."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psutil

from drills.drill import Outcome, running_server
from drills.reporting import SAMPLE
from tests.integration.cli.client import Client
from tests.integration.cli.running import Process
from tests.remote_writes import HEADERS, body, host_series

WRITE = "/api/prometheus/write"
CALM, LONGEST = 3.0, 60.0
"""Seconds before the attack, and those in which it has to be over."""
P99, WRITE_P99, BUSY = 0.5, 2.0, 5
"""Seconds that a report of an agent and a request of remote-write may take; on a busy machine so many times as long as
a report takes without the attack."""
MEMORY = 250.0
"""Megabytes that an attack may cost."""
Bodies = Callable[[int], Sequence[bytes]]


@dataclass
class Honest:
    """Sends one request after the other, *every* so many seconds. *took*: seconds since each was due."""

    send: Callable[[int], int]
    every: float
    took: list[float] = field(default_factory=list)
    refused: Counter[int] = field(default_factory=Counter)

    def run(self, over: threading.Event) -> None:
        began, number = time.monotonic(), 0
        while not over.wait(max(0.0, (due := began + number * self.every) - time.monotonic())):
            with suppress(OSError, HTTPException):
                if (status := self.send(number)) not in (200, 204):
                    self.refused[status] += 1
            self.took.append(time.monotonic() - due)
            number += 1

    @property
    def p99(self) -> float:
        return sorted(self.took)[len(self.took) * 99 // 100]


def beside_others(place: Path, bodies: Bodies, *, at_once: int) -> Outcome:
    """*bodies*: of the attack's requests, for the present time in milliseconds. *at_once*: as many are under way."""
    with running_server(place) as server:
        keys = _keys(server, 3)
        process = psutil.Process(server.process.pid)
        agent, writer = Honest(_agent(server, keys[0]), 0.2), Honest(_writer(server, keys[1]), 1.0)
        over = threading.Event()
        others = [threading.Thread(target=each.run, args=(over,)) for each in (agent, writer)]
        for thread in others:
            thread.start()
        time.sleep(CALM)
        calm, first = agent.p99, len(agent.took)
        before = most = process.memory_info().rss / 1e6
        cpu, began = sum(process.cpu_times()[:2]), time.monotonic()
        attack = _Attack(server, keys[2], bodies(time.time_ns() // 1_000_000), at_once)
        while attack.is_running and time.monotonic() - began < LONGEST:
            time.sleep(0.02)
            most = max(most, process.memory_info().rss / 1e6)
        took = time.monotonic() - began
        over.set()
        for thread in others:
            thread.join()
        cpu = sum(process.cpu_times()[:2]) - cpu
    agent.took = agent.took[first:]
    held = (
        agent.p99 < max(P99, BUSY * calm)
        and writer.p99 < max(WRITE_P99, BUSY * calm)
        and most - before < MEMORY
        and not agent.refused + writer.refused
        and not attack.answers[500]
    )
    answers = ", ".join(f"{count} times {status}" for status, count in sorted(attack.answers.items())) or "no answer"
    times = f"agent's p99 {calm * 1000:.0f} ms, then {agent.p99 * 1000:.0f} ms, max {max(agent.took):.2f} s"
    written = f"another remote-write's p99 {writer.p99:.2f} s"
    costs = f"{before:.0f} MB, then {most:.0f} MB; {cpu:.1f} CPU s"
    return Outcome(held=held, seen=f"{answers} in {took:.1f} s; {times}; {written}; {costs}")


class _Attack:
    def __init__(self, server: Process, key: str, bodies: Sequence[bytes], at_once: int) -> None:
        self.answers: Counter[int] = Counter()
        self._left = list(reversed(bodies))
        self._send = server.port, key
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(at_once)]
        for thread in self._threads:
            thread.start()

    @property
    def is_running(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def _run(self) -> None:
        while self._left:
            with suppress(OSError, HTTPException):
                self.answers[written(*self._send, self._left.pop())] += 1


def written(port: int, key: str, content: bytes) -> int:
    """Send one request over a connection of its own, and return the status."""
    connection = HTTPConnection("127.0.0.1", port, timeout=LONGEST)
    try:
        connection.request("POST", WRITE, content, {**HEADERS, "X-API-Key": key})
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def _keys(server: Process, count: int) -> list[str]:
    keys = []
    with server.admin() as admin:
        for number in range(count):
            made = admin.post("/api/servers", {"server_name": f"host {number}", "ip_address": f"10.0.0.{number}"}).data
            keys.append(admin.post("/api/api-keys", {"name": "its key", "server_id": made["id"]}).data["key"])
    return keys


def _agent(server: Process, key: str) -> Callable[[int], int]:
    agent = Client(server.port, key=key, timeout=LONGEST)
    return lambda _: agent.post("/api/monitor/data", SAMPLE).status


def _writer(server: Process, key: str) -> Callable[[int], int]:
    def send(number: int) -> int:
        return written(server.port, key, body(host_series(time.time_ns() // 1_000_000, seconds=number)))

    return send
