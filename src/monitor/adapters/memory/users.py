"""Users in memory."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from monitor.adapters.memory.database import MemoryReader, MemoryRepository, forget_user
from monitor.adapters.memory.factors import factors_of, policy_of
from monitor.application.accounts.ports.users import SessionOwner, UserQueries, Users
from monitor.domain.accounts.actors import Actor, Role, SessionId, UserId
from monitor.domain.accounts.errors import UsernameTaken
from monitor.domain.accounts.factors import OwnFactors
from monitor.domain.accounts.identities import JoinedIdentity
from monitor.domain.accounts.passkeys import Passkey
from monitor.domain.accounts.sessions import Session
from monitor.domain.accounts.users import User, locale_or_default, username_key


class MemoryUsers(MemoryRepository, Users):
    def add(self, user: User) -> User:
        key = username_key(user.username)
        if key in self._draft.user_ids:
            raise UsernameTaken
        user = replace(user, id=UserId(self._draft.next_id("users")))
        self._draft.user_ids[key] = user.id
        self._draft.users[user.id] = user
        self._draft.fleet_changed = True
        return user

    def get(self, user_id: UserId) -> User:
        return self._draft.users.found(user_id, "user")

    def by_username(self, username: str) -> User | None:
        return next(iter(self.by_usernames([username])), None)

    def by_usernames(self, usernames: Collection[str]) -> list[User]:
        ids = self._draft.user_ids
        return [self._draft.users[ids[key]] for key in {username_key(name) for name in usernames} if key in ids]

    def save(self, user: User) -> None:
        before, key = self.get(user.id), username_key(user.username)
        if self._draft.user_ids.get(key, user.id) != user.id:
            raise UsernameTaken
        del self._draft.user_ids[username_key(before.username)]
        self._draft.user_ids[key] = user.id
        self._draft.users[user.id] = user
        self._draft.fleet_changed = True

    def delete(self, user_id: UserId) -> None:
        draft, user = self._draft, self.get(user_id)
        del draft.users[user_id]
        del draft.user_ids[username_key(user.username)]
        forget_user(draft, user_id)
        draft.fleet_changed = True

    def existing(self, user_ids: Collection[UserId]) -> set[UserId]:
        return {user_id for user_id in user_ids if user_id in self._draft.users}

    def names(self, user_ids: Collection[UserId]) -> dict[UserId, str]:
        return {user_id: self._draft.users[user_id].username for user_id in self.existing(user_ids)}

    def default_locale(self) -> str:
        return locale_or_default(self._draft.preferences.get("default_locale"))

    def count(self) -> int:
        return len(self._draft.users)

    def count_admins(self) -> int:
        return sum(user.role is Role.ADMIN for user in self._draft.users.values())


class MemoryUserQueries(MemoryReader, UserQueries):
    def all(self, actor: Actor, *, after: int | None = None, limit: int | None = None) -> list[User]:
        actor.must_be_admin()
        return [user for user in self._state.users.in_order() if user.id > (after or 0)][:limit]

    def options(self) -> list[tuple[UserId, str]]:
        users = sorted(self._state.users.values(), key=lambda user: username_key(user.username))
        return [(user.id, user.username) for user in users]

    def me(self, actor: Actor) -> User:
        return self._state.users.found(actor.user_id, "user")

    def sessions(self, actor: Actor, now: datetime) -> list[Session]:
        sessions = self._state.sessions.values()
        own = [session for session in sessions if session.user_id == actor.user_id and now < session.expires_at]
        return sorted(own, key=lambda session: session.last_used_at, reverse=True)

    def passkeys(self, actor: Actor) -> list[Passkey]:
        return [passkey for passkey in self._state.passkeys.in_order() if passkey.user_id == actor.user_id]

    def identities(self, actor: Actor) -> list[JoinedIdentity]:
        return [row for row in self._state.identities.in_order() if row.user_id == actor.user_id]

    def session_owner(self, user_id: UserId, session_id: SessionId, now: datetime) -> SessionOwner | None:
        state = self._state
        session = state.sessions.get(session_id)
        if session is None or session.user_id != user_id or session.expires_at <= now:
            return None
        user = state.users[user_id]
        return SessionOwner(
            user_id=user.id,
            username=user.username,
            role=user.role,
            token_version=user.token_version,
            authenticated_at=session.authenticated_at,
            sign_in=session.sign_in,
            has_default_password=user.has_default_password,
            has_temporary_password=user.has_temporary_password,
            has_second_factor=factors_of(state, user_id).is_any,
            policy=policy_of(state),
        )

    def session_owners(self, session_ids: Collection[SessionId], now: datetime) -> dict[SessionId, SessionOwner]:
        sessions = self._state.sessions
        known = [sessions[id_] for id_ in session_ids if id_ in sessions]
        owners = ((session.id, self.session_owner(session.user_id, session.id, now)) for session in known)
        return {id_: owner for id_, owner in owners if owner is not None}

    def factors(self, user_id: UserId) -> OwnFactors:
        return factors_of(self._state, user_id)

    def with_second_factor(self, user_ids: Collection[UserId]) -> set[UserId]:
        return {user_id for user_id in user_ids if factors_of(self._state, user_id).is_any}

    def was_done_to(self, user_id: UserId, actions: Collection[str], after: datetime) -> bool:
        state = self._state
        user = state.users.get(user_id)
        return user is not None and any(
            entry.action in actions and entry.target == user.username and entry.at > after for entry in state.audit
        )
