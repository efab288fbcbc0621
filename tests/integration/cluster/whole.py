"""The whole product on a cluster: three Galera nodes, HAProxy, three processes, nginx in front, and VictoriaMetrics."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.integration.cli.running import Process, process
from tests.integration.deploy.balanced import shipped_nginx
from tests.integration.galera import Galera, private_galera
from tests.integration.haproxy import HaProxy, haproxy
from tests.integration.victoria import Victoria, private_victoria

PROCESSES = 3
DATABASE, ACCOUNT = "monitor_db", "monitor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """*port*: nginx's. *home*: what the processes say, and their secrets, which they share.

    *database*: its name, the same on all nodes.
    """

    galera: Galera
    balancer: HaProxy
    victoria: Victoria
    processes: list[Process]
    port: int
    home: Path
    database: str

    @property
    def nginx_pid(self) -> int:
        return int((self.home / "nginx.pid").read_text())


@contextmanager
def whole(home: Path, **settings: str) -> Iterator[Whole]:
    """All of it for the time of a `with`, with its logs in *home*. *settings* are those of the processes."""
    with private_galera() as galera, haproxy(galera) as balancer:
        galera.nodes[0].execute(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4")
        with product_on(galera, balancer, DATABASE, home, **settings) as running:
            yield running


@contextmanager
def product_on(galera: Galera, balancer: HaProxy, database: str, home: Path, **settings: str) -> Iterator[Whole]:
    """Processes, nginx and VictoriaMetrics on a running cluster, with an account of their own for *database*."""
    password = secrets.token_hex(16)
    galera.nodes[0].execute(f"CREATE OR REPLACE USER {ACCOUNT}@'127.0.0.1' IDENTIFIED BY '{password}'")
    galera.nodes[0].execute(f"GRANT ALL ON {database}.* TO {ACCOUNT}@'127.0.0.1'")
    (archive := home / "victoria").mkdir()
    with private_victoria(archive) as victoria, ExitStack() as stack:
        environment = {
            "DB_HOST": "127.0.0.1",
            "DB_PORT": str(balancer.port),
            "DB_USER": ACCOUNT,
            "DB_PASS": password,
            "DATABASE": database,
            "HISTORY_URL": victoria.url,
            "MONITOR_TRUSTED_PROXIES": "127.0.0.1",
            **settings,
        }
        processes = [stack.enter_context(process(home, "serve", "--migrate", **environment)) for _ in range(PROCESSES)]
        processes[0].start()  # alone: it makes the secrets, too
        for other in processes[1:]:
            other.launch()
        for other in processes[1:]:
            other.wait_until_healthy()
        port = stack.enter_context(shipped_nginx(home, *(each.port for each in processes)))
        yield Whole(
            galera=galera,
            balancer=balancer,
            victoria=victoria,
            processes=processes,
            port=port,
            home=home,
            database=database,
        )
