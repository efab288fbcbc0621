"""For how long nothing could be written: through the product as people and agents do, and on the cluster itself."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from itertools import count, pairwise

import pymysql

from tests.integration.cli.client import Client
from tests.integration.cli.running import PASSWORD
from tests.integration.cluster.whole import Whole
from tests.integration.galera import GaleraNode

PROBES = "probes"
"""A database of its own, so that these writes meet no lock of the product."""
_PATIENCE = 10.0
_LEFT_OUT = (OSError, HTTPException, AssertionError, pymysql.err.Error)


@dataclass
class Watch:
    """Writes again and again. *times*: when each write that succeeded was answered, on a monotonic clock."""

    write: Callable[[], bool]
    pause: float
    times: list[float] = field(default_factory=list)

    def run(self, stop: threading.Event) -> None:
        while not stop.wait(self.pause):
            with suppress(*_LEFT_OUT):
                if self.write():
                    self.times.append(time.monotonic())

    def longest(self, since: float, until: float) -> float:
        """Return the longest time without a write."""
        inside = [since, *(at for at in self.times.copy() if since < at < until), until]
        return max(later - earlier for earlier, later in pairwise(inside))


@dataclass(frozen=True, slots=True, kw_only=True)
class Watches:
    """*product*: through nginx. *engine*: on each node."""

    product: Sequence[Watch]
    engine: Sequence[Watch]

    def have_all_written(self, since: float) -> bool:
        """Whether each way through the product has worked again."""
        return all(watch.times and watch.times[-1] > since for watch in self.product)

    def longest(self, since: float, until: float) -> tuple[float, float]:
        """Return the longest time without a write: the product's worst way, and the cluster's best node."""
        product = max(watch.longest(since, until) for watch in self.product)
        return product, min(watch.longest(since, until) for watch in self.engine)


def _sample(agent: Client) -> Callable[[], bool]:
    """Of the hosts that are watched alone: nobody counts these samples."""
    values = {"metrics": {"cpu_value": 1, "memory_value": 2, "disk_value": 3}}
    return lambda: agent.post("/api/monitor/data", values).status == 200


def _change(person: Client, server_id: int) -> Callable[[], bool]:
    numbers = count(1)

    def write() -> bool:
        status = person.put(f"/api/servers/{server_id}", {"port": 1000 + next(numbers) % 60_000}).status
        if status == 401:  # a drill takes longer than a token lasts
            person.log_in("admin", PASSWORD)
        return status == 200

    return write


class _Row:
    """A row of *node*, written on one connection while that lasts."""

    def __init__(self, node: GaleraNode, number: int) -> None:
        self._node = node
        self._statement = f"UPDATE counts SET v = v + 1 WHERE id = {number:d}"  # noqa: S608 (a number)
        self._connection: pymysql.connections.Connection[pymysql.cursors.Cursor] | None = None

    def write(self) -> bool:
        try:
            self._connection = self._connection or self._connected()
            with self._connection.cursor() as cursor:
                cursor.execute(self._statement)
        except pymysql.err.Error:
            self.close()
            raise
        return True

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None and connection.open:
            connection.close()

    def _connected(self) -> "pymysql.connections.Connection[pymysql.cursors.Cursor]":
        return pymysql.connect(
            host="127.0.0.1",
            port=self._node.port,
            user="root",
            database=PROBES,
            autocommit=True,
            connect_timeout=1,
            read_timeout=_PATIENCE,
        )


@contextmanager
def watching(cluster: Whole, keys: dict[int, str], token: str) -> Iterator[Watches]:
    """*keys*: of hosts that nobody else reports for. *token*: an administrator's."""
    nodes = list(enumerate(cluster.galera.nodes))
    _make_rows(cluster.galera.nodes[0], len(nodes))
    stop = threading.Event()
    with ExitStack() as stack:
        agents = [stack.enter_context(Client(cluster.port, key=key, timeout=_PATIENCE)) for key in keys.values()]
        person = stack.enter_context(Client(cluster.port, timeout=_PATIENCE))
        person.use(token)
        rows = [stack.enter_context(closing(_Row(node, number))) for number, node in nodes]
        product = [Watch(_sample(agent), 0.05) for agent in agents]
        product.append(Watch(_change(person, next(iter(keys))), 0.2))
        engine = [Watch(row.write, 0.05) for row in rows]
        threads = [threading.Thread(target=watch.run, args=(stop,)) for watch in (*product, *engine)]
        stack.callback(_end, stop, threads)
        for thread in threads:
            thread.start()
        yield Watches(product=product, engine=engine)


def _make_rows(node: GaleraNode, count: int) -> None:
    node.execute(f"CREATE DATABASE IF NOT EXISTS {PROBES}")
    node.execute("CREATE TABLE IF NOT EXISTS counts (id INT PRIMARY KEY, v BIGINT NOT NULL)", PROBES)
    for number in range(count):
        node.execute(f"INSERT IGNORE INTO counts VALUES ({number:d}, 0)", PROBES)  # noqa: S608 (a number)


def _end(stop: threading.Event, threads: list[threading.Thread]) -> None:
    stop.set()
    for thread in threads:
        thread.join()
