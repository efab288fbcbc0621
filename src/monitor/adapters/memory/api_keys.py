from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from monitor.adapters.memory.database import Database
from monitor.adapters.memory.state import Draft
from monitor.application.ports.api_keys import ApiKeys
from monitor.domain.actors import Actor, UserId
from monitor.domain.api_keys import ApiKey, ApiKeyId
from monitor.domain.errors import ConstraintViolated, NotFound
from monitor.domain.servers import Server, ServerId


def is_visible(key: ApiKey, actor: Actor, servers: Mapping[ServerId, Server]) -> bool:
    return actor.is_admin or (key.server_id is not None and actor.user_id in servers[key.server_id].user_ids)


class MemoryApiKeys(ApiKeys):
    def __init__(self, database: Database, draft: Draft) -> None:
        self._database = database
        self._draft = draft

    def add(self, key: ApiKey) -> ApiKey:
        if key.server_id is not None and key.server_id not in self._draft.servers:
            raise ConstraintViolated("the server is gone")
        if key.owner_id is not None and key.owner_id not in self._draft.users:
            raise ConstraintViolated("the owner is gone")
        if any(key.digest == other.digest for other in self._draft.api_keys.values()):
            raise ConstraintViolated("the same key is stored already")
        key = replace(key, id=ApiKeyId(self._database.next_id("api_keys")))
        self._draft.api_keys[key.id] = key
        self._draft.fleet_changed = True
        return key

    def get(self, key_id: ApiKeyId, *, visible_to: Actor) -> ApiKey:
        key = self._draft.api_keys.get(key_id)
        if key is None or not is_visible(key, visible_to, self._draft.servers):
            raise NotFound(f"no API key {key_id}")
        return key

    def fleet_keys_of(self, owner_id: UserId) -> list[ApiKey]:
        keys = self._draft.api_keys.values()
        return [key for key in keys if key.server_id is None and key.owner_id == owner_id]

    def delete(self, key_id: ApiKeyId) -> None:
        if self._draft.api_keys.pop(key_id, None) is not None:
            self._draft.fleet_changed = True

    def save_last_used(self, last_used: Mapping[ApiKeyId, datetime]) -> None:
        for key_id, at in last_used.items():
            if (key := self._draft.api_keys.get(key_id)) is not None:
                self._draft.api_keys[key_id] = replace(key, last_used_at=at)
