"""Real `monitor` processes, each with its own environment. All end with their test."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, chdir, contextmanager, suppress
from functools import cache
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory

from click.testing import CliRunner

from monitor.adapters.persistence.engine import migrations
from monitor.cli.commands import monitor
from tests.integration.cli.client import Client
from tests.integration.ports import free_port

DEADLINE = 60.0
PASSWORD = "correct horse battery staple"
COMMAND = (sys.executable, "-m", "monitor")
_OURS = ("MONITOR_", "HISTORY_", "DB_", "DATABASE", "JWT_", "SMTP_", "API_", "AGENT_", "XDG_")


def environment(home: Path, **settings: str) -> dict[str, str]:
    """This process's, without any setting of the product's, plus *settings*; *home* is the user's home."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OURS) and name != "INTERVAL"}
    return {**inherited, "HOME": str(home), **settings}


def run(
    home: Path,
    *arguments: str,
    command: tuple[str, ...] = COMMAND,
    stdin: str = "",
    settings: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command that ends by itself."""
    return subprocess.run(
        (*command, *arguments),
        env=environment(home, **(settings or {})),
        cwd=home,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )


def call(
    home: Path, *arguments: str, stdin: str = "", settings: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The same within this process, where it is not about a process: to start one takes a second."""
    chosen = environment(home, **(settings or {}))
    unset = dict.fromkeys(os.environ.keys() - chosen.keys())
    with chdir(home):
        done = CliRunner().invoke(monitor, arguments, input=stdin, env={**chosen, **unset}, catch_exceptions=False)
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)


def wait_for(condition: Callable[[], object], what: str | Callable[[], str], deadline: float = DEADLINE) -> None:
    """Return once *condition* holds; fail after *deadline* seconds. *what*: it waits for."""
    give_up = time.monotonic() + deadline
    pause = threading.Event()
    while not condition():
        if time.monotonic() >= give_up:
            raise AssertionError(f"waited {deadline:.0f} s in vain for {what if isinstance(what, str) else what()}")
        pause.wait(0.01)


class Process:
    """`monitor serve` or `monitor up` in *home*, which holds its data and what it says.

    It keeps its port, so that it may be started again.
    """

    def __init__(self, home: Path, *arguments: str, **settings: str) -> None:
        self.home = home
        self.data = home / "data"
        self.port = free_port()
        self._arguments = arguments
        # The check of the server itself would take the first id, which many tests name; and a busy machine is slow.
        self.settings = {
            "MONITOR_ADMIN_PASSWORD": PASSWORD,
            "MONITOR_WATCHES_ITSELF": "false",
            "MONITOR_SLOW_AFTER": "60",
        }
        self.settings |= settings
        self.descriptors = ""
        """What its limit is set to at the start, as `ulimit` has it."""
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "not started"
        return self._process

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def printed(self) -> str:
        """Return the standard output of all starts."""
        return self._out.read_text()

    @property
    def said(self) -> str:
        """Return the standard error of all starts."""
        return self._err.read_text()

    @property
    def _out(self) -> Path:
        return self.home / f"{self.port}.out"

    @property
    def _err(self) -> Path:
        return self.home / f"{self.port}.err"

    def launch(self) -> None:
        """Start without waiting."""
        command = (*self._limited(), *COMMAND, *self._arguments, "--port", str(self.port), "--data-dir", str(self.data))
        settings = {name: value for name, value in self.settings.items() if value}
        with self._out.open("ab") as out, self._err.open("ab") as err:
            self._process = subprocess.Popen(
                command, env=environment(self.home, **settings), cwd=self.home, stdout=out, stderr=err
            )

    def _limited(self) -> tuple[str, ...]:
        return ("/bin/sh", "-c", f'ulimit {self.descriptors} && exec "$@"', "sh") if self.descriptors else ()

    def start(self) -> None:
        """Start, and return once it responds."""
        self.launch()
        self.wait_until_healthy()

    def wait_until_healthy(self) -> None:
        def answers() -> bool:
            assert self.is_running, f"it ended with {self.process.returncode}:\n{self.printed}{self.said}"
            with suppress(OSError, HTTPException), self.client() as client:
                return client.get("/healthz").status == 200
            return False

        wait_for(answers, "the server's first answer")

    def client(self, key: str | None = None) -> Client:
        return Client(self.port, key=key)

    def admin(self, password: str = PASSWORD) -> Client:
        """Return a client that is logged in as an administrator."""
        client = self.client()
        client.log_in("admin", password)
        return client

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self, seconds: float = 20.0) -> int:
        """Return the exit code; fail if the process does not end by itself."""
        return self.process.wait(seconds)

    def stop(self) -> int:
        self.signal(signal.SIGTERM)
        return self.end()


@contextmanager
def process(home: Path, *arguments: str, **settings: str) -> Iterator[Process]:
    """Return a process that is not started. Empty settings are left out."""
    running = Process(home, *arguments, **settings)
    try:
        yield running
    finally:
        if running.is_running:
            running.kill()


def ready(home: Path, *arguments: str, database_url: str = "", **settings: str) -> AbstractContextManager[Process]:
    """Like `process`, with the schema in place: to migrate takes as long as the rest of a start."""
    if database_url:
        migrations.upgrade(database_url)
    elif not (file := home / "data" / "monitor.db").exists():
        file.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        file.write_bytes(_migrated())
    return process(home, *arguments, DATABASE_URL=database_url, **settings)


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as home:
        migrations.upgrade(f"sqlite:///{home}/monitor.db")
        return Path(home, "monitor.db").read_bytes()


@contextmanager
def server(home: Path, database_url: str = "", **settings: str) -> Iterator[Process]:
    """Run `monitor serve` on a database with the schema in place until the end of the block."""
    with ready(home, "serve", database_url=database_url, **settings) as running:
        running.start()
        yield running
