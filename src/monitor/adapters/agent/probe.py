"""Measuring this host."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from .clock import Moment
from .devices import disk_counters, file_systems, network_counters, real_disks, real_interfaces
from .processes import TopProcesses, system_scan
from .rates import Counters, Rates
from .values import extra_metrics, percent

if TYPE_CHECKING:
    from .custom import CustomMetrics

DISK = "/"
"""Whose use is the seed's `disk_value`: the root file system, the one that stops a host when it is full. The others
are in `extra`, as `disk:<mountpoint>`."""

_SLOW = 60.0
_COLDEST, _HOTTEST = -60.0, 200.0

T = TypeVar("T")


class UnreadableError(Exception):
    """One of the three readings that a sample cannot do without failed; says which and why."""


class Readings(NamedTuple):
    """One measurement. *cpu*, *memory* and *disk* in percent; *extra* by names that the API takes."""

    cpu: float
    memory: float
    disk: float
    extra: dict[str, float]
    processes: list[dict[str, str | float]]


class _Layout(NamedTuple):
    interfaces: frozenset[str]
    disks: frozenset[str]
    mountpoints: tuple[str, ...]
    temperature: float | None


class Probe:
    """Reads the host through *ps*, psutil or what speaks like it.

    CPU and the rates cover the span since the last call, so `prime` comes first and the first sample a moment later.
    What a container or a sandbox forbids, or the system does not have, is left out. Which devices there are, and the
    temperature, are looked up once a minute: they cost more than all the rest, and seldom change.
    """

    def __init__(self, ps: Any, *, custom: CustomMetrics | None = None) -> None:
        self._ps = ps
        self._custom = custom
        self._rates = Rates()
        self._top = TopProcesses(system_scan(ps), cpus=_optional(ps.cpu_count, None) or 1)
        self._layout = _Layout(frozenset(), frozenset(), (), None)
        self._layout_due = float("-inf")

    def prime(self, moment: Moment) -> None:
        """Take the first look at everything that is told as a difference."""
        _optional(self._ps.cpu_percent, None)
        self._look_around(moment)
        self._rates.observe(moment.awake, moment.elapsed, self._counters())
        _optional(lambda: self._top.at(moment.awake, 0), None)

    def sample(self, moment: Moment) -> Readings:
        """Measure now. Raises UnreadableError."""
        cpu = _required("CPU", self._ps.cpu_percent)
        memory = _required("memory", self._ps.virtual_memory)
        disk = _required("disk", lambda: self._ps.disk_usage(DISK))
        self._look_around(moment)
        rates = self._rates.observe(moment.awake, moment.elapsed, self._counters())
        processes: list[dict[str, str | float]] = _optional(lambda: self._top.at(moment.awake, memory.total), [])
        return Readings(
            percent(cpu),
            percent(memory.percent),
            percent(disk.percent),
            extra_metrics(self._extra(moment, rates)),
            processes,
        )

    def _extra(self, moment: Moment, rates: dict[str, float]) -> Iterator[tuple[str, float]]:
        loads: Sequence[float] = _optional(lambda: os.getloadavg(), ())
        yield from zip(("load1", "load5", "load15"), loads)  # noqa: B905 (Python 3.9 has no strict)
        swap = _optional(self._ps.swap_memory, None)
        if swap is not None:
            yield "swap", percent(swap.percent)
        yield from rates.items()
        if self._layout.temperature is not None:
            yield "temperature", self._layout.temperature
        uptime = moment.elapsed if hasattr(time, "CLOCK_BOOTTIME") else _optional(self._since_boot, None)
        if uptime is not None:
            yield "uptime", uptime
        if self._top.count is not None:
            yield "processes", self._top.count
        for mountpoint in self._layout.mountpoints:
            usage = _optional(partial(self._ps.disk_usage, mountpoint), None)
            if usage is not None:
                yield f"disk:{mountpoint}", percent(usage.percent)
        if self._custom is not None:
            yield from self._custom.read(moment.epoch_ns / 1e9)

    def _since_boot(self) -> float:
        return float(time.time() - self._ps.boot_time())

    def _counters(self) -> Counters:
        return {
            **_optional(lambda: network_counters(self._ps, self._layout.interfaces), {}),
            **_optional(lambda: disk_counters(self._ps, self._layout.disks), {}),
        }

    def _look_around(self, moment: Moment) -> None:
        if moment.awake < self._layout_due:
            return
        self._layout_due = moment.awake + _SLOW
        ps = self._ps
        self._layout = _Layout(
            _optional(lambda: real_interfaces(ps.net_io_counters(pernic=True, nowrap=False)), frozenset()),
            _optional(lambda: real_disks(ps.disk_io_counters(perdisk=True, nowrap=False)), frozenset()),
            _optional(lambda: file_systems(ps), ()),
            _optional(lambda: hottest(ps.sensors_temperatures()), None),
        )


def hottest(sensors: dict[str, Any]) -> float | None:
    """The highest plausible temperature in °C: broken sensors say things like -273 or 255."""
    degrees = [sensor.current for chip in sensors.values() for sensor in chip]
    return max((value for value in degrees if value is not None and _COLDEST < value < _HOTTEST), default=None)


def _optional(read: Callable[[], T], otherwise: T) -> T:
    try:
        return read()
    except Exception:  # Let through is whatever the system did: errno, a missing file, a line it cannot parse.
        return otherwise


def _required(what: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except Exception as error:
        raise UnreadableError(f"{what} cannot be read: {type(error).__name__}: {error}") from error
