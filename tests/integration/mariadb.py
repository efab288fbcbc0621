"""A private MariaDB server: its own directory and port, gone without a trace afterwards."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pymysql

from tests.integration.ports import free_port

SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
START_SECONDS = 60.0
STOP_SECONDS = 30.0

OPTIONS = (
    "--bind-address=127.0.0.1",
    "--skip-log-bin",
    "--skip-name-resolve",
    "--character-set-server=utf8mb4",
    "--innodb-flush-log-at-trx-commit=1",
    # Small, so that a server starts, and can be copied, in a moment.
    "--innodb-buffer-pool-size=64M",
    "--innodb-log-file-size=8M",
)


class MariaDbError(RuntimeError):
    """MariaDB is not installed, or would not start or stop."""


class MariaDb:
    """A server that a test may stop, kill and start again; its port and data stay the same."""

    def __init__(self, directory: Path, options: Sequence[str] = OPTIONS) -> None:
        """Prepare an empty server in `directory`, which belongs to it alone. It is not started yet."""
        self.directory = directory
        self._options = list(options)
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0
        self._account = _give_to_server_account(directory)
        self._install()

    @property
    def is_running(self) -> bool:
        """Whether the server process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Of the server process, which runs."""
        assert self._process is not None, "not started"
        return self._process.pid

    def start(self) -> None:
        """Start, and return once it answers. Does nothing while it runs.

        Raises:
            MariaDbError: it ended, or did not answer in time; the message holds its log.
        """
        if not self.is_running:
            self._launch()

    def stop(self) -> None:
        """Shut down in order, as an administrator would. Does nothing when it is not running."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, as the out-of-memory killer would. Only what was committed is there afterwards."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Make it hang: connections stay open, and nothing is answered until `resume`."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)
            # Until then its threads may answer, on a busy machine.
            os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def resume(self) -> None:
        """Continue after `pause`."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def url(self, database: str) -> str:
        """The address of a database, as SQLAlchemy takes it."""
        return f"mysql+pymysql://root@127.0.0.1:{self.port}/{database}?charset=utf8mb4"

    def create_database(self) -> str:
        """Make an empty database and return its name."""
        self._databases += 1
        name = f"test_{self._databases}"
        self.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database and all that it holds."""
        self.execute(f"DROP DATABASE IF EXISTS {name}")

    def execute(self, statement: str, database: str | None = None) -> None:
        """Run one administrative statement on a connection of its own."""
        with closing(self._connect(database)) as connection, connection.cursor() as cursor:
            cursor.execute(statement)

    @property
    def _log(self) -> Path:
        return self.directory / "server.log"

    def _install(self) -> None:
        command = [
            _program("mariadb-install-db"),
            "--no-defaults",
            f"--user={self._account}",
            f"--datadir={self.directory / 'data'}",
            f"--tmpdir={self.directory}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            "--skip-name-resolve",
            "--innodb-log-file-size=8M",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise MariaDbError(f"mariadb-install-db failed:\n{done.stdout}{done.stderr}")

    def _launch(self, *options: str) -> None:
        command = self._command(*options)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=self._environment()
            )
        self._wait_until_it_answers(self._process)

    def _environment(self) -> dict[str, str]:
        return {**os.environ}

    def _command(self, *options: str) -> list[str]:
        return [
            *self._program(),
            f"--user={self._account}",
            f"--datadir={self.directory / 'data'}",
            # In /tmp, servers of containers that share it take each other's tables for their own.
            f"--tmpdir={self.directory}",
            f"--socket={self.directory / 's.sock'}",
            f"--pid-file={self.directory / 'p.pid'}",
            f"--port={self.port}",
            *self._options,
            *options,
        ]

    def _program(self) -> list[str]:
        return [_program("mariadbd"), "--no-defaults"]

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        give_up = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up:
            if process.poll() is not None:
                raise MariaDbError(f"the server ended with {process.returncode}:\n{self._log.read_text()[-4000:]}")
            with suppress(pymysql.err.OperationalError):
                self._connect().close()
                return
            time.sleep(0.02)
        self.kill()
        raise MariaDbError(f"the server gave no answer for {START_SECONDS:.0f} s:\n{self._log.read_text()[-4000:]}")

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise MariaDbError(f"the server did not stop within {STOP_SECONDS:.0f} s") from None
        finally:
            self._process = None

    def _connect(self, database: str | None = None) -> "pymysql.connections.Connection[pymysql.cursors.Cursor]":
        return pymysql.connect(
            host="127.0.0.1", port=self.port, user="root", database=database, autocommit=True, connect_timeout=20
        )


@contextmanager
def private_mariadb(options: Sequence[str] = OPTIONS, place: str | None = None) -> Iterator[MariaDb]:
    """A running server for the time of a `with`, whatever happens inside it. *place*: else where temporary files go.

    Raises:
        MariaDbError: it is not installed, or does not start.
    """
    # Not under pytest's own directory: that is closed to the account that the server runs as, and its path can be
    # longer than the hundred bytes that a socket's may have.
    directory = Path(tempfile.mkdtemp(prefix="monitor-mariadb-", dir=place))
    server = None
    try:
        server = MariaDb(directory, options)
        server.start()
        yield server
    finally:
        if server is not None:
            server.kill()
        shutil.rmtree(directory, ignore_errors=True)


def _program(name: str) -> str:
    found = shutil.which(name, path=SEARCH_PATH)
    if found is None:
        raise MariaDbError(
            f"{name} is not installed; the tests start a MariaDB of their own (Debian: sudo apt-get install "
            "mariadb-server-core mariadb-client-core; macOS: brew install mariadb)"
        )
    return found


def _give_to_server_account(directory: Path) -> str:
    """Choose the account that the server runs as, which is never root, and hand it the directory."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    for name in ("mysql", "nobody"):
        with suppress(KeyError):
            account = pwd.getpwnam(name)
            os.chown(directory, account.pw_uid, account.pw_gid)
            return name
    raise MariaDbError("neither of the accounts mysql and nobody exists, and MariaDB does not run as root")
