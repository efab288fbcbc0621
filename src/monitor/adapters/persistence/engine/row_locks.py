"""The number that tells every process whether what it holds in memory is still so.

Rows that stand for something only one transaction may do at a time.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from monitor.adapters.persistence.engine.statements import upsert
from monitor.adapters.persistence.tables.fleet import fleet_revision
from monitor.adapters.persistence.tables.operations import leases as t


class FleetChanges:
    """Whether a unit of work has changed users, servers (but for liveness), links, keys, policies, silences, channels
    or preferences."""

    def __init__(self) -> None:
        self.any = False

    def note(self, rows: int = 1) -> None:
        """*rows* were changed."""
        self.any = self.any or rows > 0


def raise_revision(connection: Connection) -> None:
    """The last statement of a transaction: all that change the fleet queue up for this row until they end."""
    connection.execute(update(fleet_revision).values(revision=fleet_revision.c.revision + 1))


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
