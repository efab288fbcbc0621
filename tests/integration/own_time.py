"""Time without the delays of a busy machine, which are no property of the measured process."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

from tests.integration.cli.running import wait_for


def own_time(pid: int) -> Callable[[], float]:
    """What tells for how many seconds since now the process *pid* was at something: less those for which it, or this
    one, was ready to go on and had no processor. Only Linux counts them; elsewhere none go off."""
    began, watched, here = time.monotonic(), _waited(str(pid)), _waited("self")
    return lambda: time.monotonic() - began - max(_waited(str(pid)) - watched, _waited("self") - here)


def ended_after(pid: int) -> float:
    """Waits for the end of the child *pid*, which stays to be asked for its exit code; in its own time."""
    passed = own_time(pid)
    wait_for(lambda: _has_ended(pid), "a process's end")
    return passed()


def _has_ended(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True  # somebody else has asked


def _waited(process: str) -> float:
    """Seconds that its threads waited for a processor since they began: one that has none may hold up all others."""
    waited = 0
    for counted in Path(f"/proc/{process}/task").glob("*/schedstat"):
        with suppress(OSError):  # that thread has just ended
            waited += int(counted.read_text().split()[1])
    return waited / 1e9
