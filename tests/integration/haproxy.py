"""A real HAProxy in front of a cluster, set up as it is shipped: one node takes everything, the others stand by."""

import csv
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from scripts.system import SEARCH_PATH
from tests.integration.cli.running import wait_for
from tests.integration.galera import Galera
from tests.integration.ports import free_port

ACCOUNT = "haproxy"
"""It may log in without a password, and see the server's status and nothing else."""


ROOT = Path(__file__).parents[2]
SHIPPED = (ROOT / "deploy" / "haproxy" / "haproxy.cfg").read_text()
"""What operators get; only its addresses are changed here."""


class HaProxy:
    """In front of *galera*; the first node is the active one."""

    def __init__(self, directory: Path, galera: Galera) -> None:
        self.port = free_port()
        self._directory = directory
        self._galera = galera
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None, "not started"
        return self._process.pid

    def start(self) -> None:
        """Return once it passes connections on."""
        self._galera.nodes[0].execute(f"CREATE USER IF NOT EXISTS {ACCOUNT}@'127.0.0.1'")
        program = shutil.which("haproxy", path=SEARCH_PATH)
        assert program is not None, "HAProxy is not installed"
        configuration = self._directory / "haproxy.cfg"
        configuration.write_text(self._configuration())
        with (self._directory / "haproxy.log").open("ab") as log:
            # -W: a master that replaces its worker when it is asked to reload.
            self._process = subprocess.Popen([program, "-W", "-db", "-f", configuration], stdout=log, stderr=log)
        self.wait_for_first()

    def wait_for_first(self) -> None:
        """Wait until the first node takes the connections."""
        wait_for(lambda: self.active == self._galera.nodes[0].name, "HAProxy to use the first node")

    def _configuration(self) -> str:
        changes = [
            ("maxconn 4096", f"maxconn 2000\n    stats socket {self._directory}/admin.sock mode 600 level admin"),
            ("bind :3306", f"bind 127.0.0.1:{self.port}"),
            ("bind 127.0.0.1:8404", f"bind {self._directory}/health.sock"),
        ]
        for number, node in enumerate(self._galera.nodes, start=1):
            changes.append((f"galera-{number} 172.30.83.2{number}:3306", f"{node.name} 127.0.0.1:{node.port}"))
        configuration = SHIPPED
        for theirs, ours in changes:
            assert configuration.count(theirs) == 1, theirs
            configuration = configuration.replace(theirs, ours)
        return configuration

    @property
    def active(self) -> str | None:
        """The name of the node that new connections go to; None without any."""
        up = [row for row in self._servers() if row["status"].startswith("UP")]
        return next((row["svname"] for row in sorted(up, key=lambda row: row["bck"])), None)

    @property
    def is_ready(self) -> bool:
        """What a health check is answered: whether any node takes connections."""
        with socket.socket(socket.AF_UNIX) as asked:
            asked.connect(str(self._directory / "health.sock"))
            asked.sendall(b"GET /readyz HTTP/1.0\r\n\r\n")
            status = asked.recv(64).split()[1]
        assert status in (b"200", b"503"), status
        return status == b"200"

    def _servers(self) -> list[dict[str, str]]:
        rows = csv.DictReader(self._asked("show stat").removeprefix("# ").splitlines())
        return [row for row in rows if row["svname"] not in ("FRONTEND", "BACKEND")]

    def _asked(self, command: str) -> str:
        """What the worker answers; empty if there is none."""
        with suppress(OSError), socket.socket(socket.AF_UNIX) as asked:
            asked.connect(str(self._directory / "admin.sock"))
            asked.sendall(f"{command}\n".encode())
            with asked.makefile() as answer:
                return answer.read()
        return ""

    def reload(self) -> None:
        """Have it read its configuration again, as an operator does, and return once a new worker has taken over."""
        before = self._worker()
        assert self._process is not None, "not started"
        self._process.send_signal(signal.SIGUSR2)
        wait_for(lambda: self._worker() not in (None, before), "a new worker of HAProxy")
        wait_for(lambda: self.active, "HAProxy to use a node again")

    def _worker(self) -> str | None:
        """The process that takes connections now."""
        lines = self._asked("show info").splitlines()
        return next((line.partition(": ")[2] for line in lines if line.startswith("Pid:")), None)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)


@contextmanager
def haproxy(galera: Galera) -> Iterator[HaProxy]:
    """One that runs for the time of a `with`."""
    directory = Path(tempfile.mkdtemp(prefix="monitor-haproxy-"))
    running = HaProxy(directory, galera)
    try:
        running.start()
        yield running
    finally:
        running.stop()
        shutil.rmtree(directory, ignore_errors=True)
