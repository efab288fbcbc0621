"""Rows that stand for something only one transaction may do at a time."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from monitor.adapters.persistence.tables import leases as t
from monitor.adapters.persistence.upserts import upsert

LONG_AGO = datetime(1970, 1, 2, tzinfo=UTC)


def locked_row(connection: Connection, name: str) -> Row[Any]:
    """The row of `leases` with that name, made where it is missing, and locked until the transaction ends."""
    wanted = select(t).where(t.c.name == name).with_for_update()
    if (row := connection.execute(wanted).one_or_none()) is not None:
        return row
    # Not "INSERT IGNORE": that leaves a shared lock on a row that another has just made, and two such locks a deadlock.
    make = upsert(connection, t, key="name", changes=lambda new: {"name": new.name})
    connection.execute(make, {"name": name, "holder": "", "token": 0, "expires_at": LONG_AGO})
    return connection.execute(wanted).one()
