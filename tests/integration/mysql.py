"""A private MySQL: the oldest that works, for tests of upgrades and of what MySQL and MariaDB do differently.

It is 5.6 with the defaults of 5.7, since there is no later one as a package that needs no service.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from scripts.system import MYSQL
from tests.integration.mariadb import MariaDb, MariaDbError

DEFAULTS_OF_57 = ("--innodb-file-format=Barracuda", "--innodb-large-prefix=1")
_SMALL = (
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--character-set-server=utf8mb4",
    "--innodb-buffer-pool-size=64M",
    "--innodb-log-file-size=8M",
    "--performance-schema=0",
    "--explicit-defaults-for-timestamp=1",
)


class MySql(MariaDb):
    """The same of another program."""

    def _install(self) -> None:
        (self.directory / "data" / "mysql").mkdir(parents=True)
        shutil.chown(self.directory / "data", self._account)
        shutil.chown(self.directory / "data" / "mysql", self._account)
        tables = [(MYSQL / "share" / f"mysql_system_tables{part}.sql").read_text() for part in ("", "_data")]
        done = subprocess.run(
            self._command("--bootstrap"),
            input="\n".join(["use mysql;", *tables]),
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise MariaDbError(f"mysqld --bootstrap failed:\n{done.stderr[-4000:]}")

    def _program(self) -> list[str]:
        return [str(MYSQL / "mysqld"), "--no-defaults", f"--lc-messages-dir={MYSQL / 'share'}"]

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "LD_LIBRARY_PATH": str(MYSQL)}


@contextmanager
def private_mysql(options: Sequence[str] = DEFAULTS_OF_57) -> Iterator[MySql]:
    """A running server for the time of a `with`. Raises MariaDbError."""
    directory = Path(tempfile.mkdtemp(prefix="monitor-mysql-"))
    server = None
    try:
        server = MySql(directory, [*_SMALL, *options])
        server.start()
        yield server
    finally:
        if server is not None:
            server.kill()
        shutil.rmtree(directory, ignore_errors=True)
