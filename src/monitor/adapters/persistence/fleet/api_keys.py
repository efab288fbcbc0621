from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, delete, literal, select, update

from monitor.adapters.persistence.engine.engine import connected
from monitor.adapters.persistence.engine.repositories import SqlReader, SqlRepository
from monitor.adapters.persistence.engine.statements import batches, columns_of, entity_of, found_row, insert_row
from monitor.adapters.persistence.fleet.conditions import is_seen_by, must_be_changeable, seen_by
from monitor.adapters.persistence.tables.fleet import api_keys as t
from monitor.application.fleet.ports import ApiKeyQueries, ApiKeys, Tracked
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.fleet.api_keys import ApiKey, ApiKeyId
from monitor.domain.text import as_read


class SqlApiKeys(SqlRepository, ApiKeys):
    def add(self, key: ApiKey) -> ApiKey:
        key = replace(key, id=ApiKeyId(insert_row(self._connection, t, columns_of(key))))
        self._log.note(Tracked.API_KEY, [key.id])
        return key

    def get(self, key_id: ApiKeyId, *, changed_by: Actor) -> ApiKey:
        wanted = select(t).where(t.c.id == key_id, is_seen_by(changed_by, t.c.server_id))
        key = to_api_key(found_row(self._connection, wanted, f"API key {key_id}"))
        must_be_changeable(self._connection, changed_by, [key.server_id] if key.server_id is not None else [])
        return key

    def fleet_keys_of(self, owner_id: UserId) -> list[ApiKey]:
        wanted = select(t).where(t.c.owner_id == owner_id, t.c.server_id.is_(None)).order_by(t.c.id)
        return [to_api_key(row) for row in self._connection.execute(wanted)]

    def delete(self, key_id: ApiKeyId) -> None:
        if self._connection.execute(delete(t).where(t.c.id == key_id)).rowcount:
            self._log.note(Tracked.API_KEY, [key_id])

    def save_last_used(self, last_used: Mapping[ApiKeyId, datetime]) -> None:
        for batch in batches(sorted(last_used)):
            at = case({i: literal(last_used[i], t.c.last_used_at.type) for i in batch}, value=t.c.id)
            self._connection.execute(update(t).where(t.c.id.in_(batch)).values(last_used_at=at))


def to_api_key(row: Row[Any]) -> ApiKey:
    return entity_of(ApiKey, row, name=as_read(row.name))


class SqlApiKeyQueries(SqlReader, ApiKeyQueries):
    def all(self, actor: Actor, *, after: int | None = None, limit: int | None = None) -> list[ApiKey]:
        with connected(self._engine) as connection:
            is_seen = seen_by(connection, actor, t.c.server_id)
            wanted = select(t).where(is_seen, t.c.id > (after or 0)).order_by(t.c.id).limit(limit)
            return [to_api_key(row) for row in connection.execute(wanted)]
