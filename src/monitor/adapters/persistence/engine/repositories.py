"""What repositories and queries are made of: the connection of a unit of work, or an engine."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Select

from monitor.adapters.persistence.engine.engine import connected
from monitor.adapters.persistence.engine.fleet_log import FleetLog


class SqlRepository:
    """Repository of one unit of work. It notes in *log* what changes the fleet."""

    def __init__(self, connection: Connection, log: FleetLog) -> None:
        self._connection = connection
        self._log = log


class SqlReader:
    """Queries, of which each is a transaction of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def _rows(self, wanted: Select[Any]) -> Sequence[Any]:
        with connected(self._engine) as connection:
            return connection.execute(wanted).all()
