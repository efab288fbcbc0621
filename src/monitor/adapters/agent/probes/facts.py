"""What this host is: kernel, processors, sizes. Read once an hour, sent if it changed, and once a day."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

from ..log import one_line
from .sample import optional, read_small

LOOK, SAY = 3600.0, 86_400.0
"""Seconds between two readings, and until the same is sent again: the server may have lost it."""


class Facts:
    """*due*: when to ask for `news`, in seconds since boot."""

    def __init__(self, ps: Any) -> None:
        self._ps = ps
        self._said: dict[str, Any] = {}
        self._said_at = self.due = float("-inf")

    def news(self, now: float, mount_points: tuple[str, ...]) -> dict[str, Any]:
        """Return `{"facts": …}`, or nothing if the same was sent within a day."""
        self.due = now + LOOK
        found = read(self._ps, mount_points)
        if found == self._said and now < self._said_at + SAY:
            return {}
        self._said, self._said_at = found, now
        return {"facts": found}


def read(ps: Any, mount_points: tuple[str, ...], cpuinfo: str = "/proc/cpuinfo") -> dict[str, Any]:
    """Return what can be read, else "" and 0; sizes in bytes."""
    disks = {path: optional(partial(ps.disk_usage, path), None) for path in mount_points[:32]}
    return {
        "kernel": os.uname().release,
        "architecture": os.uname().machine,
        "cpu": optional(partial(_model, cpuinfo), ""),
        "cores": optional(lambda: ps.cpu_count(), None) or 0,
        "memory": optional(lambda: ps.virtual_memory().total, 0),
        "swap": optional(lambda: ps.swap_memory().total, 0),
        "disks": {one_line(path): size for path, usage in disks.items() if (size := getattr(usage, "total", 0))},
    }


def _model(path: str) -> str:
    """Return the name of the processor; on ARM, where there is none, that of the board."""
    lines = [line.partition(":") for line in read_small(path).splitlines()]
    named = {name.strip(): value.strip() for name, _, value in lines}
    return one_line(named.get("model name") or named.get("Model") or named.get("Hardware") or "")
