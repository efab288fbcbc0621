"""The busiest processes of the host."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from .sample import percent

TOP = 5
_EVERY = 60.0
_AT_MOST_EVERY = 300.0
_FIRST_WINDOW = 10.0
_SHARE = 5e-5
_LONGEST_NAME = 64


class Usage(NamedTuple):
    """What one process uses: *cpu* in seconds since it *started*, resident *memory* in bytes."""

    name: str
    started: float
    cpu: float
    memory: float


Scan = Callable[[], "dict[int, Usage]"]


class TopProcesses:
    """The top five by CPU since the last scan, then by memory.

    A scan costs more than the rest of the agent. So there is one a minute, or one in up to five minutes on hosts where
    that would take more than 0.005 % of a core. Samples in between repeat the last result. The first result covers a
    short time and is replaced after ten seconds.
    """

    def __init__(self, scan: Scan, *, cpus: int, cost: Callable[[], float] = time.process_time) -> None:
        self._scan = scan
        self._cpus = max(1, cpus)
        self._cost = cost
        self._last: dict[int, Usage] | None = None
        self._at = 0.0
        self._due = 0.0
        self._top: list[dict[str, str | float]] = []

    @property
    def count(self) -> int | None:
        """The number of processes at the last scan; None before the first."""
        return None if self._last is None else len(self._last)

    def at(self, awake: float, memory_total: float) -> list[dict[str, str | float]]:
        """Return the top processes: `cpu` in percent of all cores together (like `cpu_value`), `memory` in percent."""
        if self._last is not None and awake < self._due:
            return self._top
        began = self._cost()
        before, self._last = self._last, self._scan()
        span, self._at = awake - self._at, awake
        if before is not None and span > 0:
            self._top = _busiest(before, self._last, span * self._cpus, memory_total)
        pause = min(_AT_MOST_EVERY, max(_EVERY, (self._cost() - began) / _SHARE))
        self._due = awake + (0 if before is None else pause if span >= _FIRST_WINDOW else _FIRST_WINDOW)
        return self._top


def _busiest(
    before: dict[int, Usage], after: dict[int, Usage], cpu_seconds: float, memory_total: float
) -> list[dict[str, str | float]]:
    used = []
    for pid, usage in after.items():
        earlier = before.get(pid)
        known = earlier is not None and earlier.started == usage.started
        used.append((usage.cpu - (earlier.cpu if known and earlier else 0.0), usage.memory, usage.name))
    used.sort(reverse=True)
    return [
        {
            "name": name,
            "cpu": percent(100 * cpu / cpu_seconds),
            "memory": percent(100 * memory / memory_total if memory_total else 0),
        }
        for cpu, memory, name in used[:TOP]
    ]


def system_scan(ps: Any, root: str = "/proc") -> Scan:
    """Return a function that reads all processes: from /proc if there is one, else through psutil."""
    if not os.path.exists(f"{root}/self/stat"):
        return lambda: _scan_psutil(ps)
    ticks, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    return lambda: scan_proc(root, ticks, page)


def scan_proc(root: str, ticks: float, page: float) -> dict[int, Usage]:
    """Return all processes under *root*. One read for each takes a tenth of psutil's time."""
    found = {}
    for entry in os.listdir(root):
        if entry.isdigit():
            try:
                handle = os.open(f"{root}/{entry}/stat", os.O_RDONLY)
            except OSError:
                continue  # It has ended, or this user may not read it.
            try:
                found[int(entry)] = parse_stat(os.read(handle, 4096), ticks, page)
            except (OSError, ValueError, IndexError):
                continue
            finally:
                os.close(handle)
    return found


def parse_stat(line: bytes, ticks: float, page: float) -> Usage:
    """Parse a /proc/<pid>/stat as proc(5) describes it. The name may contain spaces and brackets."""
    head, _, tail = line.rpartition(b")")
    fields = tail.split(None, 22)  # the others are not used
    cpu = (int(fields[11]) + int(fields[12])) / ticks
    return Usage(
        _name(head.partition(b"(")[2].decode("utf-8", "replace")), int(fields[19]), cpu, int(fields[21]) * page
    )


def _scan_psutil(ps: Any) -> dict[int, Usage]:
    found = {}
    for process in ps.process_iter(["name", "create_time", "cpu_times", "memory_info"]):
        info = process.info
        if info["cpu_times"] and info["memory_info"]:
            cpu = info["cpu_times"].user + info["cpu_times"].system
            found[process.pid] = Usage(_name(info["name"] or ""), info["create_time"], cpu, info["memory_info"].rss)
    return found


def _name(text: str) -> str:
    return "".join(char for char in text if char.isprintable())[:_LONGEST_NAME] or "?"
