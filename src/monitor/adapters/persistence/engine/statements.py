"""Statements and row locks that several repositories use."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
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
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from monitor.adapters.persistence.tables.fleet import fleet_log, fleet_revision
from monitor.adapters.persistence.tables.operations import leases as t
from monitor.application.fleet.ports import Tracked
from monitor.domain.errors import NotFound

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


def found_row(connection: Connection, wanted: Select[Any], what: str) -> Row[Any]:
    """Return the one row. Raises NotFound, which says *what* is missing."""
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
    names = [field.name for field in fields(kind) if field.name not in others]
    return kind(**{name: getattr(row, name) for name in names}, **others)


def columns_of(entity: "DataclassInstance", *but: str) -> dict[str, Any]:
    """Return the fields, without *but* and the id (which the database gives), for columns with the same names."""
    names = [field.name for field in fields(entity) if field.name not in ("id", *but)]
    return {name: getattr(entity, name) for name in names}


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


REVISIONS_KEPT = 10_000
"""Revisions in the log. A process that is further behind reads the whole fleet."""


class FleetLog:
    """What a unit of work changes of that which processes hold in memory.

    That is: users, servers (except liveness), links, keys, policies, silences, channels and preferences.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._noted: set[tuple[Tracked, int]] = set()

    def __bool__(self) -> bool:
        return bool(self._noted)

    def note(self, part: Tracked, ids: Iterable[int] = (0,)) -> None:
        """Note what was changed or deleted. *ids*: of servers, keys or users; other parts change as a whole."""
        self._noted.update((part, id_) for id_ in ids)

    def write(self) -> bool:
        """Raise the fleet's revision if anything changed, and tell whether it did.

        Last statements of a transaction: others that change the fleet wait for the revision's row.
        """
        if not self._noted:
            return False
        self._connection.execute(update(fleet_revision).values(revision=fleet_revision.c.revision + 1))
        revision = self._connection.scalars(select(fleet_revision.c.revision)).one()
        rows = [{"revision": revision, "part": part, "object_id": id_} for part, id_ in sorted(self._noted)]
        self._connection.execute(insert(fleet_log), rows)
        self._connection.execute(delete(fleet_log).where(fleet_log.c.revision <= revision - REVISIONS_KEPT))
        self._noted.clear()
        return True


class SqlRepository:
    """Repository of one unit of work. It notes in *log* what changes the fleet."""

    def __init__(self, connection: Connection, log: FleetLog) -> None:
        self._connection = connection
        self._log = log


LONG_AGO = datetime(1970, 1, 2, tzinfo=UTC)


def locked_row(connection: Connection, name: str) -> Row[Any]:
    """Return the row of `leases` with that name, created if missing, and locked until the transaction ends."""
    wanted = select(t).where(t.c.name == name).with_for_update()
    if (row := connection.execute(wanted).one_or_none()) is not None:
        return row
    # Not "INSERT IGNORE": it takes a shared lock on a row that another has just made, and two such locks deadlock.
    make = upsert(connection, t, key="name", changes=lambda new: {"name": new.name})
    connection.execute(make, {"name": name, "holder": "", "token": 0, "expires_at": LONG_AGO})
    return connection.execute(wanted).one()


def take_turn(connection: Connection, name: str) -> None:
    """Let transactions that take a turn of this *name* run one after the other, until each ends.

    Locks are local to a node of a cluster, so a row is changed: of two transactions on different nodes, one gets
    TransactionConflict.
    """
    raised = update(t).where(t.c.name == name).values(token=t.c.token + 1)
    if connection.execute(raised).rowcount == 0:
        make = upsert(connection, t, key="name", changes=lambda _: {"token": t.c.token + 1})
        connection.execute(make, {"name": name, "holder": "", "token": 1, "expires_at": LONG_AGO})
