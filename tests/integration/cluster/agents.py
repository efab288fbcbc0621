"""Agents that report under all circumstances: the agent's own code up to the connection, with made-up values.

Each waits, sends again, and keeps what was acknowledged, exactly as on a host. Only the samples are not measured, and
nothing is written to a disk.
"""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from queue import Empty, SimpleQueue

from monitor.adapters.agent.main import Schedule
from monitor.adapters.agent.uplink.backlog import Backlog
from monitor.adapters.agent.uplink.client import Client, Delivery, sending_thread
from monitor.adapters.agent.uplink.kept import Kept
from monitor.adapters.agent.uplink.outcomes import STORED, Link, SendResult, judge
from monitor.adapters.agent.uplink.sender import Sender
from monitor.adapters.agent.uplink.target import Target
from tests.integration.alerts.losses import Key
from tests.integration.cli.running import wait_for

INTERVAL = 1.0
METRICS = ("cpu", "memory", "disk")
MOST_CYCLES = 6
"""Two alerts of each metric: more would be held, and not announced."""


class Agent:
    """Reports for one host with a key of its own.

    One metric after the other is critical for a quarter of *cycle* seconds; *phase*, from 0 to 1, says where in the
    cycle it begins.
    """

    def __init__(self, port: int, key: str, server_id: int, *, cycle: float, phase: float) -> None:
        self.server_id = server_id
        self.taken: set[str] = set()
        self.acknowledged: set[str] = set()
        self.answers: Counter[str] = Counter()
        """Of requests that stored nothing, which are repeated; and of samples that are refused for good."""
        self.breaches: Counter[str] = Counter()
        """How often each metric became critical in what was taken."""
        self._critical = ""
        self._cycle, self._position = cycle, phase * cycle
        self._inbox: SimpleQueue[SendResult] = SimpleQueue()
        self._client = Client(Target(False, "127.0.0.1", port, ""), key)
        now = time.monotonic()
        self._schedule = Schedule(now + phase * INTERVAL, INTERVAL)
        self._sender = Sender(
            send=sending_thread(self._send, self._inbox),
            backlog=Backlog(None, _say_nothing),
            kept=Kept(Backlog(None, _say_nothing), now),
            link=Link("", _say_nothing),
            log=_say_nothing,
            interval=INTERVAL,
            random=random.random,
        )

    @property
    def is_done(self) -> bool:
        return self.taken == self.acknowledged

    def run(self, stop: threading.Event) -> None:
        """Report until *stop*, and then until all is acknowledged, for two minutes at most."""
        try:
            self._run(stop)
        finally:
            self._client.close()

    def _run(self, stop: threading.Event) -> None:
        tick, give_up = self._schedule.after(time.monotonic()), float("inf")
        while (now := time.monotonic()) < give_up:
            if stop.is_set():
                tick, give_up = float("inf"), min(give_up, now + 120)
                if self.is_done:
                    return
            elif now >= tick:
                tick = self._schedule.after(now)
                self._sender.offer(self._sample(), now)
            try:
                answer = self._inbox.get(timeout=min(0.5, max(0.0, min(tick, self._sender.due()) - now)))
            except Empty:
                self._sender.proceed(time.monotonic())
            else:
                self._sender.arrived(answer, time.monotonic())

    def _sample(self) -> bytes:
        cycle, at = divmod(self._position, self._cycle)
        self._position += INTERVAL
        is_critical = at < self._cycle / 4 and cycle < MOST_CYCLES
        critical = METRICS[int(cycle) % len(METRICS)] if is_critical else ""
        self.breaches[critical] += critical not in ("", self._critical)
        self._critical = critical
        metrics = {f"{name}_value": 99.5 if name == critical else 20.0 for name in METRICS}
        recorded_at = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}"
        self.taken.add(recorded_at)
        return json.dumps({"recorded_at": recorded_at, "metrics": metrics}).encode()

    def _send(self, delivery: Delivery) -> SendResult:
        """On the sending thread."""
        answer = self._client.send(delivery)
        outcome = judge(answer, batch_of=len(delivery.records) if delivery.batch else None)
        if outcome.kind != STORED:
            self.answers[str(answer.status) if answer.status else answer.problem] += 1
            return answer
        statuses = [str(result["status"]) for result in outcome.results] or [STORED]
        for record, status in zip(delivery.records, statuses, strict=True):
            if status in ("stored", "duplicate"):
                self.acknowledged.add(json.loads(record)["recorded_at"])
            else:
                self.answers[f"a sample {status}"] += 1
        return answer


class Agents:
    """They run within `reporting`."""

    def __init__(self, port: int, keys: dict[int, str], cycle: float) -> None:
        """*keys*: of each server."""
        self.each = [
            Agent(port, key, server_id, cycle=cycle, phase=number / len(keys))
            for number, (server_id, key) in enumerate(keys.items())
        ]
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=agent.run, args=(self._stop,)) for agent in self.each]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()
        wait_for(lambda: all(agent.acknowledged for agent in self.each), "a sample of each host")

    def finish(self) -> None:
        """Return once all that was measured is acknowledged, or after two minutes."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def acknowledged(self) -> set[Key]:
        """So far."""
        return {(agent.server_id, at) for agent in self.each for at in agent.acknowledged.copy()}

    def answers(self) -> Counter[str]:
        """Of all requests so far that stored nothing."""
        return sum((agent.answers.copy() for agent in self.each), Counter())

    @property
    def waiting(self) -> int:
        """How many samples are not acknowledged yet."""
        return sum(len(agent.taken) - len(agent.acknowledged) for agent in self.each)


def _say_nothing(_line: str) -> None:
    pass


@contextmanager
def reporting(port: int, keys: dict[int, str], *, cycle: float) -> Iterator[Agents]:
    agents = Agents(port, keys, cycle)
    try:
        agents.start()
        yield agents
    finally:
        agents.finish()
