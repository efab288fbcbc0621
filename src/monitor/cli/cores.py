"""The event loop and the thread that stores samples share a core.

Python runs one thread at a time, and these two work on the same objects: on two cores, each turn of one wakes another
core and moves memory to it. Decision 81 has the figures.
"""

import os
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from monitor.application.intake.queue import IntakeQueue

PAUSE = 30.0
"""Seconds between two calls of `share_core`."""
_MOMENT = 0.02
"""Seconds in which the system takes a thread from a busy core to an idle one."""


def share_core(queue: IntakeQueue) -> None:
    """Keep the main thread and the one that stores on the core on which the system runs the first.

    Before, all threads may use all cores for a moment: so the two leave a core that others need, and threads that one
    of them has started leave theirs. Does nothing where the system does not allow it, or Python runs threads at once.
    """
    storing, is_gil_enabled = queue.thread_id, getattr(sys, "_is_gil_enabled", lambda: True)
    if storing is None or not hasattr(os, "sched_setaffinity") or not is_gil_enabled():
        return
    loop, cores = threading.main_thread().native_id or storing, os.sched_getaffinity(0)
    _keep([thread.native_id or loop for thread in threading.enumerate()], cores)
    if len(cores) > 1:
        time.sleep(_MOMENT)
        with suppress(OSError):
            _keep([loop, storing], [_core_of(loop)])


def _keep(threads: Iterable[int], cores: Iterable[int]) -> None:
    for thread in threads:
        with suppress(OSError):  # it has ended, or the system forbids it
            os.sched_setaffinity(thread, cores)


def _core_of(thread: int) -> int:
    """Raises OSError. The fields of proc_pid_stat(5), after a name that may hold anything, begin with the third."""
    return int(Path(f"/proc/self/task/{thread}/stat").read_text().rpartition(")")[2].split()[39 - 3])
