from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from monitor.adapters.persistence.inserted import cut_to_fit
from monitor.adapters.persistence.tables import sessions as t
from monitor.application.ports.sessions import Sessions
from monitor.domain.actors import SessionId, UserId
from monitor.domain.sessions import Session


class SqlSessions(Sessions):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, session: Session) -> None:
        self._connection.execute(insert(t).values(_to_row(session)))

    def get(self, session_id: SessionId) -> Session | None:
        row = self._connection.execute(select(t).where(t.c.id == session_id).with_for_update()).one_or_none()
        return None if row is None else to_session(row)

    def save(self, session: Session) -> None:
        self._connection.execute(update(t).where(t.c.id == session.id).values(_to_row(session)))

    def delete(self, session_id: SessionId, *, user_id: UserId) -> bool:
        mine = (t.c.id == session_id) & (t.c.user_id == user_id)
        return self._connection.execute(delete(t).where(mine)).rowcount > 0

    def delete_all(self, user_id: UserId) -> None:
        self._connection.execute(delete(t).where(t.c.user_id == user_id))

    def delete_expired(self, now: datetime) -> None:
        self._connection.execute(delete(t).where(t.c.expires_at <= now))


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
        "user_agent": cut_to_fit(session.user_agent, t.c.user_agent),
        "address": cut_to_fit(session.address, t.c.address),
    }
