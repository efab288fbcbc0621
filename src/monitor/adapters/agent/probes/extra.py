"""The metrics beside CPU, memory and disk.

To add one, write a function that yields its name and value, add it to HOST_METRICS or DEVICE_METRICS, and describe the
metric in the server's catalogue, `monitor.domain.intake.metrics`. A function may raise: its metric is then left out, as
where the kernel or a container lacks its files.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

from ..clock import Moment
from .devices import Devices
from .sample import optional, percent, read_small

Values = Iterator["tuple[str, float]"]
_BROKEN = ("inactive", "broken")
ASKS_FOR_REBOOT = ("/run/reboot-required", "/run/reboot-needed")  # of Debian and Ubuntu, of SUSE


class Host(NamedTuple):
    """*rates*, *of_devices*: per second, of all and of each. *processes*, *unexpected* (restart): None if unknown."""

    ps: Any
    moment: Moment
    devices: Devices
    rates: dict[str, float]
    of_devices: dict[str, float]
    processes: int | None
    unexpected: bool | None = None


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
    """Yield the number of running processes."""
    if host.processes is not None:
        yield "processes", host.processes


def restarts(host: Host, asks_for_one: Iterable[str] = ASKS_FOR_REBOOT) -> Values:
    """Whether the system asks for a restart, and, for an hour after it, whether the last one was unexpected."""
    yield "reboot_needed", float(any(map(os.path.exists, asks_for_one)))
    if host.unexpected is not None:
        yield "unexpected_restart", float(host.unexpected and host.moment.elapsed < 3600)


def file_systems(host: Host) -> Values:
    """Each file system in use, in percent."""
    for mount_point in host.devices.mount_points:
        usage = optional(partial(host.ps.disk_usage, mount_point), None)
        if usage is not None:
            yield f"disk:{mount_point}", percent(usage.percent)


def pressure(proc: str = "/proc") -> Values:
    """Share of the last minute in which some task waited, in percent: see the kernel's accounting/psi.rst."""
    for resource in ("cpu", "memory", "io"):
        share = optional(partial(_some_of_a_minute, f"{proc}/pressure/{resource}"), None)
        if share is not None:
            yield f"pressure_{resource}", share


def raid(names: Iterable[str], sys: str = "/sys") -> Values:
    """1 for an array with all of its disks, 0 for one that lacks some, rebuilds, or does not run."""
    for name in names:
        whole = optional(partial(_is_whole, f"{sys}/block/{name}/md"), None)
        if whole is not None:
            yield f"raid:{name}", float(whole)


def inodes(mount_points: Iterable[str]) -> Values:
    """Used inodes of each file system that has a fixed number of them, in percent of what users may have."""
    for mount_point in mount_points:
        found = optional(partial(os.statvfs, mount_point), None)
        if found is None or not found.f_files:
            continue  # Such as btrfs, which makes inodes as it needs them.
        used = found.f_files - found.f_ffree
        if used + found.f_favail > 0:
            yield f"inodes:{mount_point}", percent(100 * used / (used + found.f_favail))


def _some_of_a_minute(path: str) -> float:
    fields = dict(field.partition("=")[::2] for field in read_small(path).partition("\n")[0].split()[1:])
    return percent(float(fields["avg60"]))


def _is_whole(path: str) -> bool:
    if read_small(f"{path}/array_state").strip() in _BROKEN:
        return False
    # Arrays without redundancy, such as RAID 0, have no such file: without a disk they are broken.
    return int(optional(lambda: read_small(f"{path}/degraded"), "0")) == 0


HOST_METRICS: list[Callable[[Host], Values]] = [
    load,
    swap,
    lambda host: iter(host.rates.items()),
    temperature,
    uptime,
    processes,
    restarts,
    lambda _: pressure(),
    file_systems,
    lambda host: inodes(host.devices.mount_points),
    lambda host: raid(host.devices.arrays),
]
DEVICE_METRICS: list[Callable[[Host], Values]] = [
    lambda host: iter(host.devices.temperatures),
    lambda host: iter(host.of_devices.items()),
]
"""In the order in which they take the API's 256 places: these come after what a person asked for (see `probe`)."""
