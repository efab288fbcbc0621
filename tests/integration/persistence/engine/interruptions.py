"""Interrupts each step of the schema at any of its statements, on a database with rows in every table.

What a step is tried on are snapshots: of each revision, with two rows in each of its tables.
"""

import os
import re
import shutil
import signal
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Enum, MetaData, Table, event, insert, inspect, select, text

from monitor.adapters.persistence.engine import migrations
from monitor.adapters.persistence.engine.engine import create_migration_engine
from monitor.adapters.persistence.engine.migration_lease import TABLE as LEASE
from monitor.adapters.persistence.engine.migration_plans import revisions
from monitor.cli.commands import monitor
from monitor.domain.history.codec import encode
from tests.documents import ROOT
from tests.fakes.cipher import TransparentCipher
from tests.integration.cli.running import run
from tests.integration.persistence.history.test_migrations import hour

CHANGES = ("CREATE", "DROP", "ALTER", "INSERT", "UPDATE", "DELETE", "REPLACE")
CIPHER = TransparentCipher("a key")
ENCRYPTED = CIPHER.encrypt("{}", "channels.encrypted:1")
STEPS = sorted(revisions())
VALUES: dict[tuple[str, str], Any] = {
    ("history_rollups", "data"): encode(hour(7)),
    ("history_rollups", "width"): 3600,
    ("alerts", "metric"): "offline",
    ("channels", "settings"): "{}",
    ("channels", "encrypted"): None,
    ("users", "role"): "user",
    ("servers", "status"): "online",
    ("servers", "kind"): "host",
    ("alert_policies", "direction"): "above",
}
"""What a step reads, and so must make sense to it."""
MORE = {
    "0008": ["UPDATE alert_policies SET warning = 3, clear_margin = 5 WHERE id = 1"],
    "0013": ["UPDATE users SET username_key = NULL WHERE id = 2"],
    "0015": [f"UPDATE channels SET encrypted = {ENCRYPTED!r} WHERE id = 1"],  # noqa: S608
    "0022": ["UPDATE history_chunks SET archived = 1 WHERE server_id = 2"],
    "0028": ["UPDATE servers SET kind = 'http', host_id = 1 WHERE id = 2"],
    "0029": ["UPDATE alert_policies SET kind = 'range' WHERE id = 2", "UPDATE alerts SET kind = 'range' WHERE id = 2"],
    "0034": [
        "UPDATE teams SET escalation_id = id",
        "UPDATE alert_policies SET escalation_id = id",
        "UPDATE notifications SET target = 'user:1:1', event_kind = 'step' WHERE id = 1",
        "UPDATE notifications SET event_kind = 'handed_over', reason = 'quiet_hours' WHERE id = 2",
        "UPDATE alert_timeline SET event_kind = 'step', left_out = '[[\"not_on_call\",1,null]]' WHERE id = 1",
    ],
}
"""Rows of the kinds that a step brought, which its way back must see to."""


class Interrupted(Exception):
    pass


def end_this() -> None:
    raise Interrupted


def kill_this_process() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def interruption(before: int, end: Callable[[], None] = end_this) -> Iterator[list[str]]:
    """Interrupt before the given one of the statements that change something. Yield those that were run."""
    done: list[str] = []

    def interrupt(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if LEASE in statement or not statement.lstrip().startswith(CHANGES):
            return
        if len(done) + 1 == before:
            end()
        done.append(statement)

    event.listen(Engine, "before_cursor_execute", interrupt)
    try:
        yield done
    finally:
        event.remove(Engine, "before_cursor_execute", interrupt)


def is_interrupted(before: int, migrate: Callable[[str, str], None], url: str, revision: str) -> bool:
    try:
        with interruption(before):
            migrate(url, revision)
    except Interrupted:
        return True
    return False


def killed(before: int, home: Path, *command: str, settings: dict[str, str]) -> bool:
    """Run `monitor` in a process that kills itself before the given statement. Return whether it came that far."""
    child = (sys.executable, "-m", __name__, str(before))
    done = run(ROOT, *command, command=child, settings=settings | {"HOME": str(home)})
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """*tables*: how each is made. *rows*: of each, in the order of all their values."""

    tables: dict[str, str]
    rows: dict[str, Rows]

    @property
    def schema(self) -> dict[str, list[str]]:
        """Without the order of columns and keys, and without the next id."""
        return {name: _parts(made) for name, made in self.tables.items()}


def _parts(made: str) -> list[str]:
    without_next_id = re.sub(r" AUTO_INCREMENT=\d+", "", made)
    return sorted(part.rstrip(") ") for part in re.split(r",?\n|, (?=[A-Z\"`])", without_next_id))


class Place(ABC):
    """A database that can be brought back to a snapshot."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._at: dict[str, Snapshot] = {}

    @abstractmethod
    def restore(self, snapshot: Snapshot) -> None: ...

    @abstractmethod
    def how_made(self, connection: Connection, table: str) -> str: ...

    def snapshot(self) -> Snapshot:
        with create_migration_engine(self.url).connect() as connection:
            names = sorted(set(inspect(connection).get_table_names()) - {LEASE})
            return Snapshot(
                {name: self.how_made(connection, name) for name in names},
                {name: _rows(connection, name) for name in names},
            )

    def at(self, revision: str) -> Snapshot:
        """Return the snapshot of *revision*, made from that of the one before."""
        if revision not in self._at:
            if revision == "base":
                migrations.upgrade(self.url)
                migrations.downgrade(self.url, "base")
            else:
                self.restore(self.at(before(revision)))
                migrations.upgrade(self.url, revision)
                with create_migration_engine(self.url).begin() as connection:
                    fill(connection, revision)
            self._at[revision] = self.snapshot()
        return self._at[revision]


def up(url: str, revision: str) -> None:
    migrations.upgrade(url, revision)


def down(url: str, revision: str) -> None:
    migrations.downgrade(url, revision, CIPHER)


def before(revision: str) -> str:
    place = STEPS.index(revision)
    return STEPS[place - 1] if place else "base"


def _rows(connection: Connection, table: str) -> Rows:
    found = connection.execute(select(text("*")).select_from(text(table))).mappings()
    return sorted((dict(sorted(dict(row).items())) for row in found), key=repr)


def fill(connection: Connection, revision: str) -> None:
    """Insert two rows into each table that has none."""
    found = MetaData()
    found.reflect(connection)
    for table in found.sorted_tables:
        if table.name not in ("alembic_version", LEASE) and not connection.execute(select(table).limit(1)).first():
            connection.execute(insert(table), [_row(table, number) for number in (1, 2)])
    for statement in MORE.get(revision, ()):
        connection.exec_driver_sql(statement.replace("%", "%%"))


def _row(table: Table, number: int) -> dict[str, Any]:
    return {column.name: VALUES.get((table.name, column.name), _value(column.type, number)) for column in table.columns}


def _value(kind: Any, number: int) -> Any:
    if isinstance(kind, Enum):
        return kind.enums[number - 1]
    values: dict[type, Any] = {
        bool: number == 1,
        str: f"{number}",
        bytes: bytes([number] * (getattr(kind, "length", None) or 1)),
        datetime: datetime(2030, 1, number),  # noqa: DTZ001 (as the database has it)
    }
    return values.get(kind.python_type, number)


class SqlitePlace(Place):
    """The snapshots' files lie beside it."""

    def __init__(self, directory: Path) -> None:
        super().__init__(f"sqlite:///{directory / 'monitor.db'}")
        self._file = directory / "monitor.db"
        self._files: dict[int, Path] = {}
        self._numbers = count()

    def how_made(self, connection: Connection, table: str) -> str:
        made = connection.exec_driver_sql(
            "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL", (table,)
        )
        return "\n".join(" ".join(statement.split()) for statement in made.scalars())

    def snapshot(self) -> Snapshot:
        with create_migration_engine(self.url).connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        found = super().snapshot()
        self._files[id(found)] = Path(shutil.copy(self._file, self._file.with_suffix(f".{next(self._numbers)}")))
        return found

    def restore(self, snapshot: Snapshot) -> None:
        for suffix in ("-wal", "-shm"):
            self._file.with_name(self._file.name + suffix).unlink(missing_ok=True)
        shutil.copy(self._files[id(snapshot)], self._file)


class MySqlPlace(Place):
    _restored = 0

    def how_made(self, connection: Connection, table: str) -> str:
        return str(connection.exec_driver_sql(f"SHOW CREATE TABLE {table}").one()[1])

    def restore(self, snapshot: Snapshot) -> None:
        """Make those tables anew that differ.

        Now and then all: MariaDB keeps room for dropped columns until a table is made anew, and rows get too large.
        """
        present = self.snapshot()
        self._restored += 1
        if self._restored % 10 == 0:
            present = replace(present, rows={})
        with create_migration_engine(self.url).begin() as connection:
            connection.exec_driver_sql("SET foreign_key_checks = 0")
            if inspect(connection).has_table(LEASE):
                connection.exec_driver_sql(f"DELETE FROM {LEASE} WHERE id > 2")  # noqa: S608
            for name in present.tables:
                if not _is_same(present, snapshot, name):
                    connection.exec_driver_sql(f"DROP TABLE {name}")
            for name, made in snapshot.tables.items():
                if not _is_same(present, snapshot, name):
                    connection.exec_driver_sql(made.replace("%", "%%"))
                    if rows := snapshot.rows[name]:
                        table = Table(name, MetaData(), autoload_with=connection, resolve_fks=False)
                        connection.execute(insert(table), rows)


def _is_same(one: Snapshot, other: Snapshot, table: str) -> bool:
    return (one.tables.get(table), one.rows.get(table)) == (other.tables.get(table), other.rows.get(table))


if __name__ == "__main__":  # the process of `killed`
    with interruption(int(sys.argv[1]), kill_this_process):
        monitor(sys.argv[2:])
