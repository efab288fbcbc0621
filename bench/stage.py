"""Where a part is measured: its directory, databases and programs, all of which are removed afterwards."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil

from bench.program import Program, free_port, spent_by
from bench.targets import product, victoria, yardstick
from tests.integration.mariadb import MariaDb, private_mariadb

PLACE = "/var/tmp"  # noqa: S108 (what is made in it has a name of its own)
"""On a disk, while many systems keep /tmp in memory."""
MARIADB_OPTIONS = (
    "--bind-address=127.0.0.1",
    "--skip-log-bin",
    "--skip-name-resolve",
    "--character-set-server=utf8mb4",
    # Durable commits. Everything else has its default.
    "--innodb-flush-log-at-trx-commit=1",
)


@dataclass(kw_only=True)
class Stage:
    """*directory* is on a disk: in memory a commit would cost nothing."""

    rounds: int
    seconds: float
    directory: Path
    stack: ExitStack = field(repr=False)
    _mariadb: MariaDb | None = field(default=None, init=False)

    @property
    def mariadb(self) -> MariaDb:
        """Return the server that product and yardstick share, each with its own database."""
        if self._mariadb is None:
            self._mariadb = self.stack.enter_context(private_mariadb(MARIADB_OPTIONS, PLACE))
        return self._mariadb

    def product_again(self, stopped: product.Product, url: str) -> product.Product:
        """Start a *stopped* product again, with its port and key."""
        program, started_after = product.launch(url, self._directory("product"), stopped.port)
        self.stack.callback(program.stop)
        return replace(stopped, program=program, started_after=started_after)

    def product_beside(self, running: product.Product, url: str) -> product.Product:
        """Start another process of the product on the database and with the secrets of *running*."""
        port = free_port()
        program, started_after = product.launch(url, self._directory("product"), port)
        self.stack.callback(program.stop)
        return replace(running, port=port, program=program, started_after=started_after)

    def product(self, servers: int, url: str | None = None) -> product.Product:
        """Start the product on *url*, by default on MariaDB."""
        started = product.start(servers, self._directory("product"), *self._on(url))
        self.stack.callback(started.program.stop)
        return started

    def yardstick(self, servers: int, url: str | None = None) -> yardstick.Yardstick:
        """Start the yardstick on *url*, by default on MariaDB."""
        started = yardstick.start(servers, self._directory("yardstick"), *self._on(url))
        self.stack.callback(started.program.stop)
        return started

    def victoria(self, servers: int) -> victoria.Victoria | None:
        """Start VictoriaMetrics; None if not available."""
        started = victoria.start(servers, self._directory("victoria"))
        if started is not None:
            self.stack.callback(started.program.stop)
        return started

    def program(self, command: Sequence[str], name: str, settings: Mapping[str, str] | None = None) -> Program:
        """Start any other program."""
        started = Program(command, log=self.directory / f"{name}.log", settings=settings)
        self.stack.callback(started.stop)
        return started

    def sqlite(self, name: str) -> str:
        """Return the address of a new SQLite file."""
        return f"sqlite:///{self._directory('sqlite') / name}.db"

    def _on(self, url: str | None) -> tuple[str, Callable[[], float]]:
        if url is not None:
            return url, lambda: 0.0
        process = psutil.Process(self.mariadb.pid)
        return self.mariadb.url(self.mariadb.create_database()), lambda: spent_by(process)

    def _directory(self, name: str) -> Path:
        place = self.directory / name
        place.mkdir(exist_ok=True)
        return place


@contextmanager
def stage(rounds: int, seconds: float) -> Iterator[Stage]:
    directory = Path(tempfile.mkdtemp(prefix="monitor-bench-", dir=PLACE))
    try:
        with ExitStack() as stack:
            yield Stage(rounds=rounds, seconds=seconds, directory=directory, stack=stack)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
