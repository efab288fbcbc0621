from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from monitor.adapters.persistence.tables import live_tickets as t
from monitor.application.ports.access_tokens import AccessClaims
from monitor.application.ports.live_tickets import LiveTickets
from monitor.domain.actors import SessionId, UserId


class SqlLiveTickets(LiveTickets):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, digest: bytes, claims: AccessClaims, expires_at: datetime) -> None:
        row = {
            "digest": digest,
            "user_id": claims.user_id,
            "session_id": claims.session_id,
            "token_version": claims.token_version,
            "claims_expire_at": claims.expires_at,
            "expires_at": expires_at,
        }
        self._connection.execute(insert(t).values(row))

    def take(self, digest: bytes, now: datetime) -> AccessClaims | None:
        row = self._connection.execute(select(t).where(t.c.digest == digest).with_for_update()).one_or_none()
        if row is None:
            return None
        self._connection.execute(delete(t).where(t.c.digest == digest))
        if row.expires_at <= now:
            return None
        return AccessClaims(
            user_id=UserId(row.user_id),
            session_id=SessionId(row.session_id),
            token_version=row.token_version,
            expires_at=row.claims_expire_at,
        )

    def delete_expired(self, now: datetime) -> None:
        self._connection.execute(delete(t).where(t.c.expires_at <= now))
