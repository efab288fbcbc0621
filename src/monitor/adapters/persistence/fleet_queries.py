from sqlalchemy import Connection, Engine, select, true

from monitor.adapters.persistence.api_keys import to_api_key
from monitor.adapters.persistence.engine import connected
from monitor.adapters.persistence.server_rows import load_servers
from monitor.adapters.persistence.tables import api_keys, fleet_revision, users
from monitor.application.ports.queries import FleetQueries, FleetSnapshot
from monitor.domain.actors import UserId

# MySQL then shows every statement the state that the first one saw; a transaction of SQLite's always does.
_ONE_MOMENT = {"mysql": {"isolation_level": "REPEATABLE READ"}}


class SqlFleetQueries(FleetQueries):
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def revision(self) -> int:
        with connected(self._engine) as connection:
            return _revision(connection)

    def snapshot(self) -> FleetSnapshot:
        with connected(self._engine, **_ONE_MOMENT.get(self._engine.dialect.name, {})) as connection:
            return FleetSnapshot(
                revision=_revision(connection),
                servers=load_servers(connection, true()),
                api_keys=[to_api_key(row) for row in connection.execute(select(api_keys).order_by(api_keys.c.id))],
                roles={UserId(row.id): row.role for row in connection.execute(select(users.c.id, users.c.role))},
            )


def _revision(connection: Connection) -> int:
    return int(connection.scalars(select(fleet_revision.c.revision)).one())
