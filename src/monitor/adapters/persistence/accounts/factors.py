"""Second factors in SQL; the secrets of authenticators are encrypted."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, ScalarSelect, delete, exists, func, insert, or_, select, update

from monitor.adapters.persistence.engine.repositories import SqlRepository
from monitor.adapters.persistence.engine.statements import columns_of, entity_of, without_traces
from monitor.adapters.persistence.tables.accounts import passkeys, recovery_codes
from monitor.adapters.persistence.tables.accounts import totp_secrets as t
from monitor.adapters.persistence.tables.operations import preferences
from monitor.application.accounts.credential_ports import Factors
from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.factors import OwnFactors, SecondFactorPolicy, Totp
from monitor.domain.errors import SecretUnreadable

POLICY: ScalarSelect[float] = select(preferences.c.value).where(preferences.c.name == "second_factor").scalar_subquery()
"""The rank of the policy, for a query about people."""


class SqlFactors(SqlRepository, Factors):
    """Column *encrypted*: the secret, bound to its user."""

    def policy(self) -> SecondFactorPolicy:
        return SecondFactorPolicy.of(self._connection.scalar(select(POLICY)))

    def of(self, user_id: UserId) -> OwnFactors:
        return factors_of(self._connection, user_id)

    def totp(self, user_id: UserId) -> Totp | None:
        row = self._connection.execute(select(t).where(t.c.user_id == user_id).with_for_update()).one_or_none()
        return None if row is None else self._to_totp(row)

    def save_totp(self, totp: Totp) -> None:
        values = columns_of(totp, "secret")
        if totp.secret is not None:
            values["encrypted"] = self._cipher.encrypt(totp.secret, _place(totp.user_id))
        found = self._connection.execute(update(t).where(t.c.user_id == totp.user_id).values(values))
        if not found.rowcount:
            self._connection.execute(insert(t).values(values))

    def replace_recovery_codes(self, user_id: UserId, digests: Collection[bytes]) -> None:
        self._connection.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user_id))
        rows = [{"user_id": user_id, "digest": digest, "used_at": None} for digest in digests]
        if rows:
            self._connection.execute(insert(recovery_codes), rows)

    def use_recovery_code(self, user_id: UserId, digest: bytes, at: datetime) -> bool:
        c = recovery_codes.c
        unused = (c.user_id == user_id) & (c.digest == digest) & c.used_at.is_(None)
        return self._connection.execute(update(recovery_codes).where(unused).values(used_at=at)).rowcount > 0

    def delete_totp(self, user_id: UserId) -> None:
        self._connection.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user_id))
        self._connection.execute(delete(t).where(t.c.user_id == user_id))

    def reencrypt(self) -> None:
        rows = self._connection.execute(select(t).order_by(t.c.user_id).with_for_update())
        old = [self._to_totp(row) for row in rows if not self._cipher.is_current(row.encrypted)]
        readable = [totp for totp in old if totp.secret is not None]
        with without_traces(self._connection):
            for totp in readable:
                self.save_totp(totp)

    def unreadable(self) -> list[UserId]:
        found = map(self._to_totp, self._connection.execute(select(t).order_by(t.c.user_id)))
        return [totp.user_id for totp in found if totp.secret is None]

    def _to_totp(self, row: Row[Any]) -> Totp:
        secret: str | None
        try:
            secret = self._cipher.decrypt(row.encrypted, _place(row.user_id))
        except SecretUnreadable:
            secret = None
        return entity_of(Totp, row, secret=secret)


def _place(user_id: int) -> str:
    return f"totp_secrets.encrypted:{user_id}"


def has_second_factor(user_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that a user has an authenticator, which is confirmed, or a usable passkey."""
    return or_(exists().where(_totp(user_id)), exists().where(_usable_passkeys(user_id)))


def _totp(user_id: ColumnElement[int] | UserId) -> ColumnElement[bool]:
    return (t.c.user_id == user_id) & t.c.confirmed_at.is_not(None)


def _usable_passkeys(user_id: ColumnElement[int] | UserId) -> ColumnElement[bool]:
    return (passkeys.c.user_id == user_id) & passkeys.c.cloned_at.is_(None)


def factors_of(connection: Connection, user_id: UserId) -> OwnFactors:
    c = recovery_codes.c
    counted = select(
        exists().where(_totp(user_id)),
        select(func.count()).where(c.user_id == user_id, c.used_at.is_(None)).scalar_subquery(),
        select(func.count()).where(_usable_passkeys(user_id)).scalar_subquery(),
    )
    has_totp, codes, keys = connection.execute(counted).one()
    return OwnFactors(has_totp=bool(has_totp), recovery_codes_left=codes, passkeys=keys)
