"""The thread that takes samples and the one that stores them share a core; no other thread is kept on one."""

import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.integration.cli.running import DEADLINE, process

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system places threads")
CALLED_AGAIN = """
import os, threading
from types import SimpleNamespace
from monitor.cli.cores import share_core
started, ends = threading.Event(), threading.Event()
storing, other = (threading.Thread(target=ends.wait) for _ in range(2))
storing.start()
cores = os.sched_getaffinity(0)
def share():
    share_core(SimpleNamespace(thread_id=storing.native_id))
def allowed(thread):
    return os.sched_getaffinity(thread.native_id)
job = threading.Thread(target=lambda: (share(), started.wait(), share()))
job.start()
while len(allowed(threading.main_thread())) > 1:
    pass
other.start()
started.set()
job.join()
assert allowed(storing) == allowed(threading.main_thread()) and len(allowed(storing)) == 1
assert allowed(other) == cores
ends.set()
"""


def test_two_threads_of_a_server_share_a_core(tmp_path: Path) -> None:
    cores = os.sched_getaffinity(0)
    with process(tmp_path, "serve", "--migrate") as running:
        running.start()
        loop, until = running.process.pid, time.monotonic() + DEADLINE
        while len(found := kept(loop)) != 2 and len(cores) > 1 and time.monotonic() < until:
            time.sleep(0.1)
    if len(cores) > 1:
        assert 2 == len(found)
        assert {found[loop]} == {*found.values()}


def kept(process_id: int) -> dict[int, frozenset[int]]:
    """Return the threads of the process that are kept on one core, with that."""
    found = {}
    for task in Path(f"/proc/{process_id}/task").iterdir():
        with suppress(ProcessLookupError):  # it has ended
            found[int(task.name)] = frozenset(os.sched_getaffinity(int(task.name)))
    return {thread: cores for thread, cores in found.items() if len(cores) == 1}


def test_a_thread_that_one_of_the_two_has_started_leaves_their_core() -> None:
    subprocess.run([sys.executable, "-c", CALLED_AGAIN], check=True, timeout=DEADLINE)
