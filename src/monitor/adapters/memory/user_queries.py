from collections.abc import Collection
from datetime import datetime

from monitor.adapters.memory.database import Database
from monitor.application.ports.queries import SessionOwner, UserQueries
from monitor.domain.actors import Actor, SessionId, UserId
from monitor.domain.errors import NotFound
from monitor.domain.sessions import Session
from monitor.domain.users import User, username_key


class MemoryUserQueries(UserQueries):
    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, actor: Actor, *, after: int | None = None, limit: int | None = None) -> list[User]:
        actor.must_be_admin()
        users = sorted(self._database.state.users.values(), key=lambda user: user.id)
        return [user for user in users if user.id > (after or 0)][:limit]

    def options(self) -> list[tuple[UserId, str]]:
        users = sorted(self._database.state.users.values(), key=lambda user: username_key(user.username))
        return [(user.id, user.username) for user in users]

    def me(self, actor: Actor) -> User:
        if (user := self._database.state.users.get(actor.user_id)) is None:
            raise NotFound(f"no user {actor.user_id}")
        return user

    def sessions(self, actor: Actor, now: datetime) -> list[Session]:
        sessions = self._database.state.sessions.values()
        own = [session for session in sessions if session.user_id == actor.user_id and now < session.expires_at]
        return sorted(own, key=lambda session: session.last_used_at, reverse=True)

    def session_owner(self, user_id: UserId, session_id: SessionId, now: datetime) -> SessionOwner | None:
        state = self._database.state
        session = state.sessions.get(session_id)
        if session is None or session.user_id != user_id or session.expires_at <= now:
            return None
        user = state.users[user_id]
        return SessionOwner(
            user_id=user.id,
            username=user.username,
            role=user.role,
            token_version=user.token_version,
            has_default_password=user.has_default_password,
            has_temporary_password=user.has_temporary_password,
        )

    def token_versions(self, session_ids: Collection[SessionId], now: datetime) -> dict[SessionId, int]:
        state = self._database.state
        found = (state.sessions[id_] for id_ in session_ids if id_ in state.sessions)
        return {session.id: state.users[session.user_id].token_version for session in found if now < session.expires_at}

    def happened_to(self, user_id: UserId, actions: Collection[str], after: datetime) -> bool:
        state = self._database.state
        user = state.users.get(user_id)
        return user is not None and any(
            entry.action in actions and entry.target == user.username and entry.at > after for entry in state.audit
        )
