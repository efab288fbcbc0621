from collections.abc import Collection
from dataclasses import replace

from monitor.adapters.memory.cascades import forget_person
from monitor.adapters.memory.database import Database
from monitor.adapters.memory.state import Draft
from monitor.application.ports.users import Users
from monitor.domain.actors import Role, UserId
from monitor.domain.errors import NotFound, UsernameTaken
from monitor.domain.users import User, username_key


class MemoryUsers(Users):
    def __init__(self, database: Database, draft: Draft) -> None:
        self._database = database
        self._draft = draft

    def add(self, user: User) -> User:
        key = username_key(user.username)
        if key in self._draft.user_ids:
            raise UsernameTaken
        user = replace(user, id=UserId(self._database.next_id("users")))
        self._draft.user_ids[key] = user.id
        self._draft.users[user.id] = user
        self._draft.fleet_changed = True
        return user

    def get(self, user_id: UserId) -> User:
        if (user := self._draft.users.get(user_id)) is None:
            raise NotFound(f"no user {user_id}")
        return user

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
        for server in [s for s in draft.servers.values() if user_id in s.user_ids]:
            draft.servers[server.id] = replace(server, user_ids=server.user_ids - {user_id})
        for key in [k for k in draft.api_keys.values() if k.owner_id == user_id]:
            draft.api_keys[key.id] = replace(key, owner_id=None)
        for session in [s for s in draft.sessions.values() if s.user_id == user_id]:
            del draft.sessions[session.id]
        for digest in [d for d, ticket in draft.live_tickets.items() if ticket.claims.user_id == user_id]:
            del draft.live_tickets[digest]
        forget_person(draft, user_id)
        draft.fleet_changed = True

    def existing(self, user_ids: Collection[UserId]) -> set[UserId]:
        return {user_id for user_id in user_ids if user_id in self._draft.users}

    def names(self, user_ids: Collection[UserId]) -> dict[UserId, str]:
        return {user_id: self._draft.users[user_id].username for user_id in self.existing(user_ids)}

    def count(self) -> int:
        return len(self._draft.users)

    def count_admins(self) -> int:
        return sum(user.role is Role.ADMIN for user in self._draft.users.values())
