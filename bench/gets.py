"""GET requests one after the other on one connection, all of which are counted.

`wrk` drops requests under way at its end: that would be most of them if a response takes seconds.
"""

import time
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection
from itertools import cycle
from typing import Any

from bench.figures import measured

LEAST = 2
"""Requests, however long they take."""
PATIENCE = 120.0


def ask(port: int, paths: Sequence[str], headers: Mapping[str, str], seconds: float) -> dict[str, Any]:
    """Request *paths* in turn for *seconds*. *bytes*: average per response. Raises RuntimeError unless all are 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    latencies: list[float] = []
    size, began = 0, time.perf_counter()
    try:
        for path in cycle(paths):
            sent = time.perf_counter()
            if len(latencies) >= LEAST and sent - began >= seconds:
                break
            connection.request("GET", path, headers=dict(headers))
            answer = connection.getresponse()
            body = answer.read()
            latencies.append(time.perf_counter() - sent)
            size += len(body)
            if answer.status != 200:
                raise RuntimeError(f"{path} was answered {answer.status}: {body[:200]!r}")
    finally:
        connection.close()
    return measured(latencies, time.perf_counter() - began) | {"bytes": size / len(latencies)}
