"""What goes over the wire: one JSON object per sample."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .clock import stamp

if TYPE_CHECKING:
    from .probe import Readings

MAX_BATCH = 200
"""A fifth of what the API takes at once: an answer then comes between two ticks even from a slow server."""
MAX_BODY = 900_000


def sample(readings: Readings, epoch_ns: int, interval: float) -> dict[str, Any]:
    """The API's object for *readings*, without `ip_address`: that is known only once a connection stands."""
    whole = int(interval)
    body: dict[str, Any] = {
        "metrics": {
            "cpu_value": readings.cpu,
            "memory_value": readings.memory,
            "disk_value": readings.disk,
            "extra": readings.extra,
        },
        "recorded_at": stamp(epoch_ns),
        "interval": whole if whole == interval else interval,
    }
    if readings.processes:
        body["processes"] = readings.processes
    return body


def encode(body: dict[str, Any]) -> bytes:
    """One line of ASCII. Raises ValueError: a number is not finite."""
    return json.dumps(body, separators=(",", ":"), allow_nan=False).encode("ascii")


def single_body(record: bytes, ip_address: str | None) -> bytes:
    """The body for one encoded sample, with the address where one is to be told."""
    return b'{"ip_address":"%s",%s' % (ip_address.encode("ascii"), record[1:]) if ip_address else record


def batch_body(records: Sequence[bytes], ip_address: str | None) -> bytes:
    """The body for many."""
    return b'{"samples":[%s]}' % b",".join(single_body(record, ip_address) for record in records)
