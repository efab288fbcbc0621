"""Changes of tables and rows in migrations. See decision 59.

MySQL commits each statement that changes a table, so an interrupted step leaves a part of its changes. The next run
begins the step anew, and here the changes that are there already succeed. Loaded by alembic's env.py.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import op
from alembic.ddl.base import AddColumn, DropColumn, RenameTable
from alembic.ddl.mysql import MariaDBImpl, MySQLChangeColumn, MySQLImpl
from alembic.operations import BatchOperations
from sqlalchemy import Connection, CursorResult, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import AddConstraint, CreateIndex, CreateTable, DDLElement, DropConstraint, DropIndex, DropTable

from monitor.adapters.persistence.engine.schema_state import BEGUN

_IS_GONE = {1091, 1146}  # no such column or key, no such table
_DONE: dict[type, set[int]] = {
    CreateTable: {1050},
    DropTable: {1051},
    RenameTable: {1146},
    AddColumn: {1060},
    DropColumn: _IS_GONE,
    MySQLChangeColumn: {1054},  # a new name: the column is not found by the old one
    CreateIndex: {1061},
    DropIndex: _IS_GONE,
    # Unique, foreign key (MariaDB, MySQL), check, primary key.
    AddConstraint: {1061, 1005, 1022, 1826, 1068},
    DropConstraint: _IS_GONE,
}
"""The server's errors by which it says that a change is there already."""
_IS_DROPPED = {1054, 1146}
"""Errors of a statement on rows that was done before: a later change of the same step dropped what it needs."""


class _Resuming(MySQLImpl):
    """Not asked first: a statement of a killed process may still run on the server, and be done only a moment later."""

    def _exec(self, construct: Any, *args: Any, **options: Any) -> CursorResult[Any] | None:
        try:
            return super()._exec(construct, *args, **options)
        except DBAPIError as error:
            if _code(error) not in self._done_by(construct):
                raise
            return None

    def _done_by(self, construct: object) -> set[int]:
        if not isinstance(construct, DDLElement):
            return _IS_DROPPED if self.context_opts.get(BEGUN) else set()
        return next((codes for kind, codes in _DONE.items() if isinstance(construct, kind)), set())


class _ResumingMySql(_Resuming):
    __dialect__ = "mysql"


class _ResumingMariaDb(_Resuming, MariaDBImpl):
    __dialect__ = "mariadb"


def _code(error: DBAPIError) -> Any:
    return error.orig.args[0] if error.orig is not None and error.orig.args else None


@contextmanager
def changing(table: str) -> Iterator[BatchOperations]:
    """Change constraints of a table whose ids are used once: SQLite copies it, and would forget ids of deleted rows."""
    connection = op.get_bind()
    is_sqlite = connection.dialect.name == "sqlite"
    last_id = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
    last = connection.scalar(last_id, {"name": table}) if is_sqlite else None
    with op.batch_alter_table(
        table, recreate="always" if is_sqlite else "never", table_kwargs={"sqlite_autoincrement": True}
    ) as batch:
        yield batch
    if last is not None:
        connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table})
        put = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)")
        connection.execute(put, {"name": table, "seq": last})


def has_column(connection: Connection, table: str, column: str) -> bool:
    """Return whether it is there: it is not, if an interrupted run of the same step has dropped it."""
    return column in {each["name"] for each in inspect(connection).get_columns(table)}


def delete_rows(connection: Connection, table: str, where: str) -> None:
    """Delete rows of *table*. SQLite follows no foreign keys in a migration, so they are followed here."""
    connection.execute(text(f"DELETE FROM {table} WHERE {where}"))  # noqa: S608 (a migration's own names)
    if connection.dialect.name == "sqlite":
        _follow(connection, table)


def _follow(connection: Connection, parent: str) -> None:
    found = inspect(connection)
    for child in found.get_table_names():
        for link in found.get_foreign_keys(child):
            if link["referred_table"] != parent:
                continue
            [column], [target] = link["constrained_columns"], link["referred_columns"]
            left = f"{column} IS NOT NULL AND {column} NOT IN (SELECT {target} FROM {parent})"  # noqa: S608 (names of our own)
            if link["options"].get("ondelete") == "SET NULL":
                connection.execute(text(f"UPDATE {child} SET {column} = NULL WHERE {left}"))  # noqa: S608 (names of our own)
            elif connection.execute(text(f"DELETE FROM {child} WHERE {left}")).rowcount:  # noqa: S608 (names of our own)
                _follow(connection, child)
