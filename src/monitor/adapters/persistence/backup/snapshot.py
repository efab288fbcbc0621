"""The rows of a database at one moment, in values that are equal on every database: times stay text."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, TableClause, column, func, inspect, select, table, text
from sqlalchemy.exc import DBAPIError

from monitor.adapters.persistence.backup.backup_file import BackupRefused, Row, Table
from monitor.adapters.persistence.engine.engine import connected, create_migration_engine
from monitor.adapters.persistence.engine.migration_lease import TABLE as LEASE
from monitor.adapters.persistence.engine.schema_state import has_part_of_restore, noted_step, revision_of

_LEFT_OUT = {"alembic_version", LEASE, "store_epoch"}
"""The revision is in the header. Without its epoch a restored store begins a new one, so that agents send again."""
_ROWS_AT_ONCE = 100
"""Rows may have several hundred kB."""
_NEXT_ID = re.compile(r" AUTO_INCREMENT=(\d+)")


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
    """Return the tables of a backup, with parents before their children."""
    found = inspect(connection)
    names = [name for name, _ in found.get_sorted_table_and_fkc_names() if name is not None and name not in _LEFT_OUT]
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
