"""node-exporter's series as our metrics, equal to what the agent measures on the same host.

A *reading* is the value of one series at one time; its name is that of the metric and of the labels in READ. Rates
come from the readings of one scrape and of the one before it.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

SEPARATOR = "\x1f"
Readings = Mapping[str, float | None]
"""None: the series has ended ("stale")."""
Family = Mapping[tuple[str, ...], float]
"""The readings of one metric, by the values of its labels in READ."""
Gains = dict[tuple[str, ...], tuple[float, float]]
"""By labels, the values of a counter then and now."""
Before = Callable[[str], Iterator[tuple[float, Family]]]
"""Yield the seconds since each earlier scrape that has a metric, and its readings then; the newest first."""

_CPU = "node_cpu_seconds_total"
_PRESSURE = {each: f"node_pressure_{each}_waiting_seconds_total" for each in ("cpu", "memory", "io")}
_BYTES = {
    "net_rx": "node_network_receive_bytes_total",
    "net_tx": "node_network_transmit_bytes_total",
    "disk_read": "node_disk_read_bytes_total",
    "disk_write": "node_disk_written_bytes_total",
}
_FILE_SYSTEM = ("mountpoint", "device", "fstype")
READ: Mapping[str, tuple[str, ...]] = {
    _CPU: ("cpu", "mode"),
    **dict.fromkeys(
        (
            *(f"node_memory_{part}_bytes" for part in ("MemTotal", "MemAvailable", "MemFree", "Buffers", "Cached")),
            *("node_memory_SwapTotal_bytes", "node_memory_SwapFree_bytes"),
            *("node_load1", "node_load5", "node_load15", "node_boot_time_seconds", "node_processes_pids"),
            *_PRESSURE.values(),
        ),
        (),
    ),
    **dict.fromkeys((f"node_filesystem_{part}" for part in ("size_bytes", "free_bytes", "avail_bytes")), _FILE_SYSTEM),
    **dict.fromkeys(("node_filesystem_files", "node_filesystem_files_free"), _FILE_SYSTEM),
    **dict.fromkeys(_BYTES.values(), ("device",)),
    "node_hwmon_temp_celsius": ("chip", "sensor"),
    "node_thermal_zone_temp": ("type", "zone"),
    "node_md_disks_required": ("device",),
    "node_md_disks": ("device", "state"),
    "node_systemd_units": ("state",),
}
"""The metrics that are read, with the labels that tell their series apart."""

CEILING = 1e12
"""Bytes per second that no host moves: a counter that seems to grow so fast has jumped."""
_COLDEST, _HOTTEST = -60.0, 200.0
_VIRTUAL_INTERFACES = (
    *("lo", "veth", "docker", "br", "virbr", "vmbr", "cni", "cali", "flannel", "bond", "team", "vlan"),
    *("ifb", "dummy", "tun", "tap", "wg", "vnet", "utun"),
)
_PART_OF_A_DISK = re.compile(
    r"(dm-|md|loop|z?ram|sr|fd|nbd|drbd)\d.*|(h|s|v|xv)d[a-z]+\d+|(nvme\d+n\d+|mmcblk\d+)(p|boot|rpmb).*"
)
_NOT_ON_A_DISK = re.compile(
    r"(tmpfs|ramfs|devtmpfs|overlay|aufs|rootfs|autofs|nfs4?|cifs|smb3|9p|virtiofs|ceph|glusterfs|fuse.*"
    r"|squashfs|iso9660|erofs|udf)"
)


class Values(NamedTuple):
    """What one scrape says of a host. *cpu*, *memory*, *disk*: percent, two decimals; None if not known (yet)."""

    cpu: float | None
    memory: float | None
    disk: float | None
    extra: Mapping[str, float]


def is_of_a_host(reading: str) -> bool:
    """False for readings that are kept under their own names."""
    return reading.startswith("node_")


def families(readings: Readings) -> Mapping[str, Family]:
    """Return the readings of node-exporter by metric."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for reading, value in readings.items():
        if value is not None and (parts := _parted(reading)) is not None:
            metric, labels = parts
            if metric in found:
                found[metric][labels] = value
            else:
                found[metric] = {labels: value}
    return found


@lru_cache(maxsize=4096)  # most hosts have the same
def _parted(reading: str) -> tuple[str, tuple[str, ...]] | None:
    metric, *labels = reading.split(SEPARATOR)
    return (metric, tuple(labels)) if is_of_a_host(metric) else None


def values(at: float, now: Mapping[str, Family], before: Before) -> Values:
    """Return the values of a scrape *at* a time (seconds since 1970) with the readings *now*."""
    found = _Found(at, now, before)
    extra: dict[str, float] = {}
    for part in _EXTRA:
        for name, value in part(found):
            if math.isfinite(value):
                extra.setdefault(name, round(value, 3))
    return Values(_cpu(found), _memory(found), found.disk("/"), extra)


class _Found:
    """The readings of a scrape, and what they gained since the one before."""

    def __init__(self, at: float, now: Mapping[str, Family], before: Before) -> None:
        self.at = at
        self._now = now
        self._before = before

    def one(self, metric: str) -> float | None:
        return self.each(metric).get(())

    def each(self, metric: str) -> Family:
        return self._now.get(metric, {})

    def gains(self, metric: str) -> Iterator[tuple[float, Gains]]:
        """Yield the seconds since each earlier scrape, and of the series that both have, the values then and now."""
        now = self.each(metric)
        for seconds, then in self._before(metric) if now else ():
            yield seconds, {labels: (then[labels], value) for labels, value in now.items() if labels in then}

    def gained(self, metric: str) -> tuple[float, Gains]:
        """Return the same of the newest; nothing if there is none."""
        return next(self.gains(metric), (1.0, {}))

    def disk(self, mount_point: str) -> float | None:
        """Return how full the file system is, of what ordinary users may fill."""
        sizes = self.each("node_filesystem_size_bytes")
        for labels in sorted(sizes):
            free = self.each("node_filesystem_free_bytes").get(labels)
            available = self.each("node_filesystem_avail_bytes").get(labels)
            if labels[0] == mount_point and free is not None and available is not None:
                used = sizes[labels] - free
                return _share(used, used + available)
        return None

    def file_systems(self) -> Iterator[tuple[str, ...]]:
        """Yield the labels of those on disks: for each device the shortest mount point."""
        devices = set()
        for labels in sorted(self.each("node_filesystem_size_bytes"), key=lambda found: (len(found[0]), found)):
            _, device, kind = labels
            if device not in devices and not _NOT_ON_A_DISK.fullmatch(kind):
                devices.add(device)
                yield labels


def _cpu(found: _Found) -> float | None:
    """Return the share of time that was neither idle nor waiting for disks, as the agent.

    Since the newest scrape that has all of at least one core, without cores that either scrape lacks a part of. None
    after a restart of the host: its counters began anew.
    """
    now = found.each(_CPU)
    for _, gains in found.gains(_CPU):
        cores = {core for core, _ in gains if (core, "idle") in gains} - {core for core, _ in now.keys() - gains.keys()}
        if cores:
            return _busy({labels: pair for labels, pair in gains.items() if labels[0] in cores})
    return None


def _busy(gains: Gains) -> float | None:
    for core in {core for core, _ in gains}:
        then, now = zip(*(pair for labels, pair in gains.items() if labels[0] == core), strict=True)
        if sum(now) < sum(then):
            return None
    # Of a single mode the counter can go back a little; proc(5) says so of iowait.
    spent = {labels: max(0.0, now - then) for labels, (then, now) in gains.items()}
    total = sum(spent.values())
    idle = sum(seconds for (_, mode), seconds in spent.items() if mode in ("idle", "iowait"))
    return _share(total - idle, total) if total > 0 else None


def _memory(found: _Found) -> float | None:
    total, free = found.one("node_memory_MemTotal_bytes"), found.one("node_memory_MemFree_bytes")
    available = found.one("node_memory_MemAvailable_bytes")
    if total is None:
        return None
    if available is None and free is not None:  # kernels before 3.14
        buffers, cached = found.one("node_memory_Buffers_bytes"), found.one("node_memory_Cached_bytes")
        available = free + (buffers or 0.0) + (cached or 0.0)
    if available is not None and available > total:
        available = free  # The total is the container's, MemAvailable its host's.
    return None if available is None else _share(total - available, total)


def _load(found: _Found) -> Iterator[tuple[str, float]]:
    for name in ("load1", "load5", "load15"):
        if (value := found.one(f"node_{name}")) is not None:
            yield name, value


def _swap(found: _Found) -> Iterator[tuple[str, float]]:
    total, free = found.one("node_memory_SwapTotal_bytes"), found.one("node_memory_SwapFree_bytes")
    if total is not None and free is not None:
        yield "swap", _share(total - free, total)


def _rates(found: _Found) -> Iterator[tuple[str, float]]:
    each: list[tuple[str, float]] = []
    for name, metric in _BYTES.items():
        seconds, gains = found.gained(metric)
        real = {device for [device] in found.each(metric) if _is_real(name, device)}
        rates = {
            device: (now - then) / seconds for [device], (then, now) in gains.items() if device in real and now >= then
        }
        if real and rates.keys() == real and sum(rates.values()) <= CEILING:
            yield name, sum(rates.values())
        each += [(f"{name}:{device}", rate) for device, rate in sorted(rates.items()) if rate <= CEILING]
    yield from each


def _is_real(name: str, device: str) -> bool:
    """Tell devices from what is made of them, which would count the same bytes twice."""
    if name.startswith("net"):
        return not device.startswith(_VIRTUAL_INTERFACES) and "." not in device
    return not _PART_OF_A_DISK.fullmatch(device)


def _temperatures(found: _Found) -> Iterator[tuple[str, float]]:
    sensors = found.each("node_hwmon_temp_celsius") or found.each("node_thermal_zone_temp")
    degrees = {labels: value for labels, value in sensors.items() if _COLDEST < value < _HOTTEST}
    if degrees:
        yield "temperature", max(degrees.values())
    for labels, value in sorted(degrees.items()):
        yield f"temp:{'/'.join(labels)}", value


def _uptime(found: _Found) -> Iterator[tuple[str, float]]:
    if (boot := found.one("node_boot_time_seconds")) is not None:
        yield "uptime", max(0.0, found.at - boot)


def _processes(found: _Found) -> Iterator[tuple[str, float]]:
    if (count := found.one("node_processes_pids")) is not None:
        yield "processes", count


def _file_systems(found: _Found) -> Iterator[tuple[str, float]]:
    for labels in sorted(found.file_systems()):
        if (used := found.disk(labels[0])) is not None:
            yield f"disk:{labels[0]}", used
    for labels in sorted(found.file_systems()):
        files = found.each("node_filesystem_files").get(labels)
        free = found.each("node_filesystem_files_free").get(labels)
        if files and free is not None:  # some have no fixed number of inodes: 0
            yield f"inodes:{labels[0]}", _share(files - free, files)


def _pressure(found: _Found) -> Iterator[tuple[str, float]]:
    """The share of time in which something waited, since the scrape before."""
    for name, metric in _PRESSURE.items():
        seconds, gains = found.gained(metric)
        for then, now in gains.values():
            if now >= then:
                yield f"pressure_{name}", _share(now - then, seconds)


def _raid(found: _Found) -> Iterator[tuple[str, float]]:
    for [device], required in sorted(found.each("node_md_disks_required").items()):
        if (active := found.each("node_md_disks").get((device, "active"))) is not None:
            yield f"raid:{device}", float(active >= required)


def _units(found: _Found) -> Iterator[tuple[str, float]]:
    if (failed := found.each("node_systemd_units").get(("failed",))) is not None:
        yield "units_failed", failed


_EXTRA = (_load, _swap, _rates, _temperatures, _uptime, _processes, _pressure, _units, _file_systems, _raid)
"""In the order in which they take the places of a sample, as in the agent."""


def _share(part: float, whole: float) -> float:
    """Return percent, with two decimals and within bounds."""
    return round(min(100.0, max(0.0, 100 * part / whole)), 2) if whole > 0 else 0.0
