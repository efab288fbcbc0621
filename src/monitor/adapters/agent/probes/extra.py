"""The metrics beside CPU, memory and disk: one function each.

To add one, write a function that yields its name and value, add it to METRICS, and describe the metric in the server's
catalogue, `monitor.domain.metrics`. A function may raise: its metric is then left out of the sample.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from .devices import Devices
from .reading import Moment, optional
from .sample import percent

Values = Iterator["tuple[str, float]"]


class Host(NamedTuple):
    """What the functions read. *ps* is psutil or like it, *rates* are per second, *processes* is None if unknown."""

    ps: Any
    moment: Moment
    devices: Devices
    rates: dict[str, float]
    processes: int | None


def load(_host: Host) -> Values:
    """Processes that run or wait, as averages over 1, 5 and 15 minutes."""
    yield from zip(("load1", "load5", "load15"), os.getloadavg())


def swap(host: Host) -> Values:
    """Swap in use, in percent."""
    yield "swap", percent(host.ps.swap_memory().percent)


def rates(host: Host) -> Values:
    """Bytes per second of network interfaces and disks."""
    yield from host.rates.items()


def temperature(host: Host) -> Values:
    """The hottest sensor, in °C."""
    if host.devices.temperature is not None:
        yield "temperature", host.devices.temperature


def uptime(host: Host) -> Values:
    """Seconds since boot, suspends included."""
    counted = hasattr(time, "CLOCK_BOOTTIME")
    yield "uptime", host.moment.elapsed if counted else float(time.time() - host.ps.boot_time())


def processes(host: Host) -> Values:
    """How many processes run."""
    if host.processes is not None:
        yield "processes", host.processes


def file_systems(host: Host) -> Values:
    """Each file system in use, in percent."""
    for mount_point in host.devices.mount_points:
        usage = optional(partial(host.ps.disk_usage, mount_point), None)
        if usage is not None:
            yield f"disk:{mount_point}", percent(usage.percent)


METRICS: tuple[Callable[[Host], Values], ...] = (load, swap, rates, temperature, uptime, processes, file_systems)
"""In the order in which they take the API's 64 places."""
