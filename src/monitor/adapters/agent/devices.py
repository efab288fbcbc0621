"""Which of the system's devices are real, and what they counted.

Counting a bridge beside its port, or a volume beside its disk, would count the same bytes twice.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from .rates import Counters

_VIRTUAL_INTERFACES = (
    *("lo", "veth", "docker", "br-", "virbr", "cni", "cali", "flannel"),
    *("ifb", "dummy", "tun", "tap", "wg", "vnet", "utun"),
)
_ALWAYS_FULL = {"squashfs", "iso9660", "erofs", "udf"}


def real_interfaces(names: Iterable[str], root: str = "/sys/class/net") -> frozenset[str]:
    """Those of *names* that hardware stands behind; in a container, where none has any, all but the known virtual."""
    found = list(names)
    hardware = frozenset(name for name in found if os.path.exists(f"{root}/{name}/device"))
    return hardware or frozenset(name for name in found if not name.startswith(_VIRTUAL_INTERFACES))


def real_disks(names: Iterable[str], root: str = "/sys/block") -> frozenset[str]:
    """Those of *names* that are whole disks; all of them where the system does not tell (not Linux)."""
    found = list(names)
    if not os.path.isdir(root):
        return frozenset(found)
    return frozenset(name for name in found if os.path.exists(f"{root}/{name}/device"))


def file_systems(ps: Any) -> tuple[str, ...]:
    """Where real file systems are mounted: each device once, at its shortest path, but no images (always full)."""
    shortest: dict[str, str] = {}
    for partition in ps.disk_partitions(all=False):
        where = partition.mountpoint
        if partition.fstype in _ALWAYS_FULL or not os.path.isdir(where):
            continue
        known = shortest.get(partition.device)
        if known is None or len(where) < len(known):
            shortest[partition.device] = where
    return tuple(sorted(shortest.values()))


def network_counters(ps: Any, interfaces: frozenset[str]) -> Counters:
    """Bytes received and sent; psutil's own smoothing of wraps is off, since `Rates` treats them honestly."""
    cards = {name: io for name, io in ps.net_io_counters(pernic=True, nowrap=False).items() if name in interfaces}
    return {
        "net_rx": {name: io.bytes_recv for name, io in cards.items()},
        "net_tx": {name: io.bytes_sent for name, io in cards.items()},
    }


def disk_counters(ps: Any, disks: frozenset[str]) -> Counters:
    """Bytes read and written."""
    totals = {name: io for name, io in ps.disk_io_counters(perdisk=True, nowrap=False).items() if name in disks}
    return {
        "disk_read": {name: io.read_bytes for name, io in totals.items()},
        "disk_write": {name: io.write_bytes for name, io in totals.items()},
    }
