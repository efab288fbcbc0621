"""Restores a backup into an empty database of either kind."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, column, delete, func, select
from sqlalchemy import table as named_table
from sqlalchemy.exc import DBAPIError

from monitor.adapters.persistence.backup.backup_file import BackupReader, BackupRefused, Table
from monitor.adapters.persistence.backup.places import empty_place
from monitor.adapters.persistence.backup.snapshot import count_of, set_next_id, tables_of
from monitor.adapters.persistence.backup.taking import Counted, Progress, note
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
    manifest = reader.manifest
    if manifest.revision not in revisions():
        raise BackupRefused(
            f"the backup is of monitor {manifest.version}, whose schema {manifest.revision} this version does not know"
        )
    reader.check(Counted(progress, "checked", manifest.rows))
    with empty_place(url, reader.size) as place, _refusing():
        migrations.upgrade(place, manifest.revision)
        with connected(create_migration_engine(place)) as connection:
            _fill(connection, reader, Counted(progress, "restored", manifest.rows))
        migrations.upgrade(place)
        note(place, now, "backup.restore", target, f"taken {manifest.taken_at}", "command line")
        content = _content(place)
        before_end()
    return content


@contextmanager
def _refusing() -> Iterator[None]:
    """Raise BackupRefused for rows that do not fit the schema."""
    try:
        yield
    except (ConstraintViolated, MigrationRefused, OverflowError) as error:
        raise BackupRefused(f"a row does not fit the schema: {error}") from None
    except DBAPIError as error:
        raise BackupRefused(f"a row does not fit the schema: {error.orig}") from None


def _fill(connection: Connection, reader: BackupReader, count: Counted) -> None:
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection  # outside a transaction
        driver.execute("PRAGMA synchronous = OFF")  # the whole file is written to disk in the end
    present = tables_of(connection)
    stored = {table.name: table for table in reader.manifest.tables}
    if {table.name: {c.name for c in table.columns} for table in present} != {
        name: {*table.columns} for name, table in stored.items()
    }:
        raise BackupRefused("the backup has other tables or columns than its schema")
    for table in reversed(present):
        connection.execute(delete(table))  # rows of the migrations
    connection.commit()
    for table in present:
        _fill_table(connection, stored[table.name], reader, count)


def _fill_table(connection: Connection, table: Table, reader: BackupReader, count: Counted) -> None:
    into = named_table(table.name, *map(column, table.columns))
    statement = _insertion(connection, table)
    for block in reader.blocks(table):
        connection.exec_driver_sql(statement, block)
        connection.commit()
        count(len(block))
    if count_of(connection, into) != table.rows:
        raise BackupRefused(f"{table.name} does not have the rows of the backup")
    if table.next_id is not None:
        set_next_id(connection, table.name, table.next_id)
    connection.commit()


def _insertion(connection: Connection, table: Table) -> str:
    """Return a statement in the driver's own form, whose rows are tuples."""
    quote, mark = connection.dialect.identifier_preparer.quote, "?" if connection.dialect.name == "sqlite" else "%s"
    names, marks = ", ".join(map(quote, table.columns)), ", ".join(mark for _ in table.columns)
    return f"INSERT INTO {quote(table.name)} ({names}) VALUES ({marks})"  # noqa: S608 (names of the schema)


def _content(url: str) -> Content:
    with connected(create_migration_engine(url)) as connection:
        return Content(
            servers=connection.scalar(select(func.count()).where(IS_HOST).select_from(servers)) or 0,
            users=count_of(connection, users),
            last_sample=connection.scalar(select(func.max(monitor_data.c.recorded_at))),
        )
