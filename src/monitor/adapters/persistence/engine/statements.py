"""Statements that several repositories use, their rows as entities, and rows as locks."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Insert,
    Row,
    Select,
    String,
    Table,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from monitor.adapters.persistence.tables.operations import leases as t
from monitor.domain.errors import NotFound, TransactionConflict

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")
Entity = TypeVar("Entity", bound="DataclassInstance")

IN_LIST = 500
"""Values in one IN list: databases limit the parameters of a statement."""


def batches(items: Collection[T], size: int = IN_LIST) -> Iterator[list[T]]:
    """Yield *items* in lists of at most *size*."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def insert_row(connection: Connection, table: Table, row: Mapping[str, Any]) -> int:
    """Insert a row and return the id that the database gave it."""
    key = connection.execute(insert(table), row).inserted_primary_key
    assert key is not None  # noqa: S101 (the type allows for other statements)
    return int(key[0])


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], owner: str) -> list[int]:
    """Insert rows and return their ids, which rise in that order, without RETURNING, which MySQL lacks.

    *owner*: a column. Raises TransactionConflict if another transaction meanwhile inserted rows of the same owners.
    """
    if len(rows) < 2:
        return [insert_row(connection, table, row) for row in rows]
    last = connection.scalar(select(func.max(table.c.id))) or 0
    connection.execute(insert(table), rows)
    made = rows_with(connection, select(table.c.id).where(table.c.id > last), table.c[owner], {r[owner] for r in rows})
    ids = sorted(row.id for row in made)
    if len(ids) != len(rows):
        raise TransactionConflict(f"another wrote into {table.name}")
    return ids


def found_row(connection: Connection, wanted: Select[Any], what: str) -> Row[Any]:
    """Return the only row. Raises NotFound that names *what* is missing."""
    row = connection.execute(wanted).one_or_none()
    if row is None:
        raise NotFound(f"no {what}")
    return row


def rows_with(
    connection: Connection, wanted: Select[Any], column: ColumnElement[Any], values: Collection[Any]
) -> Iterator[Any]:
    """Yield the rows of *wanted* that have one of *values* in *column*."""
    for batch in batches(values):
        yield from connection.execute(wanted.where(column.in_(batch)))


def entity_of(kind: type[Entity], row: Any, **others: Any) -> Entity:
    """Return an entity made of the columns that are named like its fields. *others*: fields with another form."""
    return kind(**{name: getattr(row, name) for name in _names_of(kind) if name not in others}, **others)


def columns_of(entity: "DataclassInstance", *but: str) -> dict[str, Any]:
    """Return the fields, without *but* and the id (which the database gives), for columns with the same names."""
    return {name: getattr(entity, name) for name in _names_of(type(entity)) if name not in ("id", *but)}


@cache
def _names_of(kind: "type[DataclassInstance]") -> tuple[str, ...]:
    """Return the names of its fields. Cached: a snapshot of the fleet asks for them with each row."""
    return tuple(field.name for field in fields(kind))


def cut_to_fit(value: str, column: Column[Any]) -> str:
    """Cut a text that is only shown, so that its row can be stored."""
    assert isinstance(column.type, String)  # noqa: S101 (for the type checker)
    return value[: column.type.length]


New = ReadOnlyColumnCollection[str, Any]


def upsert(
    connection: Connection, table: Table, *, key: str | Sequence[str], changes: Callable[[New], Mapping[str, Any]]
) -> Insert:
    """Return an INSERT that makes *changes* (a function of the new row) to the existing row with the same *key*."""
    # Imported when needed: the other database's dialect takes 2 MB.
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite

        in_sqlite = sqlite.insert(table)
        keys = [key] if isinstance(key, str) else key
        return in_sqlite.on_conflict_do_update(index_elements=keys, set_=changes(in_sqlite.excluded))
    from sqlalchemy.dialects import mysql

    in_mysql = mysql.insert(table)
    return in_mysql.on_duplicate_key_update(dict(changes(in_mysql.inserted)))


class Parents:
    """Rows of *table* that a new row may refer to. Those found cannot be deleted until the transaction ends.

    A process decides by its memory, and another may just have deleted the row: that must not be an error.
    """

    def __init__(self, connection: Connection, table: Table) -> None:
        self._connection = connection
        self._id = table.c.id
        self._found: set[int] = set()

    def existing(self, ids: Collection[int]) -> set[int]:
        unknown = sorted(set(ids) - self._found)
        for batch in batches(unknown):
            # The same lock that inserting a reference takes anyway.
            wanted = select(self._id).where(self._id.in_(batch)).order_by(self._id).with_for_update(read=True)
            self._found.update(self._connection.scalars(wanted))
        return self._found.intersection(ids)


@contextmanager
def without_traces(connection: Connection) -> Iterator[None]:
    """Make SQLite erase what is overwritten; otherwise it stays in the free space of the file."""
    if connection.dialect.name != "sqlite":
        yield
        return
    connection.exec_driver_sql("PRAGMA secure_delete = ON")
    try:
        yield
    finally:
        connection.exec_driver_sql("PRAGMA secure_delete = OFF")


LONG_AGO = datetime(1970, 1, 2, tzinfo=UTC)


def locked_row(connection: Connection, name: str) -> Row[Any]:
    """Return the row of `leases` with that name, created if missing, and locked until the transaction ends.

    Locks are local to a node of a cluster: an update under it names what was read, or the row itself is changed.
    """
    wanted = select(t).where(t.c.name == name).with_for_update()
    if (row := connection.execute(wanted).one_or_none()) is not None:
        return row
    # Not "INSERT IGNORE": it takes a shared lock on a row that another has just made, and two such locks deadlock.
    make = upsert(connection, t, key="name", changes=lambda new: {"name": new.name})
    connection.execute(make, {"name": name, "holder": "", "token": 0, "expires_at": LONG_AGO})
    return connection.execute(wanted).one()


def take_turn(connection: Connection, name: str) -> None:
    """Let transactions that take a turn of this *name* run one after the other, until each ends.

    Locks are local to a node of a cluster, so a row is changed: on another node that is a TransactionConflict.
    """
    raised = update(t).where(t.c.name == name).values(token=t.c.token + 1)
    if connection.execute(raised).rowcount == 0:
        make = upsert(connection, t, key="name", changes=lambda _: {"token": t.c.token + 1})
        connection.execute(make, {"name": name, "holder": "", "token": 1, "expires_at": LONG_AGO})


def last_turn(connection: Connection, name: str) -> int:
    """Return the number of the turn that was taken last, 0 before the first."""
    return connection.scalar(select(t.c.token).where(t.c.name == name)) or 0
