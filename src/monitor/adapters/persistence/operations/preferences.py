from collections.abc import Mapping

from sqlalchemy import Connection, select

from monitor.adapters.persistence.engine.row_locks import FleetChanges
from monitor.adapters.persistence.engine.statements import upsert
from monitor.adapters.persistence.tables.operations import preferences as t
from monitor.application.fleet.ports import Preferences


class SqlPreferences(Preferences):
    def __init__(self, connection: Connection, changes: FleetChanges) -> None:
        self._connection = connection
        self._changes = changes

    def all(self) -> dict[str, float]:
        return all_preferences(self._connection)

    def save(self, values: Mapping[str, float]) -> None:
        if not values:
            return
        statement = upsert(self._connection, t, key="name", changes=lambda new: {"value": new.value})
        self._connection.execute(statement, [{"name": name, "value": value} for name, value in sorted(values.items())])
        self._changes.note()


def all_preferences(connection: Connection) -> dict[str, float]:
    return {row.name: row.value for row in connection.execute(select(t))}
