"""Sessions and live tickets."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from monitor.adapters.persistence.engine.statements import SqlRepository, cut_to_fit
from monitor.adapters.persistence.tables.accounts import live_tickets, sessions
from monitor.application.accounts.credentials import AccessClaims
from monitor.application.accounts.ports import LiveTickets, Sessions
from monitor.domain.accounts.actors import SessionId, UserId
from monitor.domain.accounts.sessions import Session


class SqlSessions(SqlRepository, Sessions):
    def add(self, session: Session) -> None:
        self._connection.execute(insert(sessions).values(_to_row(session)))

    def get(self, session_id: SessionId) -> Session | None:
        row = self._connection.execute(
            select(sessions).where(sessions.c.id == session_id).with_for_update()
        ).one_or_none()
        return None if row is None else to_session(row)

    def save(self, session: Session) -> None:
        self._connection.execute(update(sessions).where(sessions.c.id == session.id).values(_to_row(session)))

    def delete(self, session_id: SessionId, *, user_id: UserId) -> bool:
        mine = (sessions.c.id == session_id) & (sessions.c.user_id == user_id)
        return self._connection.execute(delete(sessions).where(mine)).rowcount > 0

    def delete_all(self, user_id: UserId) -> None:
        self._connection.execute(delete(sessions).where(sessions.c.user_id == user_id))

    def delete_expired(self, now: datetime) -> None:
        self._connection.execute(delete(sessions).where(sessions.c.expires_at <= now))


def to_session(row: Row[Any]) -> Session:
    return Session(
        id=SessionId(row.id),
        user_id=UserId(row.user_id),
        token_digest=row.token_digest,
        previous_digest=row.previous_digest,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        expires_at=row.expires_at,
        user_agent=row.user_agent,
        address=row.address,
    )


def _to_row(session: Session) -> dict[str, Any]:
    return {
        "id": session.id,
        "user_id": session.user_id,
        "token_digest": session.token_digest,
        "previous_digest": session.previous_digest,
        "created_at": session.created_at,
        "last_used_at": session.last_used_at,
        "expires_at": session.expires_at,
        "user_agent": cut_to_fit(session.user_agent, sessions.c.user_agent),
        "address": cut_to_fit(session.address, sessions.c.address),
    }


class SqlLiveTickets(SqlRepository, LiveTickets):
    def add(self, digest: bytes, claims: AccessClaims, expires_at: datetime) -> None:
        row = {
            "digest": digest,
            "user_id": claims.user_id,
            "session_id": claims.session_id,
            "token_version": claims.token_version,
            "claims_expire_at": claims.expires_at,
            "expires_at": expires_at,
        }
        self._connection.execute(insert(live_tickets).values(row))

    def take(self, digest: bytes, now: datetime) -> AccessClaims | None:
        row = self._connection.execute(
            select(live_tickets).where(live_tickets.c.digest == digest).with_for_update()
        ).one_or_none()
        if row is None:
            return None
        self._connection.execute(delete(live_tickets).where(live_tickets.c.digest == digest))
        if row.expires_at <= now:
            return None
        return AccessClaims(
            user_id=UserId(row.user_id),
            session_id=SessionId(row.session_id),
            token_version=row.token_version,
            expires_at=row.claims_expire_at,
        )

    def delete_expired(self, now: datetime) -> None:
        self._connection.execute(delete(live_tickets).where(live_tickets.c.expires_at <= now))
