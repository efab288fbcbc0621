"""The host's real devices, and how fast their counters grow.

A bridge beside its port, or a volume beside its disk, would count the same bytes twice.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from .sample import instance_name, optional, read_small

Counters = Mapping[str, Mapping[str, float]]
"""Metric → device → total so far."""

CEILING = 1e12
"""Bytes per second that no host moves: a counter that seems to grow so fast has jumped."""

_REFRESH_SECONDS = 60.0
_SUSPEND_SECONDS = 1.0
_VIRTUAL_INTERFACES = (
    *("lo", "veth", "docker", "br-", "virbr", "cni", "cali", "flannel"),
    *("ifb", "dummy", "tun", "tap", "wg", "vnet", "utun"),
)
_ALWAYS_FULL = {"squashfs", "iso9660", "erofs", "udf"}
_NO_ARRAY = ("clear", "")
_COLDEST, _HOTTEST = -60.0, 200.0


class Devices:
    """The host's devices. They are looked up once a minute: they seldom change, and that costs more than a sample."""

    def __init__(self, ps: Any) -> None:
        self._ps = ps
        self._interfaces: frozenset[str] = frozenset()
        self._disks: frozenset[str] = frozenset()
        self._due = float("-inf")
        self.mount_points: tuple[str, ...] = ()
        self.arrays: tuple[str, ...] = ()
        self.temperatures: tuple[tuple[str, float], ...] = ()
        """By the name of each sensor's metric, in °C."""

    def refresh(self, awake: float) -> None:
        """Look them up again if the last time was a minute ago."""
        if awake < self._due:
            return
        self._due = awake + _REFRESH_SECONDS
        ps = self._ps
        self._interfaces = optional(lambda: real_interfaces(ps.net_io_counters(pernic=True, nowrap=False)), frozenset())
        self._disks = optional(lambda: real_disks(ps.disk_io_counters(perdisk=True, nowrap=False)), frozenset())
        self.mount_points = optional(lambda: file_systems(ps), ())
        self.arrays = optional(arrays, ())
        self.temperatures = optional(lambda: temperatures(ps.sensors_temperatures()), ())

    def counters(self) -> Counters:
        """Return the bytes so far of each interface and disk."""
        return {**optional(self._network, {}), **optional(self._disk, {})}

    def _network(self) -> Counters:
        # nowrap=False turns off psutil's own correction of counters that went back; `Rates` handles them.
        cards = self._ps.net_io_counters(pernic=True, nowrap=False)
        return {
            "net_rx": {name: cards[name].bytes_recv for name in cards if name in self._interfaces},
            "net_tx": {name: cards[name].bytes_sent for name in cards if name in self._interfaces},
        }

    def _disk(self) -> Counters:
        totals = self._ps.disk_io_counters(perdisk=True, nowrap=False)
        return {
            "disk_read": {name: totals[name].read_bytes for name in totals if name in self._disks},
            "disk_write": {name: totals[name].write_bytes for name in totals if name in self._disks},
        }


def real_interfaces(names: Iterable[str], root: str = "/sys/class/net") -> frozenset[str]:
    """Return the *names* with hardware behind them; if there are none (a container), all but the known virtual ones."""
    found = list(names)
    hardware = frozenset(name for name in found if os.path.exists(f"{root}/{name}/device"))
    return hardware or frozenset(name for name in found if not name.startswith(_VIRTUAL_INTERFACES))


def real_disks(names: Iterable[str], root: str = "/sys/block") -> frozenset[str]:
    """Return the *names* that are whole disks; all names on systems other than Linux."""
    found = list(names)
    if not os.path.isdir(root):
        return frozenset(found)
    return frozenset(name for name in found if os.path.exists(f"{root}/{name}/device"))


def file_systems(ps: Any) -> tuple[str, ...]:
    """Return the mount points of real file systems: for each device the shortest one. Images are always full: none."""
    shortest: dict[str, str] = {}
    for partition in sorted(ps.disk_partitions(all=False), key=lambda found: len(found.mountpoint)):
        if partition.fstype not in _ALWAYS_FULL and os.path.isdir(partition.mountpoint):
            shortest.setdefault(partition.device, partition.mountpoint)
    return tuple(sorted(shortest.values()))


def arrays(sys: str = "/sys") -> tuple[str, ...]:
    """Return the names of the software RAID arrays (md)."""
    blocks = f"{sys}/block"
    return tuple(name for name in sorted(os.listdir(blocks)) if name[:2] == "md" and _is_array(f"{blocks}/{name}/md"))


def _is_array(path: str) -> bool:
    return optional(lambda: read_small(f"{path}/array_state").strip(), "") not in _NO_ARRAY


def temperatures(sensors: Mapping[str, Iterable[Any]]) -> tuple[tuple[str, float], ...]:
    """Return a name and the °C of each sensor with a plausible value: broken ones report values like -273 or 255.

    A sensor is called by its chip and its label, such as `temp:coretemp/core_0`. Others of the same name get a number.
    """
    found: dict[str, float] = {}
    for chip, many in sensors.items():
        for sensor in many:
            if sensor.current is None or not _COLDEST < sensor.current < _HOTTEST:
                continue
            label = getattr(sensor, "label", "")
            name = instance_name("temp", f"{chip}/{label}" if label else chip)
            number = 1
            while name in found:
                number += 1
                name = instance_name("temp", f"{chip}/{label or ''}{number}")
            found[name] = sensor.current
    return tuple(found.items())


class Rates:
    """What counters gained per second since the last call.

    There is no value where the gain is unknown: at the first call, after a suspend, when a device was added or removed,
    and when a counter went back (reset, wrap, reboot).
    """

    def __init__(self) -> None:
        self._counters: Counters = {}
        self._awake = 0.0
        self._elapsed = 0.0
        self.of_devices: dict[str, float] = {}
        """At the last call, by metric and device (`net_rx:eth0`)."""

    def observe(self, awake: float, elapsed: float, counters: Counters) -> dict[str, float]:
        """Return units per second of all devices, by metric. *awake*, *elapsed*: seconds without and with suspends."""
        span = awake - self._awake
        suspended = (elapsed - self._elapsed) - span > _SUSPEND_SECONDS
        before, self._counters = self._counters, counters
        self._awake, self._elapsed = awake, elapsed
        self.of_devices = {}
        if span <= 0 or suspended:
            return {}
        rates = {}
        for metric, devices in counters.items():
            earlier = before.get(metric, {})
            gained = {name: devices[name] - earlier[name] for name in devices if name in earlier}
            for name, gain in gained.items():
                if 0 <= gain <= CEILING * span:
                    self.of_devices[f"{metric}:{name}"] = round(gain / span, 1)
            if devices and earlier.keys() == devices.keys() and min(gained.values()) >= 0:
                total = sum(gained.values()) / span
                if total <= CEILING:
                    rates[metric] = round(total, 1)
        return rates
