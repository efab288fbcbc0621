"""Rows that belong to one row of another table, each with its place."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Row, delete, insert, select

from monitor.adapters.persistence.engine.statements import rows_with

Parts = Mapping[int, Sequence[Row[Any]]]


def parts_of(connection: Connection, owner: Column[Any], ids: Collection[int]) -> Parts:
    """Return the rows that have one of *ids* in *owner*, by id and in order of their places."""
    found: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    in_order = select(owner.table).order_by(owner.table.c.place)
    for row in rows_with(connection, in_order, owner, ids):
        found[getattr(row, owner.name)].append(row)
    return found


def replace_parts(
    connection: Connection, owner: Column[Any], owner_id: int, rows: Sequence[Mapping[str, object]]
) -> None:
    connection.execute(delete(owner.table).where(owner == owner_id))
    if rows:
        connection.execute(insert(owner.table), [{owner.name: owner_id, **row} for row in rows])
