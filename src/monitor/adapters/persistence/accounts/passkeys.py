"""Passkeys."""

import hashlib
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, delete, select, update

from monitor.adapters.persistence.engine.errors import KeyTaken
from monitor.adapters.persistence.engine.repositories import SqlRepository
from monitor.adapters.persistence.engine.statements import columns_of, entity_of, insert_row
from monitor.adapters.persistence.tables.accounts import passkeys as t
from monitor.application.accounts.credential_ports import Passkeys
from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.errors import PasskeyExists
from monitor.domain.accounts.passkeys import Passkey, PasskeyId


class SqlPasskeys(SqlRepository, Passkeys):
    def add(self, passkey: Passkey) -> Passkey:
        try:
            passkey_id = insert_row(self._connection, t, _to_row(passkey))
        except KeyTaken as error:
            raise PasskeyExists from error
        return replace(passkey, id=PasskeyId(passkey_id))

    def of_user(self, user_id: UserId) -> list[Passkey]:
        wanted = select(t).where(t.c.user_id == user_id).order_by(t.c.id)
        return [to_passkey(row) for row in self._connection.execute(wanted)]

    def by_credential(self, credential_id: bytes) -> Passkey | None:
        wanted = select(t).where(t.c.credential_digest == _digest(credential_id)).with_for_update()
        row = self._connection.execute(wanted).one_or_none()
        return None if row is None else to_passkey(row)

    def save(self, passkey: Passkey) -> None:
        self._connection.execute(update(t).where(t.c.id == passkey.id).values(_to_row(passkey)))

    def delete(self, passkey_id: PasskeyId) -> None:
        self._connection.execute(delete(t).where(t.c.id == passkey_id))

    def delete_all(self, user_id: UserId) -> int:
        return self._connection.execute(delete(t).where(t.c.user_id == user_id)).rowcount


def to_passkey(row: Row[Any]) -> Passkey:
    return entity_of(Passkey, row, transports=tuple(filter(None, row.transports.split(","))))


def _to_row(passkey: Passkey) -> dict[str, Any]:
    own = {"transports": ",".join(passkey.transports), "credential_digest": _digest(passkey.credential_id)}
    return columns_of(passkey) | own


def _digest(credential_id: bytes) -> bytes:
    return hashlib.sha256(credential_id).digest()
