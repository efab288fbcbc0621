"""What Linux says of itself beside the counters: pressure, RAID arrays, inodes and temperature sensors.

Each function returns nothing, or raises, where the kernel or a container lacks its files.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from .sample import instance_name, optional, percent

_RESOURCES = ("cpu", "memory", "io")
_COLDEST, _HOTTEST = -60.0, 200.0
_NO_ARRAY = ("clear", "")
_BROKEN = ("inactive", "broken")

Values = Iterator["tuple[str, float]"]


def pressure(proc: str = "/proc") -> Values:
    """Share of the last minute in which some task waited for CPU, memory or a disk, in percent.

    See the kernel's Documentation/accounting/psi.rst.
    """
    for resource in _RESOURCES:
        share = optional(partial(_some_of_a_minute, f"{proc}/pressure/{resource}"), None)
        if share is not None:
            yield f"pressure_{resource}", share


def arrays(sys: str = "/sys") -> tuple[str, ...]:
    """Return the names of the software RAID arrays (md)."""
    blocks = f"{sys}/block"
    return tuple(name for name in sorted(os.listdir(blocks)) if name[:2] == "md" and _is_array(f"{blocks}/{name}/md"))


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


def _some_of_a_minute(path: str) -> float:
    fields = dict(field.partition("=")[::2] for field in _text(path).partition("\n")[0].split()[1:])
    return percent(float(fields["avg60"]))


def _is_array(path: str) -> bool:
    return optional(lambda: _text(f"{path}/array_state").strip(), "") not in _NO_ARRAY


def _is_whole(path: str) -> bool:
    if _text(f"{path}/array_state").strip() in _BROKEN:
        return False
    # Arrays without redundancy, such as RAID 0, have no such file: without a disk they are broken.
    return int(optional(lambda: _text(f"{path}/degraded"), "0")) == 0


def _text(path: str) -> str:
    file = os.open(path, os.O_RDONLY)
    try:
        return os.fsdecode(os.read(file, 4096))
    finally:
        os.close(file)
