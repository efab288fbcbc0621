"""Agents that never give up on a sample: sent again, with the same time, until the server says that it is stored."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from itertools import count

from tests.integration.cli.client import Client
from tests.integration.cli.running import Process, wait_for

BATCH = 10
HALF_A_DAY = timedelta(hours=12)


@dataclass
class Sender:
    """Reports for one server: of its own past a sample every *step* seconds, forwards or (negative) backwards."""

    port: int
    server_id: int
    key: str
    step: int
    batched: bool
    budget: int
    start: datetime
    sent: dict[str, float] = field(default_factory=dict)
    acknowledged: set[str] = field(default_factory=set)
    unexpected: list[str] = field(default_factory=list)
    requests: int = 0

    def run(self, stop: threading.Event) -> None:
        numbers = count()
        with Client(self.port, key=self.key) as client:
            while not stop.is_set() and self.requests < self.budget:
                fresh = dict(self._sample(next(numbers)) for _ in range(BATCH if self.batched else 1))
                self.sent |= fresh
                while self.requests < self.budget and not self._deliver(client, fresh):
                    if stop.wait(0.01) and self.requests >= self.budget // 2:
                        return

    def _sample(self, number: int) -> tuple[str, float]:
        at = self.start + timedelta(seconds=number * self.step)
        return at.strftime("%Y-%m-%d %H:%M:%S"), number % 100 + 0.25

    def _deliver(self, client: Client, samples: dict[str, float]) -> bool:
        """Whether all of them are stored."""
        bodies = [
            {"recorded_at": at, "metrics": {"cpu_value": cpu, "memory_value": 50, "disk_value": 50}}
            for at, cpu in samples.items()
        ]
        try:
            if self.batched:
                answer = client.post("/api/monitor/data/batch", {"samples": bodies})
            else:
                answer = client.post("/api/monitor/data", bodies[0])
        except ConnectionRefusedError:  # nobody there: not a request
            return False
        except (OSError, HTTPException):
            self.requests += 1
            return False
        self.requests += 1
        if answer.status == 503 and "retry-after" in answer.headers:
            return False
        outcomes = answer.body["data"]["results"] if self.batched and answer.status == 200 else [answer.body["data"]]
        if answer.status != 200 or not {outcome["status"] for outcome in outcomes} <= {"stored", "duplicate"}:
            self.unexpected.append(f"{answer.status} {answer.body}")
            return True
        self.acknowledged |= samples.keys()
        return True


class Senders:
    def __init__(self, senders: list[Sender]) -> None:
        self._senders = senders
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=sender.run, args=(self._stop,)) for sender in senders]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Stop, after samples under way are delivered."""
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in self._threads)

    @property
    def acknowledged(self) -> int:
        return sum(len(sender.acknowledged) for sender in self._senders)

    def wait_for_more(self, samples: int) -> None:
        """Wait until *samples* more are acknowledged."""
        enough = self.acknowledged + samples
        wait_for(lambda: self.acknowledged >= enough, f"{samples} more samples")

    @property
    def requests(self) -> int:
        return sum(sender.requests for sender in self._senders)

    @property
    def are_sending(self) -> bool:
        return all(thread.is_alive() for thread in self._threads)

    def check(self, server: Process) -> None:
        """Check through the API that each acknowledged sample is stored once, and no other."""
        with server.admin() as admin:
            for sender in self._senders:
                rows = admin.pages(f"/api/monitor/data?server_id={sender.server_id}&limit=1000")
                times = Counter(row["recorded_at"] for row in rows)
                stored = {row["recorded_at"]: row["cpu_value"] for row in rows}
                assert [] == sender.unexpected
                assert [] == [at for at, copies in times.items() if copies > 1]
                assert set() == sender.acknowledged - stored.keys()
                assert {} == {at: cpu for at, cpu in stored.items() if sender.sent.get(at) != cpu}


@contextmanager
def sending(server: Process, *, requests: int, spacing: int = 1, since: timedelta = HALF_A_DAY) -> Iterator[Senders]:
    """Eight senders, each with a server and a key of its own: ascending and descending, single and in batches.

    At most *requests* requests in all; samples lie *spacing* seconds apart, and the
    first *since* ago.
    """
    with server.admin() as admin:
        senders = [_sender(admin, server.port, number, requests // 8, spacing, since) for number in range(8)]
    under_way = Senders(senders)
    under_way.start()
    try:
        yield under_way
    finally:
        under_way.finish()


def _sender(admin: Client, port: int, number: int, budget: int, spacing: int, since: timedelta) -> Sender:
    made = admin.post("/api/servers", {"server_name": f"host {number}", "ip_address": f"10.0.0.{number + 1}"}).data
    key = admin.post("/api/api-keys", {"name": "agent", "server_id": made["id"]}).data["key"]
    return Sender(
        start=datetime.now(UTC).replace(microsecond=0) - since,
        port=port,
        server_id=made["id"],
        key=key,
        step=-spacing if number % 2 else spacing,
        batched=number >= 6,
        budget=budget,
    )
