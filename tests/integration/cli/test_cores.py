"""The thread that takes samples and the one that stores them share a core; no other thread is kept on one."""

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.integration.cli.running import DEADLINE, process

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system places threads")


def test_only_two_threads_are_kept_on_a_core(tmp_path: Path) -> None:
    with process(tmp_path, "serve", "--migrate") as running:
        running.start()
        running.admin().close()  # its password is hashed on a thread that the event loop starts
        loop, cores = running.process.pid, os.sched_getaffinity(0)
        until = time.monotonic() + DEADLINE
        while time.monotonic() < until:
            found = allowed(loop)
            kept = [thread for thread, its in found.items() if its == found[loop]]
            if len(found[loop]) == 1 and (len(kept) == 2 or len(cores) == 1):
                break
            time.sleep(0.1)
        assert {*found.values()} == {found[loop], frozenset(cores)}
        assert len(found[loop]) == 1
        assert len(kept) == (2 if len(cores) > 1 else len(found))


def allowed(process_id: int) -> dict[int, frozenset[int]]:
    """Return the cores that each thread of the process may use."""
    found = {}
    for task in Path(f"/proc/{process_id}/task").iterdir():
        with suppress(ProcessLookupError):  # it has ended
            found[int(task.name)] = frozenset(os.sched_getaffinity(int(task.name)))
    return found
