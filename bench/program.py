"""A measured process with all its children."""

import os
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from random import sample
from urllib.error import URLError
from urllib.request import urlopen

import psutil

MEGABYTE = 1e6
START_SECONDS = 60.0
STOP_SECONDS = 15.0
_OURS = ("MONITOR_", "DB_", "DATABASE", "JWT_", "SMTP_", "API_", "AGENT_", "BASELINE_", "INTERVAL")


class Program:
    """A running program, started by the constructor. Its output goes to *log*."""

    def __init__(
        self, command: Sequence[str], *, log: Path, settings: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        self.log = log
        self.started_at = time.monotonic()
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command, env={**inherited, **(settings or {})}, cwd=cwd, stdout=output, stderr=output
            )
        self._tree = psutil.Process(self._process.pid)

    @property
    def pid(self) -> int:
        return self._process.pid

    def cpu_seconds(self) -> float:
        """Return the CPU seconds of all processes since their start."""
        return sum(spent_by(process) for process in self._all())

    def cpu_nanoseconds(self) -> int:
        """Return the same with finer resolution than ticks of 10 ms. Counts living threads only. Linux only."""
        threads = (path for each in self._all() for path in Path(f"/proc/{each.pid}/task").iterdir())
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads)

    def resident(self) -> float:
        """Return resident megabytes, with shared memory counted once."""
        processes = self._all()
        if len(processes) == 1:
            return float(processes[0].memory_info().rss) / MEGABYTE
        return float(sum(process.memory_full_info().pss for process in processes)) / MEGABYTE

    def wait_until(self, answers: Callable[[], bool]) -> float:
        """Return the seconds from the start until *answers*. Raises RuntimeError if it ends first or takes too long."""
        while not answers():
            if self._process.poll() is not None or time.monotonic() - self.started_at > START_SECONDS:
                self.stop()
                raise RuntimeError(f"{self._process.args!r} did not start:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.005)
        return time.monotonic() - self.started_at

    def finish(self) -> None:
        """Wait for its end. Raises RuntimeError unless it exits with 0."""
        if self._process.wait():
            raise RuntimeError(f"{self._process.args!r} failed:\n{self.log.read_text()[-2000:]}")

    def stop(self) -> None:
        """Terminate it, and kill it after STOP_SECONDS."""
        children = self._all()
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        for process in children:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()

    def _all(self) -> list[psutil.Process]:
        try:
            return [self._tree, *self._tree.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []


def spent_by(process: psutil.Process) -> float:
    """Return CPU seconds of one process."""
    spent = process.cpu_times()
    return float(spent.user + spent.system)


def is_up(url: str) -> bool:
    """True if it responds with 200."""
    try:
        with urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, ConnectionError, TimeoutError):
        return False


def is_open(port: int) -> bool:
    """True if a program listens on *port*."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """Return a free port below the ephemeral range, which some programs refuse."""
    return next(port for port in sample(range(20_000, 32_000), 12_000) if not is_open(port))
