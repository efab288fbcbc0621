"""The metrics beside CPU, memory and disk, of which some are functions of `kernel`.

To add one, write a function that yields its name and value, add it to HOST_METRICS or DEVICE_METRICS, and describe the
metric in the server's catalogue, `monitor.domain.intake.metrics`. A function may raise: its metric is then left out.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from ..clock import Moment
from .devices import Devices
from .kernel import inodes, pressure, raid
from .sample import optional, percent

Values = Iterator["tuple[str, float]"]


class Host(NamedTuple):
    """What the functions read. *ps* is psutil or like it, *processes* is None if unknown.

    *rates* are per second, of all devices together and (*of_devices*) of each.
    """

    ps: Any
    moment: Moment
    devices: Devices
    rates: dict[str, float]
    of_devices: dict[str, float]
    processes: int | None


def load(_host: Host) -> Values:
    """Processes that run or wait, as averages over 1, 5 and 15 minutes."""
    yield from zip(("load1", "load5", "load15"), os.getloadavg())


def swap(host: Host) -> Values:
    """Swap in use, in percent."""
    yield "swap", percent(host.ps.swap_memory().percent)


def temperature(host: Host) -> Values:
    """The hottest sensor, in °C."""
    if host.devices.temperatures:
        yield "temperature", max(value for _, value in host.devices.temperatures)


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


HOST_METRICS: tuple[Callable[[Host], Values], ...] = (
    load,
    swap,
    lambda host: iter(host.rates.items()),
    temperature,
    uptime,
    processes,
    lambda _: pressure(),
    file_systems,
    lambda host: inodes(host.devices.mount_points),
    lambda host: raid(host.devices.arrays),
)
DEVICE_METRICS: tuple[Callable[[Host], Values], ...] = (
    lambda host: iter(host.devices.temperatures),
    lambda host: iter(host.of_devices.items()),
)
"""In the order in which they take the API's 256 places: these come after what a person asked for (see `probe`)."""
