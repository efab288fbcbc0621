"""A private VictoriaMetrics: its own directory and port, gone afterwards."""

import os
import shutil
import signal
import subprocess
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.system import SEARCH_PATH
from tests.integration.cli.running import wait_for
from tests.integration.ports import free_port


class Victoria:
    """Keeps its data when it is stopped, killed and started again."""

    def __init__(self, directory: Path, *flags: str) -> None:
        self._directory = directory
        self._flags = flags
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def port(self) -> int:
        return self._port

    @property
    def pid(self) -> int:
        assert self._process is not None, "not started"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Return once it answers."""
        program = shutil.which("victoria-metrics", path=SEARCH_PATH)
        assert program is not None, "VictoriaMetrics is not installed"
        command = [
            program,
            f"-storageDataPath={self._directory / 'data'}",
            f"-httpListenAddr=127.0.0.1:{self._port}",
            "-loggerLevel=WARN",
            "-memory.allowedBytes=200MB",
            "-storage.minFreeDiskSpaceBytes=1MB",
            *(self._flags or ["-retentionPeriod=100y"]),
        ]
        with (self._directory / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        wait_for(lambda: self.get("/health") == "OK", "VictoriaMetrics to start")

    def stop(self, *, kill: bool = False) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGCONT)
            process.kill() if kill else process.terminate()
            process.wait(30)

    def hang(self) -> None:
        """Take connections and answer nothing."""
        assert self._process is not None, "not started"
        self._process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def go_on(self) -> None:
        assert self._process is not None, "not started"
        self._process.send_signal(signal.SIGCONT)

    def get(self, path: str, user: str = "", password: str = "") -> str | None:
        """None while it does not answer."""
        request = urllib.request.Request(self.url + path)  # noqa: S310 (our own)
        if user:
            request.add_header("Authorization", "Basic " + b64encode(f"{user}:{password}".encode()).decode())
        try:
            with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 (our own)
                return str(response.read().decode())
        except OSError:
            return None

    def settle(self, user: str = "", password: str = "") -> None:
        """Show what was stored just now."""
        self.get("/internal/force_flush", user, password)


@contextmanager
def private_victoria(directory: Path, *flags: str) -> Iterator[Victoria]:
    server = Victoria(directory, *flags)
    try:
        server.start()
        yield server
    finally:
        server.stop()
