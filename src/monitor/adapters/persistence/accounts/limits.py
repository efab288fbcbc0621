"""Guesses of passwords, and the creators of servers, policies, silences, keys and tokens."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, delete, func, insert, select

from monitor.adapters.persistence.engine.repositories import SqlRepository
from monitor.adapters.persistence.engine.statements import columns_of, insert_row, take_turn
from monitor.adapters.persistence.tables.accounts import login_attempts as t
from monitor.adapters.persistence.tables.accounts import personal_tokens, policy_makers, server_makers
from monitor.adapters.persistence.tables.fleet import api_keys
from monitor.adapters.persistence.tables.policies import silences
from monitor.application.accounts.credential_ports import LoginAttempts
from monitor.application.accounts.ports import Creators
from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.limits import Guess, GuessKind, Quota
from monitor.domain.fleet.servers import ServerId
from monitor.domain.policies.policies import PolicyId

_ATTEMPTS_LOCK = "login-attempts"


class SqlLoginAttempts(SqlRepository, LoginAttempts):
    """Guesses. Reading them locks them until the transaction ends, or parallel guesses would not see each other."""

    def add(self, guess: Guess, at: datetime) -> int:
        return insert_row(self._connection, t, columns_of(guess) | {"at": at})

    def forgive(self, attempt_id: int) -> None:
        self._connection.execute(delete(t).where(t.c.id == attempt_id))

    def of_account(self, kind: GuessKind, account: str, since: datetime) -> list[datetime]:
        return self._times((t.c.kind == kind) & (t.c.account == account), since)

    def of_source(self, kind: GuessKind, source: str, since: datetime) -> list[datetime]:
        return self._times((t.c.kind == kind) & (t.c.source == source), since)

    def delete_before(self, at: datetime) -> None:
        self._connection.execute(delete(t).where(t.c.at < at))

    def _times(self, condition: ColumnElement[bool], since: datetime) -> list[datetime]:
        take_turn(self._connection, _ATTEMPTS_LOCK)
        return list(self._connection.scalars(select(t.c.at).where(condition, t.c.at >= since).order_by(t.c.at)))


_QUOTAS_LOCK = "quotas"
_MADE_BY: dict[Quota, Column[Any]] = {
    Quota.SERVERS: server_makers.c.user_id,
    Quota.SILENCES: silences.c.created_by,
    Quota.POLICIES: policy_makers.c.user_id,
    Quota.KEYS: api_keys.c.owner_id,
    Quota.TOKENS: personal_tokens.c.user_id,
}


class SqlCreators(SqlRepository, Creators):
    def count(self, user_id: UserId, what: Quota, now: datetime) -> int:
        # The user's own row would also block transactions that insert references to it, such as the intake.
        take_turn(self._connection, _QUOTAS_LOCK)
        counted = _MADE_BY[what] == user_id
        if what is Quota.SILENCES:
            counted &= silences.c.ends_at > now
        return int(self._connection.scalars(select(func.count()).where(counted)).one())

    def note_servers(self, user_id: UserId, server_ids: Collection[ServerId]) -> None:
        rows = [{"server_id": server_id, "user_id": user_id} for server_id in server_ids]
        if rows:
            self._connection.execute(insert(server_makers), rows)

    def note_policy(self, user_id: UserId, policy_id: PolicyId) -> None:
        self._connection.execute(insert(policy_makers).values(policy_id=policy_id, user_id=user_id))
