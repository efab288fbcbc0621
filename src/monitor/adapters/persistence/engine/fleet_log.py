"""The log of what changed in the fleet, which processes follow."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, select, update

from monitor.adapters.persistence.tables.fleet import fleet_log, fleet_revision
from monitor.application.fleet.ports import Tracked

REVISIONS_KEPT = 10_000
"""Revisions in the log. A process that is further behind reads the whole fleet."""


class FleetLog:
    """What a unit of work changes of that which processes hold in memory.

    That is: users, teams, servers (except liveness), links, keys, policies, silences, channels and preferences.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._noted: set[tuple[Tracked, int]] = set()

    def __bool__(self) -> bool:
        return bool(self._noted)

    def note(self, part: Tracked, ids: Iterable[int] = (0,)) -> None:
        """Note what was changed or deleted. *ids*: of servers, keys, users or teams; other parts change as a whole."""
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
