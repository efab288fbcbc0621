"""Identities at the issuer of single sign-on, and the teams that follow its groups."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Row, Select, delete, select, update

from monitor.adapters.persistence.engine.errors import KeyTaken
from monitor.adapters.persistence.engine.repositories import SqlRepository
from monitor.adapters.persistence.engine.statements import columns_of, cut_to_fit, entity_of, insert_row
from monitor.adapters.persistence.tables.accounts import identities as t
from monitor.application.accounts.credential_ports import Identities
from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.errors import IdentityTaken
from monitor.domain.accounts.identities import JoinedIdentity


class SqlIdentities(SqlRepository, Identities):
    def add(self, identity: JoinedIdentity) -> JoinedIdentity:
        try:
            return replace(identity, id=insert_row(self._connection, t, _to_row(identity)))
        except KeyTaken as error:
            raise IdentityTaken from error

    def find(self, issuer: str, subject: str) -> JoinedIdentity | None:
        wanted = select(t).where(t.c.issuer == issuer, t.c.subject == subject)
        # MySQL ignores trailing spaces when it compares.
        rows = [row for row in self._connection.execute(wanted) if (row.issuer, row.subject) == (issuer, subject)]
        return to_identity(rows[0]) if rows else None

    def of_user(self, user_id: UserId) -> list[JoinedIdentity]:
        return [to_identity(row) for row in self._connection.execute(identities_of(user_id))]

    def save(self, identity: JoinedIdentity) -> bool:
        saved = update(t).where(t.c.id == identity.id).values(_to_row(identity))
        return self._connection.execute(saved).rowcount > 0

    def delete_all(self, user_id: UserId) -> None:
        self._connection.execute(delete(t).where(t.c.user_id == user_id))


def identities_of(user_id: UserId) -> Select[Any]:
    return select(t).where(t.c.user_id == user_id).order_by(t.c.id)


def to_identity(row: Row[Any]) -> JoinedIdentity:
    return entity_of(JoinedIdentity, row)


def _to_row(identity: JoinedIdentity) -> dict[str, Any]:
    email = None if identity.email is None else cut_to_fit(identity.email, t.c.email)
    return columns_of(identity) | {"username": cut_to_fit(identity.username, t.c.username), "email": email}
