"""Live agents: single samples at a constant rate, independent of earlier responses (open-loop load).

A load that waits for each response sends less while the server is slow, which hides the delay. Here each latency counts
from the time at which the sample was due.
"""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from http.client import HTTPConnection
from random import Random
from threading import local
from typing import Any

from bench.figures import measured
from bench.targets.product import Product, address

_CONNECTIONS = 16
_PATIENCE = 60.0


def live(product: Product, *, servers: int, interval: float, seconds: float) -> dict[str, Any]:
    """Let *servers* report every *interval* seconds each, for *seconds*, and return `measured` figures.

    Raises RuntimeError if a sample was not stored.
    """
    each, random, held = interval / servers, Random(1), local()

    def send(body: str, due: float) -> float:
        connection = held.__dict__.setdefault(
            "connection", HTTPConnection("127.0.0.1", product.port, timeout=_PATIENCE)
        )
        connection.request("POST", "/api/monitor/data", body, {"X-API-Key": product.key})
        answer = connection.getresponse()
        said = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"a live sample was answered {answer.status}: {said[:200]!r}")
        return time.perf_counter() - due

    began = time.perf_counter()
    with ThreadPoolExecutor(_CONNECTIONS) as pool:
        answers: list[Future[float]] = []
        for number in range(round(seconds / each)):
            due = began + number * each
            time.sleep(max(0.0, due - time.perf_counter()))
            answers.append(pool.submit(send, _sample(number % servers, random), due))
        latencies = [answer.result() for answer in answers]
    return measured(latencies, time.perf_counter() - began)


def _sample(server: int, random: Random) -> str:
    """One in a hundred is over the critical threshold."""
    cpu = 95 if random.random() < 0.01 else random.randrange(8900) / 100
    return (
        f'{{"ip_address":"{address(server)}","metrics":{{"cpu_value":{cpu},'
        f'"memory_value":{random.randrange(8900) / 100},"disk_value":42.5}}}}'
    )
