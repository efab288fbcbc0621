"""The metrics beside CPU, memory and disk: one function each, and those that scripts on this host leave in files.

To add one, write a function that yields its name and value, add it to HOST_METRICS or DEVICE_METRICS, and describe the
metric in the server's catalogue, `monitor.domain.intake.metrics`. A function may raise: its metric is then left out.
"""

from __future__ import annotations

import math
import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from ..clock import Moment
from ..files import open_to_read
from ..log import Log
from . import kernel
from .devices import Devices
from .sample import optional, percent

Values = Iterator["tuple[str, float]"]

MAX_AGE = 300.0
_MAX_SIZE = 64 * 1024
_MAX_FILES = 64
_SUFFIXES = (".prom", ".txt")
_LINE = re.compile(r"(?P<name>[^\s{#]+)(?:\{(?P<labels>[^}]*)\})?\s+(?P<value>\S+)(?:\s+-?\d+)?")
_LABEL = re.compile(r'"((?:[^"\\]|\\.)*)"')


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


def rates(host: Host) -> Values:
    """Bytes per second of network interfaces and disks."""
    yield from host.rates.items()


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


def pressure(_host: Host) -> Values:
    """How much tasks wait for CPU, memory and disks, in percent of the last minute."""
    return kernel.pressure()


def inodes(host: Host) -> Values:
    """Used inodes of each file system, in percent."""
    return kernel.inodes(host.devices.mount_points)


def raid(host: Host) -> Values:
    """Each software RAID array: 1 whole, 0 degraded."""
    return kernel.raid(host.devices.arrays)


def sensors(host: Host) -> Values:
    """Each temperature sensor, in °C."""
    yield from host.devices.temperatures


def device_rates(host: Host) -> Values:
    """Bytes per second of each network interface and disk."""
    yield from host.of_devices.items()


HOST_METRICS: list[Callable[[Host], Values]] = [
    *(load, swap, rates, temperature, uptime, processes, pressure, file_systems, inodes, raid),
]
DEVICE_METRICS: list[Callable[[Host], Values]] = [sensors, device_rates]
"""In the order in which they take the API's 256 places: these come after what a person asked for (see `probe`)."""


class CustomMetrics:
    """Reads `name value` lines from a directory's `*.prom` and `*.txt` files at each sample.

    This is as in node-exporter's textfile collector, and Prometheus' text format works too: comments and timestamps are
    skipped, and label values are appended to the name (`backup_age{job="db"} 5` is `backup_age:db`). A file that is
    malformed or older than five minutes is ignored, and logged once until it is valid again.

    The agent runs no scripts. A script should write its file under another name and then rename it, so that the agent
    never reads half a file.
    """

    def __init__(self, directory: str, log: Log) -> None:
        self._directory = directory
        self._log = log
        self._named: dict[str, str] = {}

    def read(self, epoch: float) -> list[tuple[str, float]]:
        """Return the metrics of all files at *epoch* (seconds), in the order of the file names."""
        readings: list[tuple[str, float]] = []
        problems: dict[str, str] = {}
        try:
            names = sorted(name for name in os.listdir(self._directory) if name.endswith(_SUFFIXES))
        except OSError as error:
            names, problems = [], {self._directory: error.strerror or str(error)}
        for name in names[:_MAX_FILES]:
            path = os.path.join(self._directory, name)
            try:
                readings += parse(_fresh_text(path, epoch))
            except (OSError, ValueError) as error:
                problems[path] = getattr(error, "strerror", None) or str(error)
        for path, problem in problems.items():
            if path not in self._named:
                self._log(f"AGENT_METRICS_DIR: {path} is ignored: {problem}")
        self._named = problems
        return readings


def _fresh_text(path: str, epoch: float) -> str:
    with open(open_to_read(path), encoding="utf-8") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("not a regular file")
        if epoch - status.st_mtime > MAX_AGE:
            raise ValueError(f"older than {MAX_AGE:.0f} s")
        if status.st_size > _MAX_SIZE:
            raise ValueError(f"larger than {_MAX_SIZE} bytes")
        return file.read(_MAX_SIZE)


def parse(text: str) -> list[tuple[str, float]]:
    """Return the metrics in *text*, without NaN and infinities, which Prometheus allows.

    Raises ValueError if a line is neither a comment nor `name value`.
    """
    readings = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"line {number} is not `name value`")
        try:
            value = float(match["value"])
        except ValueError:
            raise ValueError(f"line {number} does not end with a number") from None
        if math.isfinite(value):
            readings.append((":".join([match["name"], *_LABEL.findall(match["labels"] or "")]), value))
    return readings
