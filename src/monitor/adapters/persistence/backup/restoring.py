"""Restores a backup into an empty database of either kind."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, select, text
from sqlalchemy.exc import DBAPIError

from monitor.adapters.persistence.backup.backup_file import BackupReader, BackupRefused, Table
from monitor.adapters.persistence.backup.places import empty_place
from monitor.adapters.persistence.backup.taking import Counted, Progress, count_of, note, tables_of
from monitor.adapters.persistence.engine import migrations
from monitor.adapters.persistence.engine.engine import connected, create_migration_engine
from monitor.adapters.persistence.engine.migration_plans import MigrationRefused, revisions
from monitor.adapters.persistence.tables.accounts import users
from monitor.adapters.persistence.tables.fleet import IS_HOST, servers
from monitor.adapters.persistence.tables.history import monitor_data
from monitor.domain.errors import ConstraintViolated


class Content(NamedTuple):
    """What a database holds."""

    servers: int
    users: int
    last_sample: datetime | None


def restore(
    url: str, reader: BackupReader, *, target: str, now: datetime, progress: Progress, before_end: Callable[[], object]
) -> Content:
    """Fill the empty database at *url*, and migrate it to the newest schema. Without success it stays empty.

    *target*: what the audit log calls the file. *before_end*: called when all rows are there. Raises BackupRefused,
    StorageUnavailable, OSError.
    """
    header = reader.header
    if header.revision not in revisions():
        raise BackupRefused(f"it is of monitor {header.version}: this version does not know schema {header.revision}")
    reader.check(Counted(progress, "checked", header.rows))
    with empty_place(url, reader.size) as place:
        try:
            migrations.upgrade(place, header.revision)
            with connected(create_migration_engine(place)) as connection:
                _fill(connection, reader, Counted(progress, "restored", header.rows))
            migrations.upgrade(place)
        except (ConstraintViolated, DBAPIError, MigrationRefused, OverflowError) as error:
            raise BackupRefused(f"a row does not fit the schema: {getattr(error, 'orig', error)}") from None
        note(place, now, "backup.restore", target, f"taken {header.taken_at}")
        content = _content(place)
        before_end()
    return content


def _fill(connection: Connection, reader: BackupReader, count: Counted) -> None:
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection  # outside a transaction
        driver.execute("PRAGMA synchronous = OFF")  # the whole file is written to disk in the end
    present = tables_of(connection)
    tables = {table.name: table for table in reader.header.tables}
    if {table.name: {*table.columns.keys()} for table in present} != {
        name: {*table.columns} for name, table in tables.items()
    }:
        raise BackupRefused("the backup has other tables or columns than its schema")
    for source in reversed(present):
        connection.execute(delete(source))  # rows of the migrations
    statements = {name: _insertion(connection, table) for name, table in tables.items()}
    for table, block in reader.blocks():
        connection.exec_driver_sql(statements[table.name], block)
        connection.commit()
        count(len(block))
    for source in present:
        if count_of(connection, source) != tables[source.name].rows:
            raise BackupRefused(f"{source.name} has other rows than the backup")
        _set_next_id(connection, tables[source.name])
    connection.commit()


def _insertion(connection: Connection, table: Table) -> str:
    """Return a statement in the driver's own form, whose rows are tuples."""
    quote, mark = connection.dialect.identifier_preparer.quote, "?" if connection.dialect.name == "sqlite" else "%s"
    names, marks = ", ".join(map(quote, table.columns)), ", ".join(mark for _ in table.columns)
    return f"INSERT INTO {quote(table.name)} ({names}) VALUES ({marks})"  # noqa: S608 (names of the schema)


def _set_next_id(connection: Connection, table: Table) -> None:
    if table.next_id is None:
        return
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(f"ALTER TABLE {table.name} AUTO_INCREMENT = {table.next_id:d}")
        return
    last = {"name": table.name, "last": table.next_id - 1}
    connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), last)
    connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), last)


def _content(url: str) -> Content:
    with connected(create_migration_engine(url)) as connection:
        return Content(
            servers=connection.scalar(select(func.count()).select_from(servers).where(IS_HOST)) or 0,
            users=count_of(connection, users),
            last_sample=connection.scalar(select(func.max(monitor_data.c.recorded_at))),
        )
