from collections.abc import Collection
from typing import Any

from sqlalchemy import Column, Connection, func, insert, select

from monitor.adapters.persistence.row_locks import locked_row
from monitor.adapters.persistence.tables import api_keys, policy_makers, server_makers, silences
from monitor.application.ports.makers import Makers
from monitor.domain.actors import UserId
from monitor.domain.policies import PolicyId
from monitor.domain.quotas import Quota
from monitor.domain.servers import ServerId

_ROW_LOCK = "quotas"
_MADE_BY: dict[Quota, Column[Any]] = {
    Quota.SERVERS: server_makers.c.user_id,
    Quota.SILENCES: silences.c.created_by,
    Quota.POLICIES: policy_makers.c.user_id,
    Quota.KEYS: api_keys.c.owner_id,
}


class SqlMakers(Makers):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count(self, user_id: UserId, what: Quota) -> int:
        # Not the person's own row: whoever writes what refers to it, such as the intake, would wait as well.
        locked_row(self._connection, _ROW_LOCK)
        maker = _MADE_BY[what]
        return int(self._connection.scalars(select(func.count()).where(maker == user_id)).one())

    def made_servers(self, user_id: UserId, server_ids: Collection[ServerId]) -> None:
        rows = [{"server_id": server_id, "user_id": user_id} for server_id in server_ids]
        if rows:
            self._connection.execute(insert(server_makers), rows)

    def made_policy(self, user_id: UserId, policy_id: PolicyId) -> None:
        self._connection.execute(insert(policy_makers).values(policy_id=policy_id, user_id=user_id))
