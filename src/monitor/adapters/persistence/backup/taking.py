"""Takes a backup: the rows of one moment, while the database is used.

Values are equal on every database: those of the drivers, with times as the text that both keep.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, TableClause, column, func, insert, inspect, select, table, text
from sqlalchemy.exc import DBAPIError

from monitor.adapters.persistence.backup.backup_file import (
    BackupReader,
    BackupRefused,
    Header,
    Row,
    Table,
    write_backup,
)
from monitor.adapters.persistence.backup.places import check_replaceable, draft_of
from monitor.adapters.persistence.engine.engine import connected, create_migration_engine, writing
from monitor.adapters.persistence.engine.migration_lease import TABLE as LEASE
from monitor.adapters.persistence.engine.migration_plans import revisions
from monitor.adapters.persistence.engine.schema_state import (
    SchemaVersion,
    has_part_of_restore,
    noted_step,
    revision_of,
    version_of,
)
from monitor.adapters.persistence.tables import metadata
from monitor.adapters.persistence.tables.operations import audit_log

Progress = Callable[[str, int, int], object]
"""Called with what happens to the rows, how many are done, and how many there are."""

_LEFT_OUT = {"alembic_version", LEASE, "store_epoch"}
"""The revision is in the header. Without its epoch a restored store begins a new one, so that agents send again."""
_OLDER = {"bulletins"}
"""Tables of older schemas alone."""
_ROWS_AT_ONCE = 100
"""Rows may have several hundred kB."""
_NEXT_ID = re.compile(r" AUTO_INCREMENT=(\d+)")


@dataclass(slots=True)
class Counted:
    progress: Progress
    what: str
    total: int
    done: int = 0

    def __call__(self, rows: int) -> None:
        self.done += rows
        self.progress(self.what, self.done, self.total)


def back_up(
    url: str, path: Path, keys: Mapping[str, str], *, now: datetime, version: str, progress: Progress
) -> Header:
    """Write a backup of the database at *url* to *path*, which appears when it was read back and compared.

    *keys*: see `Header`. *version*: of monitor. The schema may be an older one. Raises BackupRefused,
    StorageUnavailable, OSError; there is no new file then.
    """
    check_replaceable(path)
    with draft_of(path) as (draft, file):
        written = _written(url, file, keys, now, version, progress)
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        reader = BackupReader(file)
        if (reader.header, reader.check(Counted(progress, "compared", reader.header.rows))) != written:
            raise BackupRefused("what was written reads differently: check the disk")
        draft.replace(path)
    return reader.header


def _written(
    url: str, file: IO[bytes], keys: Mapping[str, str], now: datetime, version: str, progress: Progress
) -> tuple[Header, bytes]:
    """Return what was written, and its digest."""
    with one_moment(url) as connection:
        revision = known_revision(connection)
        sources = {source.name: source for source in tables_of(connection)}
        header = Header(
            version=version,
            taken_at=f"{now:%Y-%m-%d %H:%M:%S}",
            revision=revision,
            keys=dict(keys),
            tables=tuple(described(connection, source) for source in sources.values()),
        )
        count = Counted(progress, "written", header.rows)
        digest = write_backup(file, header, lambda table: rows_of(connection, sources[table.name]), count)
    return header, digest


def note(url: str, at: datetime, action: str, target: str, detail: str, username: str = "command line") -> None:
    """Write an entry of the audit log, unless the schema is an older one. Raises StorageUnavailable."""
    if version_of(url) not in (SchemaVersion.OLDER, SchemaVersion.NEWER):
        entry = {"at": at, "action": action, "target": target[-255:], "detail": detail, "username": username}
        with writing(create_migration_engine(url)) as connection:
            connection.execute(insert(audit_log), entry)
            connection.commit()


@contextmanager
def one_moment(url: str) -> Iterator[Connection]:
    """Open a connection whose statements all see one moment, and for which no writer waits. Raises BackupRefused."""
    engine = create_migration_engine(url)
    with connected(engine) as connection:
        if engine.dialect.name != "sqlite":
            from pymysql.constants import FIELD_TYPE  # with SQLite the driver is not loaded

            driver: Any = connection.connection.driver_connection
            driver.decoders.pop(FIELD_TYPE.DATETIME)
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            connection.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT")
        try:
            yield connection
        except DBAPIError as error:  # text that is no text, or a table that was changed meanwhile
            raise BackupRefused(f"the database can't be read: {error.orig}") from error


def known_revision(connection: Connection) -> str:
    """Return the revision of the schema. Raises BackupRefused if there is no whole one."""
    if has_part_of_restore(connection):
        raise BackupRefused("a restore into this database has not ended")
    if noted_step(connection):
        raise BackupRefused("an upgrade of the schema was interrupted: run `monitor db upgrade` first")
    revision = revision_of(connection)
    if not revision:
        raise BackupRefused("the database is empty")
    return revision


def tables_of(connection: Connection) -> list[TableClause]:
    """Return the tables of a backup, with parents before their children.

    Tables that others made in the database are left out: no restore takes them. Those of a later version, whose schema
    this code does not know, all count as its own.
    """
    found = inspect(connection)
    ours = {*metadata.tables, *_OLDER} if revision_of(connection) in revisions() else {*found.get_table_names()}
    names = [name for name, _ in found.get_sorted_table_and_fkc_names() if name in ours - _LEFT_OUT]
    return [table(name, *(column(each["name"]) for each in found.get_columns(name))) for name in names]


def described(connection: Connection, source: TableClause) -> Table:
    columns = tuple(source.columns.keys())
    rows = count_of(connection, source)
    return Table(name=source.name, columns=columns, rows=rows, next_id=_next_id_of(connection, source.name))


def count_of(connection: Connection, source: Any) -> int:
    return connection.scalar(select(func.count()).select_from(source)) or 0


def rows_of(connection: Connection, source: TableClause) -> Iterator[Sequence[Row]]:
    """Yield the rows in batches."""
    found = connection.execute(select(source), execution_options={"stream_results": True, "yield_per": _ROWS_AT_ONCE})
    for batch in found.partitions():
        yield [tuple(row) for row in batch]


def _next_id_of(connection: Connection, name: str) -> int | None:
    """Return the id that the next row gets. On MySQL that of now, which is not below the one of the moment."""
    if connection.dialect.name == "sqlite":
        last = connection.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": name})
        return None if last is None else int(last) + 1
    # Not from the tables of information_schema, which MySQL 8 keeps for a day.
    made = str(connection.exec_driver_sql(f"SHOW CREATE TABLE {name}").one()[1])
    found = _NEXT_ID.search(made.rpartition("\n)")[2])
    return None if found is None else int(found[1])
