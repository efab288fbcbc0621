"""The event loop and the thread that stores samples share a core, one that devices interrupt little.

Python runs one thread at a time, and these two work on the same objects: on two cores, each turn of one wakes another
core and moves memory to it. Decision 81 has the figures.
"""

import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Collection, Iterable
from contextlib import suppress
from itertools import takewhile
from pathlib import Path

from monitor.application.intake.queue import IntakeQueue

PAUSE = 30.0
"""Seconds between two calls of `share_core`."""
_MOMENT = 0.02
"""Seconds in which the system takes a thread from a busy core to an idle one."""
_INTERRUPTS = Path("/proc/interrupts")
_MOST_READ = 2**18
"""Characters of that file: some ten thousand numbers."""


def share_core(queue: IntakeQueue) -> None:
    """Keep the main thread and the one that stores on the core on which the system runs the first.

    Before, they may use all calm cores for a moment, so that they leave one that others need; all other threads may use
    all cores, also those that one of the two has started on its core. Does nothing where the system does not allow it,
    or Python runs threads at once.
    """
    storing, is_gil_enabled = queue.thread_id, getattr(sys, "_is_gil_enabled", lambda: True)
    if storing is None or not hasattr(os, "sched_setaffinity") or not is_gil_enabled():
        return
    with suppress(OSError):
        loop, cores = threading.main_thread().native_id or storing, os.sched_getaffinity(0)
        _keep([thread.native_id or loop for thread in threading.enumerate()], cores)
        if len(cores) > 1:
            _keep([loop, storing], calm(cores, _read_interrupts()))
            time.sleep(_MOMENT)
            _keep([loop, storing], [_core_of(loop)])


def calm(cores: Collection[int], interrupts: str) -> Collection[int]:
    """Return the *cores* that serve less than half as many interrupts of devices as the one that serves most; all if
    none does. Virtual machines often serve a disk or a network card on one core. *interrupts*: see proc_interrupts(5);
    in containers it is often empty."""
    head, *rows = interrupts.splitlines() or [""]
    names, served = [int(name) for name in head.replace("CPU", "").split() if name.isdecimal()], Counter[int]()
    for number, *counts in filter(None, map(str.split, rows)):
        is_timer = counts[-1:] and counts[-1].endswith("timer")
        if number.rstrip(":").isdecimal() and not is_timer:  # others are timers too, and messages between cores
            served.update(dict(zip(names, map(int, takewhile(str.isdecimal, counts)), strict=False)))
    most = max(served[core] for core in cores)
    return {core for core in cores if 2 * served[core] < most} or cores


def _read_interrupts() -> str:
    """Return "" where they cannot be read."""
    with suppress(OSError), _INTERRUPTS.open() as file:
        return file.read(_MOST_READ)
    return ""


def _keep(threads: Iterable[int], cores: Collection[int]) -> None:
    """Let *threads* use these cores alone. One that has them already is left alone: Linux gives a thread no more cores
    than it was last set to, also where its container gets more."""
    for thread in threads:
        with suppress(OSError):  # it has ended, or the system forbids it
            if os.sched_getaffinity(thread) != {*cores}:
                os.sched_setaffinity(thread, cores)


def _core_of(thread: int) -> int:
    """Raises OSError. The fields of proc_pid_stat(5), after a name that may hold anything, begin with the third."""
    return int(Path(f"/proc/self/task/{thread}/stat").read_text().rpartition(")")[2].split()[39 - 3])
