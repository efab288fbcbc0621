"""Sessions, live tickets and challenges."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, delete, insert, select, update

from monitor.adapters.persistence.engine.repositories import SqlRepository
from monitor.adapters.persistence.engine.statements import batches, columns_of, cut_to_fit, entity_of
from monitor.adapters.persistence.tables.accounts import challenges, live_tickets, sessions
from monitor.application.accounts.credential_ports import Challenges, LiveTickets, Sessions
from monitor.application.accounts.credentials import AccessClaims
from monitor.domain.accounts.actors import SessionId, UserId
from monitor.domain.accounts.sessions import Challenge, Purpose, Session
from monitor.domain.errors import SecretUnreadable


class _Expiring(SqlRepository):
    """Rows with a column `expires_at`."""

    _table: Table

    def delete_expired(self, now: datetime) -> None:
        self._connection.execute(delete(self._table).where(self._table.c.expires_at <= now))

    def _taken(self, wanted: ColumnElement[bool], now: datetime) -> Row[Any] | None:
        """Delete the one row that is *wanted*, and return it. None if there is none, or it has expired."""
        row = self._connection.execute(select(self._table).where(wanted).with_for_update()).one_or_none()
        if row is None:
            return None
        self._connection.execute(delete(self._table).where(wanted))
        return None if row.expires_at <= now else row


class SqlSessions(_Expiring, Sessions):
    """Sessions. The ID token is encrypted, bound to the session's id, and never replaced."""

    _table = sessions

    def add(self, session: Session) -> None:
        token = session.id_token
        encrypted = None if token is None else self._cipher.encrypt(token, _place(session.id))
        self._connection.execute(insert(sessions).values(_to_row(session) | {"encrypted_id_token": encrypted}))

    def get(self, session_id: SessionId) -> Session | None:
        row = self._connection.execute(
            select(sessions).where(sessions.c.id == session_id).with_for_update()
        ).one_or_none()
        return None if row is None else replace(to_session(row), id_token=self._id_token(row))

    def _id_token(self, row: Row[Any]) -> str | None:
        if row.encrypted_id_token is None:
            return None
        try:
            return self._cipher.decrypt(row.encrypted_id_token, _place(row.id))
        except SecretUnreadable:  # the key was replaced; the issuer then asks before it ends its session
            return None

    def save(self, session: Session) -> None:
        self._connection.execute(update(sessions).where(sessions.c.id == session.id).values(_to_row(session)))

    def delete(self, session_id: SessionId, *, user_id: UserId) -> bool:
        mine = (sessions.c.id == session_id) & (sessions.c.user_id == user_id)
        return self._connection.execute(delete(sessions).where(mine)).rowcount > 0

    def delete_all(self, user_id: UserId, *, but: SessionId | None = None) -> int:
        unwanted = delete(sessions).where(sessions.c.user_id == user_id)
        if but is not None:
            unwanted = unwanted.where(sessions.c.id != but)
        return self._connection.execute(unwanted).rowcount

    def keep_latest(self, user_id: UserId, number: int) -> None:
        latest_first = (sessions.c.last_used_at.desc(), sessions.c.id)
        mine = select(sessions.c.id).where(sessions.c.user_id == user_id).order_by(*latest_first)
        for some in batches(self._connection.scalars(mine).all()[number:]):
            self._connection.execute(delete(sessions).where(sessions.c.id.in_(some)))


def _place(session_id: SessionId) -> str:
    return f"sessions/{session_id}/encrypted_id_token"


def to_session(row: Row[Any]) -> Session:
    """Return the session without its ID token."""
    return entity_of(Session, row, id_token=None)


def _to_row(session: Session) -> dict[str, Any]:
    return columns_of(session, "id_token") | {
        "id": session.id,
        "user_agent": cut_to_fit(session.user_agent, sessions.c.user_agent),
        "address": cut_to_fit(session.address, sessions.c.address),
    }


class SqlLiveTickets(_Expiring, LiveTickets):
    _table = live_tickets

    def add(self, digest: bytes, claims: AccessClaims, expires_at: datetime) -> None:
        own = {"digest": digest, "claims_expire_at": claims.expires_at, "expires_at": expires_at}
        self._connection.execute(insert(live_tickets).values(columns_of(claims) | own))

    def take(self, digest: bytes, now: datetime) -> AccessClaims | None:
        row = self._taken(live_tickets.c.digest == digest, now)
        return None if row is None else entity_of(AccessClaims, row, expires_at=row.claims_expire_at)


class SqlChallenges(_Expiring, Challenges):
    _table = challenges

    def add(self, challenge: Challenge) -> None:
        row = columns_of(challenge, "data") | {"data": json.dumps(challenge.data)}
        self._connection.execute(insert(challenges).values(row))

    def take(self, digest: bytes, purpose: Purpose, now: datetime) -> Challenge | None:
        row = self._taken((challenges.c.digest == digest) & (challenges.c.purpose == purpose), now)
        return None if row is None else entity_of(Challenge, row, data=json.loads(row.data))
