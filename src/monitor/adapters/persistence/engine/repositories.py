"""Base classes of repositories and queries, and the log of what a unit of work changes in the fleet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Select, delete, insert, select, update

from monitor.adapters.persistence.engine.engine import connected
from monitor.adapters.persistence.tables.fleet import fleet_log, fleet_revision
from monitor.application.fleet.ports import Tracked
from monitor.application.ports import NO_KEY, Cipher

REVISIONS_KEPT = 10_000
"""Revisions in the log. A process that is further behind reads the whole fleet."""


class FleetLog:
    """Changes that a unit of work makes to what processes hold in memory.

    Processes hold users, teams, servers (except liveness), links, keys, policies, silences, channels, preferences and
    the roster.
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
        """Raise the fleet's revision if anything changed. Last in a transaction: others wait for the revision's row."""
        if not self._noted:
            return False
        self._connection.execute(update(fleet_revision).values(revision=fleet_revision.c.revision + 1))
        revision = self._connection.scalars(select(fleet_revision.c.revision)).one()
        rows = [{"revision": revision, "part": part, "object_id": id_} for part, id_ in sorted(self._noted)]
        self._connection.execute(insert(fleet_log), rows)
        self._connection.execute(delete(fleet_log).where(fleet_log.c.revision <= revision - REVISIONS_KEPT))
        self._noted.clear()
        return True


@dataclass(eq=False)
class SqlRepository:
    """Repository of one unit of work. It notes in the log what changes the fleet."""

    _connection: Connection
    _log: FleetLog
    _cipher: Cipher = NO_KEY


@dataclass(eq=False)
class SqlReader:
    """Queries. Each call is a transaction of its own."""

    _engine: Engine
    _cipher: Cipher = NO_KEY

    def _rows(self, wanted: Select[Any]) -> Sequence[Any]:
        with connected(self._engine) as connection:
            return connection.execute(wanted).all()
