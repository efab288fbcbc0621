"""Queries on users and their sessions."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Engine, exists, func, select

from monitor.adapters.persistence.accounts.sessions import to_session
from monitor.adapters.persistence.accounts.users import to_user
from monitor.adapters.persistence.engine.engine import connected
from monitor.adapters.persistence.engine.statements import batches
from monitor.adapters.persistence.tables.accounts import sessions, users
from monitor.adapters.persistence.tables.operations import audit_log
from monitor.application.accounts.ports import SessionOwner, UserQueries
from monitor.domain.accounts.actors import Actor, SessionId, UserId
from monitor.domain.accounts.sessions import Session
from monitor.domain.accounts.users import User
from monitor.domain.errors import NotFound


class SqlUserQueries(UserQueries):
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self, actor: Actor, *, after: int | None = None, limit: int | None = None) -> list[User]:
        actor.must_be_admin()
        wanted = select(users).where(users.c.id > (after or 0)).order_by(users.c.id).limit(limit)
        with connected(self._engine) as connection:
            return [to_user(row) for row in connection.execute(wanted)]

    def options(self) -> list[tuple[UserId, str]]:
        wanted = select(users.c.id, users.c.username).order_by(func.coalesce(users.c.username_key, users.c.username))
        with connected(self._engine) as connection:
            return [(UserId(row.id), row.username) for row in connection.execute(wanted)]

    def me(self, actor: Actor) -> User:
        with connected(self._engine) as connection:
            row = connection.execute(select(users).where(users.c.id == actor.user_id)).one_or_none()
        if row is None:
            raise NotFound(f"no user {actor.user_id}")
        return to_user(row)

    def sessions(self, actor: Actor, now: datetime) -> list[Session]:
        mine = (sessions.c.user_id == actor.user_id) & (sessions.c.expires_at > now)
        wanted = select(sessions).where(mine).order_by(sessions.c.last_used_at.desc(), sessions.c.id)
        with connected(self._engine) as connection:
            return [to_session(row) for row in connection.execute(wanted)]

    def session_owner(self, user_id: UserId, session_id: SessionId, now: datetime) -> SessionOwner | None:
        live = (sessions.c.id == session_id) & (sessions.c.user_id == user_id) & (sessions.c.expires_at > now)
        columns = (
            users.c.id,
            users.c.username,
            users.c.role,
            users.c.token_version,
            users.c.has_default_password,
            users.c.has_temporary_password,
        )
        with connected(self._engine) as connection:
            row = connection.execute(select(*columns).join_from(sessions, users).where(live)).one_or_none()
        if row is None:
            return None
        return SessionOwner(
            user_id=UserId(row.id),
            username=row.username,
            role=row.role,
            token_version=row.token_version,
            has_default_password=row.has_default_password,
            has_temporary_password=row.has_temporary_password,
        )

    def token_versions(self, session_ids: Collection[SessionId], now: datetime) -> dict[SessionId, int]:
        live = (
            select(sessions.c.id, users.c.token_version).join_from(sessions, users).where(sessions.c.expires_at > now)
        )
        with connected(self._engine) as connection:
            rows = [
                row
                for batch in batches(session_ids)
                for row in connection.execute(live.where(sessions.c.id.in_(batch)))
            ]
        return {SessionId(row.id): row.token_version for row in rows}

    def was_done_to(self, user_id: UserId, actions: Collection[str], after: datetime) -> bool:
        theirs = (users.c.id == user_id) & (audit_log.c.target == users.c.username)
        happened = exists().where(theirs, audit_log.c.at > after, audit_log.c.action.in_(actions))
        with connected(self._engine) as connection:
            return bool(connection.scalar(select(happened)))
