"""A host, its agent and a server in virtual time."""

import json
import random
from collections.abc import Callable, Collection

from monitor.adapters.agent.clock import Moment, Reading, ServerClock
from monitor.adapters.agent.main import STOP, Schedule, run
from monitor.adapters.agent.uplink.backlog import Backlog
from monitor.adapters.agent.uplink.client import Delivery
from monitor.adapters.agent.uplink.kept import Kept
from monitor.adapters.agent.uplink.outcomes import Link, SendResult
from monitor.adapters.agent.uplink.sender import Sender

Behaviour = Callable[[float, Delivery], tuple[SendResult, float]]
"""Time and delivery → the answer, and the seconds until it arrives."""

EPOCH = 1_764_500_000.0
"""The true time when the host booted and the agent began."""
NO_ANSWER = SendResult(problem="Connection refused")


def stored(delivery: Delivery, rejected: Collection[bytes] = (), known: Collection[bytes] = ()) -> SendResult:
    """*known*: what the server had before."""
    results = [
        {"status": "rejected", "reason": "too_old"}
        if record in rejected
        else {"status": "duplicate" if record in known else "stored"}
        for record in delivery.records
    ]
    data = {"results": results} if delivery.batch else None
    return SendResult(status=200, body=json.dumps({"code": 200, "msg": "", "data": data}).encode())


def refused(status: int, retry_after: float = 0.0) -> SendResult:
    return SendResult(status=status, body=json.dumps({"code": status, "msg": "no"}).encode(), retry_after=retry_after)


class World:
    """Runs an agent that samples every *interval* seconds until *until*; the attributes hold what happened."""

    def __init__(
        self,
        behaviour: Behaviour,
        *,
        until: float,
        interval: float = 15.0,
        luck: Callable[[], float] | None = None,
        backlog: Backlog | None = None,
        kept: Kept | None = None,
        clock: ServerClock | None = None,
        host_ahead: Callable[[float], float] = lambda _now: 0.0,
        server_ahead: Callable[[float], float] = lambda _now: 0.0,
    ) -> None:
        """*clock*: samples have times, by it. *host_ahead*, *server_ahead*: by how much these clocks are wrong."""
        self.now = 0.0
        self.taken: list[tuple[float, bytes]] = []
        self.arrivals: list[tuple[float, Delivery]] = []
        """When the server stored what."""
        self.attempts: list[tuple[float, Delivery]] = []
        self.logged: list[str] = []
        self.spooled_at_send: list[int] = []
        self._behaviour = behaviour
        self._clock, self._host_ahead, self._server_ahead = clock, host_ahead, server_ahead
        self._until = until
        self._coming: tuple[float, SendResult] | None = None
        self.backlog = Backlog(None, self.logged.append) if backlog is None else backlog
        self.kept = Kept(Backlog(None, self.logged.append), 0.0) if kept is None else kept
        self.sender = Sender(
            send=self._send,
            backlog=self.backlog,
            kept=self.kept,
            link=Link("http://server", self.logged.append),
            log=self.logged.append,
            interval=interval,
            random=luck or random.Random(7).random,  # noqa: S311 (a repeatable test)
            clock=clock,
        )
        run(
            take=self._take,
            sender=self.sender,
            schedule=Schedule(0.0, interval),
            wait=self._wait,
            monotonic=lambda: self.now,
        )

    @property
    def stored(self) -> list[bytes]:
        """Every sample that the server stored, in the order of arrival, with repetitions."""
        return [record for _, delivery in self.arrivals for record in delivery.records]

    def _take(self) -> bytes:
        record = b'{"n":%d}' % len(self.taken)
        if self._clock is not None:
            wall = round((EPOCH + self.now + self._host_ahead(self.now)) * 1e9)
            body = self._clock.stamped(json.loads(record), Moment(self.now, self.now, wall))
            record = json.dumps(body, separators=(",", ":")).encode()
        self.taken.append((self.now, record))
        return record

    def _send(self, delivery: Delivery) -> None:
        assert self._coming is None, "one delivery at a time"
        self.attempts.append((self.now, delivery))
        self.spooled_at_send.append(len(self.backlog))
        answer, delay = self._behaviour(self.now, delivery)
        if self._clock is not None and answer.status:
            asked, there = self.now, self.now + delay / 2
            answered = self.now + delay
            said = EPOCH + there + self._server_ahead(there)
            answer = answer._replace(
                clock=Reading(said, asked, answered, EPOCH + answered + self._host_ahead(answered))
            )
        if answer.status == 200:
            self.arrivals.append((self.now + delay, delivery))
        self._coming = (self.now + delay, answer)

    def _wait(self, seconds: float) -> object:
        wake = self.now + seconds
        if self._coming and self._coming[0] <= min(wake, self._until):
            self.now, answer = self._coming
            self._coming = None
            return answer
        if wake >= self._until:
            self.now = max(self.now, self._until if self.now < self._until else wake)
            return STOP
        self.now = wake
        return None
