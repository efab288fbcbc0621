"""One measurement of this host."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .devices import Devices, Rates
from .extra import METRICS, Host
from .processes import TopProcesses, system_scan
from .reading import Moment, optional, required
from .sample import Readings, extra_metrics, percent

if TYPE_CHECKING:
    from .custom import CustomMetrics

DISK = "/"
"""The mount point of `disk_value`: a host stops when its root file system is full. Others are in `extra`."""


class Probe:
    """Measures the host through *ps*, which is psutil or has its interface.

    CPU and rates cover the time since the last call, so call `prime` before the first `sample`. Values that a container
    or a sandbox forbids, or that the system does not have, are left out.
    """

    def __init__(self, ps: Any, *, custom: CustomMetrics | None = None) -> None:
        self._ps = ps
        self._custom = custom
        self._devices = Devices(ps)
        self._rates = Rates()
        self._top = TopProcesses(system_scan(ps), cpus=optional(ps.cpu_count, None) or 1)

    def prime(self, moment: Moment) -> None:
        """Read everything that is reported as a difference for the first time."""
        optional(self._ps.cpu_percent, None)
        self._gained(moment)
        optional(lambda: self._top.at(moment.awake, 0), None)

    def sample(self, moment: Moment) -> Readings:
        """Measure now. Raises UnreadableError if CPU, memory or disk cannot be read."""
        cpu = required("CPU", self._ps.cpu_percent)
        memory = required("memory", self._ps.virtual_memory)
        disk = required("disk", lambda: self._ps.disk_usage(DISK))
        rates = self._gained(moment)
        processes: list[dict[str, str | float]] = optional(lambda: self._top.at(moment.awake, memory.total), [])
        host = Host(self._ps, moment, self._devices, rates, self._top.count)
        return Readings(
            percent(cpu),
            percent(memory.percent),
            percent(disk.percent),
            extra_metrics(self._extra(host)),
            processes,
        )

    def _gained(self, moment: Moment) -> dict[str, float]:
        self._devices.refresh(moment.awake)
        return self._rates.observe(moment.awake, moment.elapsed, self._devices.counters())

    def _extra(self, host: Host) -> Iterator[tuple[str, float]]:
        for metric in METRICS:
            yield from optional(lambda metric=metric: list(metric(host)), [])  # type: ignore[misc] # mypy cannot infer it.
        if self._custom is not None:
            yield from self._custom.read(host.moment.epoch_ns / 1e9)
