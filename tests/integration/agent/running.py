"""A real agent process."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import monitor.adapters.agent
from monitor.adapters.agent.uplink.spool import Spool
from tests.integration.own_time import ended_after

SOURCE = Path(monitor.adapters.agent.__file__).parents[3]
MODULE = (sys.executable, "-m", "monitor", "agent")


def environment(**settings: str) -> dict[str, str]:
    """The variables of this process, without settings of an agent, plus *settings*."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in ("JOURNAL_STREAM", "INTERVAL") and not name.startswith(("API_", "AGENT_"))
    }
    return {**inherited, "PYTHONPATH": str(SOURCE), **settings}


class Agent:
    """A running *process* with its output; *spool* is its file."""

    def __init__(self, folder: Path, command: tuple[str, ...] = MODULE, **settings: str) -> None:
        self.spool = folder / "agent.spool"
        self._log = folder / "agent.log"
        defaults = {"API_KEY": "mk_0123456789", "INTERVAL": "1", "AGENT_SPOOL": str(self.spool)}
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(command, env=environment(**{**defaults, **settings}), stderr=log)

    @property
    def said(self) -> list[str]:
        return self._log.read_text().splitlines()

    @property
    def waiting(self) -> int:
        """How many samples are in the file now."""
        return self.spool.read_bytes().count(b" S {") if self.spool.exists() else 0

    def status(self, name: str) -> int:
        """A number from /proc/<pid>/status."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """Terminate it, as systemd does, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)

    def stop_at_once(self) -> int:
        """The same, and it takes less than three seconds."""
        self.process.send_signal(signal.SIGTERM)
        assert ended_after(self.process.pid) < 3
        return self.process.wait()


@contextmanager
def agent(folder: Path, command: tuple[str, ...] = MODULE, **settings: str) -> Iterator[Agent]:
    running = Agent(folder, command, **settings)
    try:
        yield running
    finally:
        running.kill()


def run(*arguments: str, command: tuple[str, ...] = MODULE, **settings: str) -> subprocess.CompletedProcess[str]:
    """An agent that ends by itself."""
    return subprocess.run(
        (*command, *arguments), env=environment(**settings), capture_output=True, text=True, timeout=60, check=False
    )


def spooled(path: Path) -> list[bytes]:
    """The samples that an agent would find if it started now."""
    spool = Spool(str(path), lambda _line: None)
    try:
        return list(spool.oldest(10**6, 10**9).records)
    finally:
        spool.close()
