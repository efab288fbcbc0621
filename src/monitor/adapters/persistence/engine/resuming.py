"""Lets a step of a migration run again where an interrupted run had begun it. See decision 59.

MySQL commits each statement that changes a table, so an interrupted step leaves a part of its changes. The next run
begins the step anew, and here the changes that are there already succeed. Loaded by alembic's env.py.
"""

from typing import Any

from alembic.ddl.base import AddColumn, DropColumn, RenameTable
from alembic.ddl.mysql import MariaDBImpl, MySQLChangeColumn, MySQLImpl
from sqlalchemy import CursorResult
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import AddConstraint, CreateIndex, CreateTable, DDLElement, DropConstraint, DropIndex, DropTable

from monitor.adapters.persistence.engine.step_in_work import BEGUN

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
"""Of a statement on rows that an interrupted run did: a later change of the same step has dropped what it needs."""


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
