"""A log that cannot be written, as on a full disk, ends nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

LOGS = {
    "a job that fails": """
import threading
from monitor.cli.process import configure_logging
from monitor.worker import Worker
configure_logging()
again = threading.Event()
runs = []
def fail():
    runs.append(1)
    if len(runs) > 1:
        again.set()
    raise OSError(28, "No space left on device")
worker = Worker([("fail", 0.01, fail)])
worker.start()
print("goes on" if again.wait(30) else "ended", flush=True)
worker.stop()
""",
    "an agent": """
from monitor.adapters.agent.log import stderr_log
stderr_log()("cannot reach the server")
print("goes on", flush=True)
""",
}
FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize("script", LOGS.values(), ids=LOGS)
def test_what_logs_goes_on(script: str):
    with FULL.open("wb") as full:
        done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=full, check=False)
    assert b"goes on" == done.stdout.strip()
