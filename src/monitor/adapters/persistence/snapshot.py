from sqlalchemy import Connection, Engine, select, true

from monitor.adapters.persistence.accounts.users import to_user
from monitor.adapters.persistence.alerts.rules import all_policies, all_silences
from monitor.adapters.persistence.engine.engine import connected
from monitor.adapters.persistence.fleet.api_keys import to_api_key
from monitor.adapters.persistence.fleet.servers import load_servers
from monitor.adapters.persistence.notifications.channels import all_channels
from monitor.adapters.persistence.operations import all_preferences
from monitor.adapters.persistence.tables.accounts import users
from monitor.adapters.persistence.tables.fleet import api_keys, fleet_revision
from monitor.application.fleet.ports import FleetQueries, FleetSnapshot
from monitor.application.ports import Cipher
from monitor.domain.accounts.actors import UserId

# On MySQL every statement then sees the state of the first one, as on SQLite always.
_ONE_MOMENT = {"mysql": {"isolation_level": "REPEATABLE READ"}}


class SqlFleetQueries(FleetQueries):
    def __init__(self, engine: Engine, cipher: Cipher) -> None:
        self._engine = engine
        self._cipher = cipher

    def revision(self) -> int:
        with connected(self._engine) as connection:
            return _revision(connection)

    def snapshot(self) -> FleetSnapshot:
        with connected(self._engine, **_ONE_MOMENT.get(self._engine.dialect.name, {})) as connection:
            return FleetSnapshot(
                revision=_revision(connection),
                servers=load_servers(connection, true()),
                api_keys=[to_api_key(row) for row in connection.execute(select(api_keys).order_by(api_keys.c.id))],
                users={UserId(row.id): to_user(row) for row in connection.execute(select(users).order_by(users.c.id))},
                policies=all_policies(connection),
                silences=all_silences(connection),
                channels=all_channels(connection, self._cipher),
                preferences=all_preferences(connection),
            )


def _revision(connection: Connection) -> int:
    return int(connection.scalars(select(fleet_revision.c.revision)).one())
