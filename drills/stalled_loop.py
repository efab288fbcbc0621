"""The event loop stops for longer than the report timeout, while all other threads continue."""

import ctypes
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drills.drill import Drill, Outcome, running_server
from drills.reporting import healthy_host, offline_alerts

SECONDS = 55.0
"""Seconds. A host without reports is offline after 45."""
AFTER = 4.0
_SEIZE, _INTERRUPT, _DETACH = 0x4206, 0x4207, 17  # of ptrace(2)
_ALL = 0x40000000  # of waitpid(2): threads as well


def run(place: Path) -> Outcome:
    with running_server(place, MONITOR_OFFLINE_AFTER="1") as server, healthy_host(server) as seen:
        with _main_thread_stopped(server.process.pid):
            time.sleep(SECONDS)
        time.sleep(AFTER)
        offline = offline_alerts(server)
        before = seen.stored
        time.sleep(AFTER)
        goes_on = seen.stored > before
    figures = f"stopped for {SECONDS:.0f} s; {seen.figures}; {offline} false offline alerts"
    return Outcome(held=goes_on and not offline, seen=figures)


@contextmanager
def _main_thread_stopped(process: int) -> Iterator[None]:
    """Stop the thread while it waits for events: else it would hold the GIL."""
    while Path(f"/proc/{process}/task/{process}/stat").read_text().rpartition(")")[2].split()[0] != "S":
        time.sleep(0.001)
    _ptrace(_SEIZE, process)
    _ptrace(_INTERRUPT, process)
    os.waitpid(process, _ALL)
    try:
        yield
    finally:
        _ptrace(_DETACH, process)


def _ptrace(request: int, process: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(ctypes.c_long(request), ctypes.c_long(process), ctypes.c_long(0), ctypes.c_long(0)):
        raise OSError(ctypes.get_errno(), "ptrace")


DRILL = Drill(attack="the event loop stops for 55 s, while other threads continue", run=run)
