from sqlalchemy import Engine, select

from monitor.adapters.persistence.api_keys import to_api_key
from monitor.adapters.persistence.engine import connected
from monitor.adapters.persistence.tables import api_keys as t
from monitor.adapters.persistence.visibility import seen_by
from monitor.application.ports.queries import ApiKeyQueries
from monitor.domain.actors import Actor
from monitor.domain.api_keys import ApiKey


class SqlApiKeyQueries(ApiKeyQueries):
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self, actor: Actor, *, after: int | None = None, limit: int | None = None) -> list[ApiKey]:
        wanted = select(t).where(seen_by(actor, t.c.server_id), t.c.id > (after or 0)).order_by(t.c.id).limit(limit)
        with connected(self._engine) as connection:
            return [to_api_key(row) for row in connection.execute(wanted)]
