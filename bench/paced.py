"""Requests at a constant rate, independent of earlier responses (open-loop load), such as those of live agents.

A load that waits for each response sends less while the server is slow, which hides the delay. Here each latency counts
from the time at which the request was due.
"""

import gc
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from random import Random
from threading import local
from typing import Any, NamedTuple

from bench.figures import measured
from bench.targets.product import Product, address

_CONNECTIONS = 16
_PATIENCE = 60.0


class Request(NamedTuple):
    """A POST. *answered*: the status of a success."""

    path: str
    body: str | bytes
    headers: Mapping[str, str]
    answered: int = 200


def live(product: Product, *, servers: int, interval: float, seconds: float) -> dict[str, Any]:
    """Let *servers* report every *interval* seconds each, for *seconds*, and return `measured` figures.

    Raises RuntimeError if a sample was not stored.
    """
    each, random, headers = interval / servers, Random(1), {"X-API-Key": product.key}
    bodies = (_sample(number % servers, random) for number in range(round(seconds / each)))
    began = time.perf_counter()
    latencies = sent(product.port, (Request("/api/monitor/data", body, headers) for body in bodies), each)
    return measured(latencies, time.perf_counter() - began)


def sent(port: int, requests: Iterable[Request], each: float, connections: int = _CONNECTIONS) -> list[float]:
    """Send a request *each* so many seconds, and return the latencies in seconds.

    With 0 a connection sends the next one as soon as it is answered, and a latency counts from there. Raises
    RuntimeError unless all succeed.
    """
    held = local()

    def send(request: Request, due: float) -> float:
        connection = held.__dict__.setdefault("connection", HTTPConnection("127.0.0.1", port, timeout=_PATIENCE))
        began = due if each else time.perf_counter()
        connection.request("POST", request.path, request.body, dict(request.headers))
        answer = connection.getresponse()
        said = answer.read()
        if answer.status != request.answered:
            raise RuntimeError(f"{request.path} was answered {answer.status}: {said[:200]!r}")
        return time.perf_counter() - began

    with _uncollected(), ThreadPoolExecutor(connections) as pool:
        began = time.perf_counter()
        answers: list[Future[float]] = []
        for number, request in enumerate(requests):
            due = began + number * each
            time.sleep(max(0.0, due - time.perf_counter()))
            answers.append(pool.submit(send, request, due))
        return [answer.result() for answer in answers]


@contextmanager
def _uncollected() -> Iterator[None]:
    """Collect no garbage: among tens of thousands of answers it takes 0.2 s, and seems to be a delay of the server."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _sample(server: int, random: Random) -> str:
    """One in a hundred is over the critical threshold."""
    cpu = 95 if random.random() < 0.01 else random.randrange(8900) / 100
    return (
        f'{{"ip_address":"{address(server)}","metrics":{{"cpu_value":{cpu},'
        f'"memory_value":{random.randrange(8900) / 100},"disk_value":42.5}}}}'
    )
