"""Ways in without a password: passkeys, and identities at the issuer of single sign-on."""

import hashlib
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, Select, delete, select, update

from monitor.adapters.persistence.engine.errors import KeyTaken
from monitor.adapters.persistence.engine.repositories import SqlRepository
from monitor.adapters.persistence.engine.statements import columns_of, cut_to_fit, entity_of, insert_row
from monitor.adapters.persistence.tables.accounts import identities, passkeys
from monitor.application.accounts.credential_ports import Identities, Passkeys
from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.errors import IdentityTaken, PasskeyExists
from monitor.domain.accounts.identities import JoinedIdentity
from monitor.domain.accounts.passkeys import Passkey, PasskeyId


class SqlPasskeys(SqlRepository, Passkeys):
    def add(self, passkey: Passkey) -> Passkey:
        try:
            passkey_id = insert_row(self._connection, passkeys, _passkey_row(passkey))
        except KeyTaken as error:
            raise PasskeyExists from error
        return replace(passkey, id=PasskeyId(passkey_id))

    def of_user(self, user_id: UserId) -> list[Passkey]:
        return [to_passkey(row) for row in self._connection.execute(passkeys_of(user_id))]

    def by_credential(self, credential_id: bytes) -> Passkey | None:
        wanted = select(passkeys).where(passkeys.c.credential_digest == _digest(credential_id)).with_for_update()
        row = self._connection.execute(wanted).one_or_none()
        return None if row is None else to_passkey(row)

    def save(self, passkey: Passkey) -> None:
        saved = update(passkeys).where(passkeys.c.id == passkey.id).values(_passkey_row(passkey))
        self._connection.execute(saved)

    def delete(self, passkey_id: PasskeyId) -> None:
        self._connection.execute(delete(passkeys).where(passkeys.c.id == passkey_id))

    def delete_all(self, user_id: UserId) -> int:
        return self._connection.execute(delete(passkeys).where(passkeys.c.user_id == user_id)).rowcount


def passkeys_of(user_id: UserId) -> Select[Any]:
    return select(passkeys).where(passkeys.c.user_id == user_id).order_by(passkeys.c.id)


def to_passkey(row: Row[Any]) -> Passkey:
    return entity_of(Passkey, row, transports=tuple(filter(None, row.transports.split(","))))


def _passkey_row(passkey: Passkey) -> dict[str, Any]:
    own = {"transports": ",".join(passkey.transports), "credential_digest": _digest(passkey.credential_id)}
    return columns_of(passkey) | own


def _digest(credential_id: bytes) -> bytes:
    return hashlib.sha256(credential_id).digest()


class SqlIdentities(SqlRepository, Identities):
    def add(self, identity: JoinedIdentity) -> JoinedIdentity:
        try:
            return replace(identity, id=insert_row(self._connection, identities, _identity_row(identity)))
        except KeyTaken as error:
            raise IdentityTaken from error

    def find(self, issuer: str, subject: str) -> JoinedIdentity | None:
        wanted = select(identities).where(identities.c.issuer == issuer, identities.c.subject == subject)
        # MySQL ignores trailing spaces when it compares.
        rows = [row for row in self._connection.execute(wanted) if (row.issuer, row.subject) == (issuer, subject)]
        return to_identity(rows[0]) if rows else None

    def of_user(self, user_id: UserId) -> list[JoinedIdentity]:
        return [to_identity(row) for row in self._connection.execute(identities_of(user_id))]

    def save(self, identity: JoinedIdentity) -> bool:
        saved = update(identities).where(identities.c.id == identity.id).values(_identity_row(identity))
        return self._connection.execute(saved).rowcount > 0

    def delete_all(self, user_id: UserId) -> None:
        self._connection.execute(delete(identities).where(identities.c.user_id == user_id))


def identities_of(user_id: UserId) -> Select[Any]:
    return select(identities).where(identities.c.user_id == user_id).order_by(identities.c.id)


def to_identity(row: Row[Any]) -> JoinedIdentity:
    return entity_of(JoinedIdentity, row)


def _identity_row(identity: JoinedIdentity) -> dict[str, Any]:
    email = None if identity.email is None else cut_to_fit(identity.email, identities.c.email)
    return columns_of(identity) | {"username": cut_to_fit(identity.username, identities.c.username), "email": email}
