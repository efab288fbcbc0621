"""A real HAProxy in front of a cluster: one node takes everything, the others stand by."""

import csv
import shutil
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


def _handshake() -> bytes:
    """The client's part of a log-in as ACCOUNT, in MySQL's protocol."""
    capabilities = 0x1 | 0x200 | 0x8000 | 0x80000  # long password, protocol 4.1, secure connection, plugin
    packet = capabilities.to_bytes(4, "little") + (2**24).to_bytes(4, "little") + b"\x2d" + bytes(23)
    packet += ACCOUNT.encode() + b"\0" + b"\0" + b"mysql_native_password\0"
    return len(packet).to_bytes(3, "little") + b"\x01" + packet


def _query(sql: str) -> bytes:
    packet = b"\x03" + sql.encode()
    return len(packet).to_bytes(3, "little") + b"\0" + packet


_CONFIGURATION = """
global
    maxconn 2000
    stats socket {directory}/admin.sock mode 600 level admin

defaults
    mode tcp
    timeout connect 2s
    timeout client 1h
    timeout server 1h
    timeout check 2s

listen database
    bind 127.0.0.1:{port}
    # `mysql-check` calls a node up that has lost its quorum, so ask what the node itself says.
    option tcp-check
    tcp-check connect
    tcp-check send-binary {handshake}
    tcp-check expect binary 0700000200000002
    tcp-check send-binary {question}
    tcp-check expect binary {yes}
    tcp-check send-binary 0100000001
    default-server check inter 500ms fall 2 rise 2 on-marked-down shutdown-sessions
{servers}
"""


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
            # -W: a master that replaces its worker when it is told to reload.
            self._process = subprocess.Popen([program, "-W", "-db", "-f", configuration], stdout=log, stderr=log)
        self.wait_for_first()

    def wait_for_first(self) -> None:
        """Wait until the first node takes the connections."""
        wait_for(lambda: self.active == self._galera.nodes[0].name, "HAProxy to use the first node")

    def _configuration(self) -> str:
        servers = []
        for number, node in enumerate(self._galera.nodes):
            # The first takes over again when it is back: two nodes must not be written through for long.
            role = "backup" if number else "on-marked-up shutdown-backup-sessions"
            servers.append(f"    server {node.name} 127.0.0.1:{node.port} {role}")
        return _CONFIGURATION.format(
            directory=self._directory,
            port=self.port,
            handshake=_handshake().hex(),
            question=_query("SHOW GLOBAL STATUS LIKE 'wsrep_ready'").hex(),
            yes=b"\x0bwsrep_ready\x02ON".hex(),
            servers="\n".join(servers),
        )

    @property
    def active(self) -> str | None:
        """The name of the node that new connections go to; None without any."""
        up = [row for row in self._servers() if row["status"].startswith("UP")]
        return next((row["svname"] for row in sorted(up, key=lambda row: row["bck"])), None)

    def _servers(self) -> list[dict[str, str]]:
        with suppress(OSError), socket.socket(socket.AF_UNIX) as asked:
            asked.connect(str(self._directory / "admin.sock"))
            asked.sendall(b"show stat\n")
            with asked.makefile() as answer:
                rows = csv.DictReader(answer.read().removeprefix("# ").splitlines())
                return [row for row in rows if row["svname"] not in ("FRONTEND", "BACKEND")]
        return []

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
