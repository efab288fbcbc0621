"""Rows that coordinate transactions: the fleet's revision, and rows of `leases` that are used as locks."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from monitor.adapters.persistence.engine.statements import upsert
from monitor.adapters.persistence.tables.fleet import fleet_revision
from monitor.adapters.persistence.tables.operations import leases as t


class FleetChanges:
    """Whether a unit of work changed what processes hold in memory, so that the fleet's revision must rise.

    That is: users, servers (except liveness), links, keys, policies, silences, channels and preferences.
    """

    def __init__(self) -> None:
        self.any = False

    def note(self, rows: int = 1) -> None:
        """Note that *rows* were changed."""
        self.any = self.any or rows > 0


def raise_revision(connection: Connection) -> None:
    """Raise the revision. Last statement of a transaction: others that change the fleet wait for this row."""
    connection.execute(update(fleet_revision).values(revision=fleet_revision.c.revision + 1))


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
