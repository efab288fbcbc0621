"""Parts of SQL statements that several repositories share."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Insert, String, Table, insert, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

T = TypeVar("T")

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
