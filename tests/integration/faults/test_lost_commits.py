"""A database that comes back without its last seconds: a real agent sends what it lost again."""

import shutil
import sqlite3
import subprocess
from abc import ABC, abstractmethod
from contextlib import closing
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.integration.agent.running import agent
from tests.integration.alerts.evidence import evidence
from tests.integration.cli.running import Process, server, wait_for
from tests.integration.mariadb import MariaDb

pytestmark = pytest.mark.nightly


class Database(ABC):
    """One that can be copied, and replaced by its copy."""

    lost = 20
    """Seconds between copy and loss, and as many samples."""

    def __init__(self, place: Path) -> None:
        self.place = place

    @abstractmethod
    def copy(self) -> None: ...

    @abstractmethod
    def restore(self, running: Process) -> None:
        """Put the copy in its place."""


class SqliteFile(Database):
    @property
    def file(self) -> Path:
        return self.place / "monitor.db"

    @property
    def backup(self) -> Path:
        return self.place / "backup.db"

    def copy(self) -> None:
        with closing(sqlite3.connect(self.file)) as source, closing(sqlite3.connect(self.backup)) as target:
            source.backup(target)

    def put_copy(self) -> None:
        for suffix in ("-wal", "-shm"):
            self.file.with_name(self.file.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(self.backup, self.place / "next.db")
        (self.place / "next.db").replace(self.file)


class ReplacedWhileStopped(SqliteFile):
    """As after a crash, by an administrator."""

    def restore(self, running: Process) -> None:
        running.kill()
        self.put_copy()
        running.start()


class ReplacedWhileItRuns(SqliteFile):
    """The process still has the old file open."""

    lost = 5

    def restore(self, running: Process) -> None:
        self.put_copy()


class RestoredWhileItRuns(SqliteFile):
    """With SQLite's own tool, `.restore`."""

    lost = 5

    def restore(self, running: Process) -> None:
        with closing(sqlite3.connect(self.backup)) as source, closing(sqlite3.connect(self.file, timeout=30)) as target:
            source.backup(target)


class KilledMariaDb(Database):
    """Its files are replaced while it is away."""

    def __init__(self, place: Path, mariadb: MariaDb) -> None:
        super().__init__(place)
        self.mariadb = mariadb

    @property
    def data(self) -> Path:
        return self.mariadb.directory / "data"

    @property
    def backup(self) -> Path:
        return self.mariadb.directory / "backup"

    def copy(self) -> None:
        self.mariadb.stop()
        subprocess.run(["cp", "-a", self.data, self.backup], check=True)
        self.mariadb.start()

    def restore(self, running: Process) -> None:
        self.mariadb.kill()
        shutil.rmtree(self.data)
        self.backup.rename(self.data)
        self.mariadb.start()


def stored(url: str) -> list[datetime]:
    """The times of all samples, with fractions of seconds, as the database has them."""
    with evidence(url) as found:
        return [datetime.fromisoformat(str(at)) for (at,) in found.rows("SELECT recorded_at FROM monitor_data")]


def check(running: Process, url: str, database: Database) -> None:
    """Nothing that was acknowledged is missing in the end, and nothing is there twice."""
    with running.admin() as admin:
        made = admin.post("/api/servers", {"server_name": "host", "ip_address": "10.0.0.1"}).data
        key = admin.post("/api/api-keys", {"name": "agent", "server_id": made["id"]}).data["key"]
    with agent(running.home, API_URL=running.origin, API_KEY=key, INTERVAL="1") as host:
        wait_for(lambda: len(stored(url)) >= 5, "the first samples")
        database.copy()
        enough = len(stored(url)) + database.lost
        wait_for(lambda: len(stored(url)) >= enough, "the samples to lose")
        acknowledged = set(stored(url))
        database.restore(running)
        assert len(acknowledged - set(stored(url))) >= database.lost - 1
        wait_for(lambda: any("samples are sent again" in line for line in host.said), "the agent to notice")
        wait_for(lambda: acknowledged <= set(stored(url)), "what was lost")
        times = sorted(stored(url))
    assert len(set(times)) == len(times)
    assert all(later - earlier < timedelta(seconds=1.6) for earlier, later in pairwise(times))
    assert "Traceback" not in running.said


@pytest.mark.parametrize("kind", [ReplacedWhileStopped, ReplacedWhileItRuns, RestoredWhileItRuns])
def test_sqlite_is_replaced_by_a_backup(tmp_path: Path, kind: type[SqliteFile]):
    database = kind(tmp_path)
    url = f"sqlite:///{database.file}"
    with server(tmp_path, url) as running:
        check(running, url, database)


def test_mariadb_comes_back_on_an_older_copy_of_its_files(tmp_path: Path, own_mariadb: MariaDb):
    url = own_mariadb.url(own_mariadb.create_database())
    with server(tmp_path, url) as running:
        check(running, url, KilledMariaDb(tmp_path, own_mariadb))
