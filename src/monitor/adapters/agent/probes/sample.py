"""A sample in the form that the API accepts."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Iterable
from typing import Any, NamedTuple

MAX_EXTRA = 64
_LONGEST_NAME = 64
_NOT_ALLOWED = re.compile(r"[^a-z0-9_.:/-]")


class Readings(NamedTuple):
    """One measurement. *cpu*, *memory* and *disk* in percent; *extra* by names that the API accepts."""

    cpu: float
    memory: float
    disk: float
    extra: dict[str, float]
    processes: list[dict[str, str | float]]


def metric_name(text: str) -> str:
    """Return *text* as a name that the API accepts: lower case, `_` for other characters, 64 characters at most."""
    return _NOT_ALLOWED.sub("_", text.lower())[:_LONGEST_NAME] or "_"


def percent(value: float) -> float:
    """Return *value* within 0 and 100, with two decimals. Raises ValueError if it is not finite."""
    if not math.isfinite(value):
        raise ValueError(f"not a number: {value}")
    return round(min(100.0, max(0.0, value)), 2)


def extra_metrics(readings: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Return the first 64 *readings* under names that the API accepts.

    If two have the same name, the first one counts. Values that are not finite are left out.
    """
    chosen: dict[str, float] = {}
    for raw_name, value in readings:
        name = metric_name(raw_name)
        if name not in chosen and math.isfinite(value):
            chosen[name] = round(value, 3)
            if len(chosen) == MAX_EXTRA:
                break
    return chosen


def stamp(epoch_ns: int) -> str:
    """Return a time as the API writes it: UTC, with milliseconds."""
    seconds, milliseconds = divmod(epoch_ns // 1_000_000, 1000)
    return f"{time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(seconds))}.{milliseconds:03d}"


def sample(readings: Readings, epoch_ns: int, interval: float) -> dict[str, Any]:
    """Return the API's object without `ip_address`, which is known only once there is a connection."""
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
    """Return *body* as one line of ASCII. Raises ValueError if a number is not finite."""
    return json.dumps(body, separators=(",", ":"), allow_nan=False).encode("ascii")
