"""From the host to an encoded sample."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from .. import VERSION
from ..clock import Moment, now, stamp
from ..log import Log
from .devices import Devices, Rates
from .extra import DEVICE_METRICS, HOST_METRICS, Host, Values
from .facts import Facts
from .processes import TopProcesses, system_scan
from .sample import UnreadableError, encode, extra_metrics, optional, percent, read_small, required
from .sources import OFF, Sources, Wanted

NOTHING = Wanted(containers=OFF)
_LONGEST_SYSTEM = 100
DISK = "/"
"""The mount point of `disk_value`: a host stops when its root file system is full. Others are in `extra`."""


Stamped = Callable[[dict[str, Any], Moment], dict[str, Any]]


def _by_own_clock(body: dict[str, Any], moment: Moment) -> dict[str, Any]:
    return {**body, "recorded_at": stamp(moment.epoch_ns // 1_000_000)}


class Sampler:
    """Measures the host every *interval* seconds; leaves out what a container or a sandbox forbids.

    *ps*: psutil or an object with its interface. *metrics_dir*: where scripts leave metrics. *wanted*: what to ask of
    others. *stamped*: gives a sample its time. Call `prime` before the first sample: CPU and rates cover the time since
    the last call.
    """

    def __init__(
        self,
        interval: float,
        ps: Any,
        log: Log,
        *,
        metrics_dir: str | None = None,
        wanted: Wanted = NOTHING,
        stamped: Stamped = _by_own_clock,
    ) -> None:
        self._interval = int(interval) if interval == int(interval) else interval
        self._ps = ps
        self._log = log
        self._stamped = stamped
        self._problem = ""
        self._custom: Callable[[float], list[tuple[str, float]]] | None = None
        if metrics_dir:
            from .custom import CustomMetrics  # Loaded only if it is needed.

            self._custom = CustomMetrics(metrics_dir, log).read
        self._devices = Devices(ps)
        self._rates = Rates()
        cpus = optional(ps.cpu_count, None) or 1
        self._top = TopProcesses(system_scan(ps), cpus=cpus)
        self._sources = Sources(wanted, log, interval=interval, cpus=cpus)
        self._agent = {"version": VERSION, "os": optional(system_name, "")}
        self._facts = Facts(ps)
        self.unexpected: bool | None = None  # see `Host`

    def first(self, window: float) -> dict[str, Any]:
        """Return a sample over *window* seconds from now, not encoded. Raises UnreadableError."""
        self.prime(now())
        time.sleep(window)
        self._sources.wait()
        return self.sample(now())

    def take(self) -> bytes | None:
        """Return an encoded sample since the last one; if the host cannot be measured, log it once and return None."""
        try:
            record = encode(self.sample(now()))
        except UnreadableError as error:
            if self._problem != str(error):
                self._problem = str(error)
                self._log(f"{error}; no samples are taken until it can be read")
            return None
        self._problem = ""
        return record

    def prime(self, moment: Moment) -> None:
        """Read everything that is reported as a difference for the first time."""
        optional(self._ps.cpu_percent, None)
        self._gained(moment)
        optional(lambda: self._top.at(moment.awake, 0), None)
        self._sources.look(moment.awake)

    def sample(self, moment: Moment) -> dict[str, Any]:
        """Return the API's object without `ip_address`. Raises UnreadableError without CPU, memory or disk."""
        cpu = required("CPU", self._ps.cpu_percent)
        memory = required("memory", self._ps.virtual_memory)
        disk = required("disk", lambda: self._ps.disk_usage(DISK))
        rates = self._gained(moment)
        processes: list[dict[str, str | float]] = optional(lambda: self._top.at(moment.awake, memory.total), [])
        host = Host(self._ps, moment, self._devices, rates, self._rates.of_devices, self._top.count, self.unexpected)
        self._sources.look(moment.awake)
        body: dict[str, Any] = {
            "metrics": {
                "cpu_value": percent(cpu),
                "memory_value": percent(memory.percent),
                "disk_value": percent(disk.percent),
                "extra": extra_metrics(self._extra(host)),
            },
            "interval": self._interval,
            "agent": self._agent
            if moment.elapsed < self._facts.due
            else {**self._agent, **self._facts.news(moment.elapsed, self._devices.mount_points)},
        }
        if processes:
            body["processes"] = processes
        return self._stamped(body, moment)

    def _gained(self, moment: Moment) -> dict[str, float]:
        self._devices.refresh(moment.awake)
        return self._rates.observe(moment.awake, moment.elapsed, self._devices.counters())

    def _extra(self, host: Host) -> Iterator[tuple[str, float]]:
        """Yield metrics, the most valuable first: of more than 256, the last are left out."""
        awake = host.moment.awake
        yield from _read(HOST_METRICS, host)
        yield from self._sources.wished(awake)
        if self._custom is not None:
            yield from self._custom(host.moment.epoch_ns / 1e9)
        yield from _read(DEVICE_METRICS, host)
        yield from self._sources.containers(awake)


def _read(metrics: Sequence[Callable[[Host], Values]], host: Host) -> Values:
    for metric in metrics:
        yield from optional(partial(list, metric(host)), [])


def system_name(root: str = "/etc") -> str:
    """Return what this system calls itself, such as `Debian GNU/Linux 13 (trixie)`; else its kernel's name."""
    for line in optional(partial(read_small, f"{root}/os-release"), "").splitlines():
        name, _, value = line.partition("=")
        if name == "PRETTY_NAME":
            text = value.strip().strip("\"'")
            return "".join(char for char in text if char.isprintable())[:_LONGEST_SYSTEM]
    system = os.uname()
    return f"{system.sysname} {system.release}"[:_LONGEST_SYSTEM]
