"""Two processes on one database behind the nginx that is shipped. The second can be cut off from the database."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

from scripts.system import SEARCH_PATH
from tests.integration.cli.client import Client
from tests.integration.cli.running import Process, process, server, wait_for
from tests.integration.mariadb import MariaDb
from tests.integration.ports import free_port

ROOT = Path(__file__).parents[3]
SHIPPED = (ROOT / "deploy" / "nginx" / "nginx.conf").read_text()
_STORED = re.compile(r'^monitor_samples_total\{outcome="stored"\} (\d+)', re.MULTILINE)


@contextmanager
def shipped_nginx(directory: Path, *ports: int) -> Iterator[int]:
    """Yield the port of nginx in front of processes on *ports*. Only addresses, folders and limits are changed."""
    port = free_port()
    configuration = SHIPPED
    for theirs, ours, times in (
        ("server 172.30.83.11:8000 max_fails=0;", "\n".join(f"server 127.0.0.1:{to} max_fails=0;" for to in ports), 2),
        ("server 172.30.83.12:8000 max_fails=0;", "", 2),
        ("listen 8080;", f"listen 127.0.0.1:{port};", 1),
        ("/tmp/nginx", f"{directory}/nginx", 6),  # noqa: S108 (the name in the shipped file)
        ("worker_rlimit_nofile 65536;", "", 1),  # more than a test may ask for
        ("worker_connections 32768;", "worker_connections 512;", 1),
    ):
        assert configuration.count(theirs) == times, theirs
        configuration = configuration.replace(theirs, ours)
    user = "user root;" if os.geteuid() == 0 else ""  # the directory is nobody else's
    (directory / "nginx.conf").write_text(f"daemon off;\n{user}\n{configuration}")
    program = shutil.which("nginx", path=SEARCH_PATH)
    assert program is not None, "nginx is not installed"
    with (directory / "nginx.log").open("ab") as log:
        running = subprocess.Popen([program, "-p", directory, "-c", "nginx.conf"], stdout=log, stderr=log)
    try:
        wait_for(lambda: _answers(running, directory, port), "nginx")
        yield port
    finally:
        running.terminate()
        running.wait(20)


def _answers(running: "subprocess.Popen[bytes]", directory: Path, port: int) -> bool:
    assert running.poll() is None, (directory / "nginx.log").read_text()
    with suppress(OSError), Client(port) as client:
        return client.get("/readyz").status == 200
    return False


@dataclass(frozen=True, kw_only=True)
class Balanced:
    """*port*: nginx's. *link*: the second's way to the database."""

    first: Process
    second: Process
    port: int
    mariadb: MariaDb
    link: Path
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @contextmanager
    def second_without_database(self) -> Iterator[None]:
        """As if the node that it writes to were down; the first notices nothing."""
        target = self.link.readlink()
        self.link.unlink()
        try:
            self.mariadb.execute("KILL USER second@localhost")
            yield
        finally:
            self.link.symlink_to(target)
            wait_for(lambda: _is_ready(self.second), "the second process to be ready again")

    def agents(self, number: int) -> list[Client]:
        """Clients through nginx, each of a server with a key of its own."""
        with self.first.admin() as admin:
            return [Client(self.port, key=self._key(admin)) for _ in range(number)]

    def _key(self, admin: Client) -> str:
        number = next(self._numbers)
        body = {"server_name": f"host-{number}", "ip_address": f"10.0.{number // 250}.{number % 250 + 1}"}
        server_id = admin.post("/api/servers", body).data["id"]
        key: str = admin.post("/api/api-keys", {"name": f"key-{number}", "server_id": server_id}).data["key"]
        return key

    def stored(self) -> tuple[int, int]:
        """How many samples each of them stored."""
        return _stored(self.first), _stored(self.second)


def _is_ready(process: Process) -> bool:
    with process.client() as client:
        return client.get("/readyz").status == 200


def _stored(process: Process) -> int:
    with urlopen(f"{process.origin}/metrics") as answer:  # noqa: S310 (our own)
        found = _STORED.search(answer.read().decode())
    return int(found[1]) if found else 0


@contextmanager
def balanced(home: Path, mariadb: MariaDb) -> Iterator[Balanced]:
    """Both have one data directory, hence the same secrets, as in deploy/compose.yaml."""
    name = mariadb.create_database()
    mariadb.execute("CREATE OR REPLACE USER second@localhost")
    mariadb.execute(f"GRANT ALL ON {name}.* TO second@localhost")
    link = home / "s.sock"
    link.symlink_to(mariadb.directory / "s.sock")
    through = f"mysql://second@localhost/{name}?charset=utf8mb4&unix_socket={quote(str(link), safe='')}"
    settings = {"MONITOR_TRUSTED_PROXIES": "127.0.0.1"}
    with (
        server(home, mariadb.url(name), **settings) as first,
        process(home, "serve", DATABASE_URL=through, **settings) as second,
    ):
        second.start()
        with shipped_nginx(home, first.port, second.port) as port:
            yield Balanced(first=first, second=second, port=port, mariadb=mariadb, link=link)
