"""Store personal tokens, and find their owners."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, delete, or_, select, update

from monitor.adapters.persistence.accounts.users import OWNER, owner_of
from monitor.adapters.persistence.engine.engine import connected
from monitor.adapters.persistence.engine.repositories import SqlReader, SqlRepository
from monitor.adapters.persistence.engine.statements import (
    columns_of,
    cut_to_fit,
    entity_of,
    found_row,
    insert_row,
    rows_with,
)
from monitor.adapters.persistence.tables.accounts import personal_tokens as t
from monitor.adapters.persistence.tables.accounts import users
from monitor.application.accounts.credential_ports import PersonalTokenQueries, PersonalTokens, TokenOwner
from monitor.domain.accounts.actors import Actor, PersonalTokenId, UserId
from monitor.domain.accounts.personal_tokens import PersonalToken, TokenUse
from monitor.domain.accounts.sessions import SignIn
from monitor.domain.text import as_read


class SqlPersonalTokens(SqlRepository, PersonalTokens):
    def add(self, token: PersonalToken) -> PersonalToken:
        return replace(token, id=PersonalTokenId(insert_row(self._connection, t, columns_of(token))))

    def get(self, token_id: PersonalTokenId, *, user_id: UserId) -> PersonalToken:
        wanted = select(t).where(t.c.id == token_id, t.c.user_id == user_id).with_for_update()
        return _to_token(found_row(self._connection, wanted, f"token {token_id}"))

    def delete(self, token_id: PersonalTokenId) -> None:
        self._connection.execute(delete(t).where(t.c.id == token_id))

    def save_uses(self, uses: Mapping[PersonalTokenId, TokenUse]) -> None:
        for token_id, use in sorted(uses.items()):  # in one order, so that two processes don't wait for each other
            is_newer = or_(t.c.last_used_at.is_(None), t.c.last_used_at < use.at)
            address = cut_to_fit(use.address, t.c.last_address)
            changed = update(t).where(t.c.id == token_id, is_newer).values(last_used_at=use.at, last_address=address)
            self._connection.execute(changed)


def _to_token(row: Row[Any]) -> PersonalToken:
    return entity_of(PersonalToken, row, name=as_read(row.name))


class SqlPersonalTokenQueries(SqlReader, PersonalTokenQueries):
    def all(self, actor: Actor, *, after: int | None = None, limit: int | None = None) -> list[PersonalToken]:
        mine = (t.c.user_id == actor.user_id) & (t.c.id > (after or 0))
        return [_to_token(row) for row in self._rows(select(t).where(mine).order_by(t.c.id).limit(limit))]

    def owner(self, wanted: bytes | PersonalTokenId) -> TokenOwner | None:
        condition = t.c.digest == wanted if isinstance(wanted, bytes) else t.c.id == wanted
        with connected(self._engine) as connection:
            row = connection.execute(_OWNERS.where(condition)).one_or_none()
        return None if row is None else _to_owner(row)

    def owners(self, token_ids: Collection[PersonalTokenId]) -> dict[PersonalTokenId, TokenOwner]:
        if not token_ids:  # most processes have no stream that a token opened
            return {}
        with connected(self._engine) as connection:
            rows = rows_with(connection, _OWNERS, t.c.id, token_ids)
            return {PersonalTokenId(row.token_id): _to_owner(row) for row in rows}


_OWNERS = select(
    *OWNER, t.c.id.label("token_id"), t.c.scope, t.c.expires_at, (users.c.password != "").label("has_password")
).join_from(t, users)


def _to_owner(row: Row[Any]) -> TokenOwner:
    sign_in = SignIn.PASSWORD if row.has_password else SignIn.SSO
    return owner_of(TokenOwner, row, sign_in=sign_in)
