"""Store users, and read them for the screen."""

import hashlib
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, delete, exists, func, select, update

from monitor.adapters.persistence.accounts import leaving
from monitor.adapters.persistence.accounts.availability import availability_columns, to_availability
from monitor.adapters.persistence.accounts.factors import POLICY, factors_of, has_second_factor
from monitor.adapters.persistence.accounts.sessions import to_session
from monitor.adapters.persistence.accounts.ways_in import identities_of, passkeys_of, to_identity, to_passkey
from monitor.adapters.persistence.engine.engine import connected
from monitor.adapters.persistence.engine.errors import KeyTaken
from monitor.adapters.persistence.engine.repositories import SqlReader, SqlRepository
from monitor.adapters.persistence.engine.statements import (
    Parents,
    columns_of,
    entity_of,
    found_row,
    insert_row,
    rows_with,
)
from monitor.adapters.persistence.tables.accounts import live_tickets, sessions, team_users, users
from monitor.adapters.persistence.tables.accounts import users as t
from monitor.adapters.persistence.tables.fleet import api_keys
from monitor.adapters.persistence.tables.notifications import IS_UNSENT, notifications
from monitor.adapters.persistence.tables.operations import audit_log, preferences
from monitor.application.accounts.credential_ports import Owner, SessionOwner
from monitor.application.accounts.ports import UserQueries, Users
from monitor.application.fleet.ports import Tracked
from monitor.domain.accounts.actors import Actor, Role, SessionId, UserId
from monitor.domain.accounts.errors import UsernameTaken
from monitor.domain.accounts.factors import OwnFactors, SecondFactorPolicy
from monitor.domain.accounts.identities import JoinedIdentity
from monitor.domain.accounts.passkeys import Passkey
from monitor.domain.accounts.sessions import Session
from monitor.domain.accounts.users import DEFAULT_LOCALE, LOCALES, User, locale_or_default, username_key
from monitor.domain.errors import NotFound
from monitor.domain.text import as_read

_LONGEST_KEY = 200
_UNIQUE_NAMES = {"uq_users_username", "uq_users_username_key"}
AnyOwner = TypeVar("AnyOwner", bound=Owner)
OWNER = (
    users.c.id.label("user_id"),
    users.c.username,
    users.c.role,
    users.c.token_version,
    users.c.has_default_password,
    users.c.has_temporary_password,
    has_second_factor(users.c.id).label("has_second_factor"),
    POLICY.label("policy"),
)
"""Columns of an `Owner`."""


def owner_of(kind: type[AnyOwner], row: Row[Any], **others: Any) -> AnyOwner:
    flags = {"has_second_factor": bool(row.has_second_factor), "policy": SecondFactorPolicy.of(row.policy)}
    return entity_of(kind, row, **flags, **others)


class SqlUsers(SqlRepository, Users):
    def add(self, user: User) -> User:
        row = to_row(user)
        self._must_be_free(row["username_key"])
        try:
            user = replace(user, id=UserId(insert_row(self._connection, t, row)))
        except KeyTaken as error:  # by a transaction that committed after the check
            raise (UsernameTaken() if error.key in _UNIQUE_NAMES else error) from error
        self._log.note(Tracked.USER, [user.id])
        return user

    def get(self, user_id: UserId) -> User:
        wanted = select(t).where(t.c.id == user_id).with_for_update()
        return to_user(found_row(self._connection, wanted, f"user {user_id}"))

    def by_usernames(self, usernames: Collection[str]) -> list[User]:
        keys = {stored_key(name) for name in usernames}
        rows = rows_with(self._connection, select(t), t.c.username_key, keys)
        # MySQL ignores trailing spaces when it compares.
        found = {row.username_key: row for row in rows if row.username_key in keys}
        return [to_user(row) for row in (self._without_key(keys) | found).values()]

    def save(self, user: User) -> None:
        row = to_row(user)
        self._must_be_free(row["username_key"], but_for=user.id)
        try:
            result = self._connection.execute(update(t).where(t.c.id == user.id).values(row))
        except KeyTaken as error:
            raise (UsernameTaken() if error.key in _UNIQUE_NAMES else error) from error
        self._found(user.id, result.rowcount)

    def lock_links(self, user_id: UserId) -> None:
        leaving.lock_links(self._connection, user_id)

    def delete(self, user_id: UserId) -> None:
        self.get(user_id)  # locks the row, so that no other transaction adds a notification for the user
        self._connection.execute(delete(notifications).where(notifications.c.user_id == user_id, IS_UNSENT))
        owned = select(api_keys.c.id).where(api_keys.c.owner_id == user_id)
        self._log.note(Tracked.API_KEY, self._connection.scalars(owned))
        in_teams = select(team_users.c.team_id).where(team_users.c.user_id == user_id)
        self._log.note(Tracked.TEAM, self._connection.scalars(in_teams))
        self._log.note(Tracked.RULES)  # silences that the user created
        self._log.note(Tracked.ROSTER)  # their ways, and their places in rotas and steps
        self._found(user_id, self._connection.execute(delete(t).where(t.c.id == user_id)).rowcount)
        self._connection.execute(delete(live_tickets).where(live_tickets.c.user_id == user_id))

    def hand_over(self, user_id: UserId, to: UserId, *, with_keys: bool) -> dict[str, int]:
        return leaving.hand_over(self._connection, self._log, user_id, to, with_keys=with_keys)

    def existing(self, user_ids: Collection[UserId]) -> set[UserId]:
        return {UserId(each) for each in Parents(self._connection, t).existing(user_ids)}

    def names(self, user_ids: Collection[UserId]) -> dict[UserId, str]:
        return usernames(self._connection, user_ids)

    def default_locale(self) -> str:
        wanted = select(preferences.c.text).where(preferences.c.name == "default_locale")
        return locale_or_default(self._connection.scalar(wanted))

    def count(self) -> int:
        return self._connection.execute(select(func.count()).select_from(t)).scalar_one()

    def count_admins(self) -> int:
        admins = select(t.c.id).where(t.c.role == Role.ADMIN).order_by(t.c.id).with_for_update()
        return len(self._connection.execute(admins).all())

    def _must_be_free(self, key: str, but_for: UserId | None = None) -> None:
        taken = self._connection.scalars(select(t.c.id).where(t.c.username_key == key)).first()
        if taken is None and (row := self._without_key({key}).get(key)):
            taken = row.id
        if taken not in (None, but_for):
            raise UsernameTaken

    def _without_key(self, keys: Collection[str]) -> dict[str, Row[Any]]:
        """Return rows that were inserted by hand, by the key that `save` would give them; the oldest of equal ones."""
        by_hand = select(t).where(t.c.username_key.is_(None)).order_by(t.c.id.desc())
        rows = {stored_key(row.username): row for row in self._connection.execute(by_hand)}
        return {key: row for key, row in rows.items() if key in keys}

    def _found(self, user_id: UserId, rows: int) -> None:
        if not rows:
            raise NotFound("no such user")
        self._log.note(Tracked.USER, [user_id])


def usernames(connection: Connection, user_ids: Collection[UserId]) -> dict[UserId, str]:
    rows = rows_with(connection, select(t.c.id, t.c.username), t.c.id, user_ids)
    return {UserId(row.id): row.username for row in rows}


def stored_key(username: str) -> str:
    """Return `username_key`, cut to fit its column: a rare ligature, such as U+FDFA, becomes 18 letters."""
    key = username_key(username)
    if len(key) <= _LONGEST_KEY:
        return key
    tail = hashlib.sha256(key.encode()).hexdigest()
    return key[: _LONGEST_KEY - len(tail)] + tail


def to_user(row: Row[Any]) -> User:
    locale = row.locale if row.has_chosen_locale and row.locale in LOCALES else None
    own = {"username": as_read(row.username), "password_hash": row.password, "locale": locale}
    return entity_of(User, row, **own, **to_availability(row))


def to_row(user: User) -> dict[str, Any]:
    own = {
        "username_key": stored_key(user.username),
        "password": user.password_hash,
        "locale": user.locale or DEFAULT_LOCALE,
        "has_chosen_locale": user.locale is not None,
    }
    return columns_of(user, "password_hash") | own | availability_columns(user)


class SqlUserQueries(SqlReader, UserQueries):
    def all(self, actor: Actor, *, after: int | None = None, limit: int | None = None) -> list[User]:
        actor.must_be_admin()
        wanted = select(users).where(users.c.id > (after or 0)).order_by(users.c.id).limit(limit)
        return [to_user(row) for row in self._rows(wanted)]

    def options(self) -> list[tuple[UserId, str]]:
        wanted = select(users.c.id, users.c.username).order_by(func.coalesce(users.c.username_key, users.c.username))
        return [(UserId(row.id), row.username) for row in self._rows(wanted)]

    def me(self, actor: Actor) -> User:
        with connected(self._engine) as connection:
            wanted = select(users).where(users.c.id == actor.user_id)
            return to_user(found_row(connection, wanted, f"user {actor.user_id}"))

    def sessions(self, actor: Actor, now: datetime) -> list[Session]:
        mine = (sessions.c.user_id == actor.user_id) & (sessions.c.expires_at > now)
        wanted = select(sessions).where(mine).order_by(sessions.c.last_used_at.desc(), sessions.c.id)
        return [to_session(row) for row in self._rows(wanted)]

    def passkeys(self, actor: Actor) -> list[Passkey]:
        return [to_passkey(row) for row in self._rows(passkeys_of(actor.user_id))]

    def identities(self, actor: Actor) -> list[JoinedIdentity]:
        return [to_identity(row) for row in self._rows(identities_of(actor.user_id))]

    def session_owner(self, user_id: UserId, session_id: SessionId, now: datetime) -> SessionOwner | None:
        theirs = _OWNERS.where(sessions.c.id == session_id, sessions.c.user_id == user_id, sessions.c.expires_at > now)
        with connected(self._engine) as connection:
            row = connection.execute(theirs).one_or_none()
        return None if row is None else owner_of(SessionOwner, row)

    def session_owners(self, session_ids: Collection[SessionId], now: datetime) -> dict[SessionId, SessionOwner]:
        live = _OWNERS.where(sessions.c.expires_at > now)
        with connected(self._engine) as connection:
            rows = rows_with(connection, live, sessions.c.id, session_ids)
            return {SessionId(row.session_id): owner_of(SessionOwner, row) for row in rows}

    def factors(self, user_id: UserId) -> OwnFactors:
        with connected(self._engine) as connection:
            return factors_of(connection, user_id)

    def with_second_factor(self, user_ids: Collection[UserId]) -> set[UserId]:
        wanted = select(users.c.id).where(has_second_factor(users.c.id))
        with connected(self._engine) as connection:
            return {UserId(row.id) for row in rows_with(connection, wanted, users.c.id, user_ids)}

    def was_done_to(self, user_id: UserId, actions: Collection[str], after: datetime) -> bool:
        theirs = (users.c.id == user_id) & (audit_log.c.target == users.c.username)
        happened = exists().where(theirs, audit_log.c.at > after, audit_log.c.action.in_(actions))
        with connected(self._engine) as connection:
            return bool(connection.scalar(select(happened)))


_OWNERS = select(*OWNER, sessions.c.id.label("session_id"), sessions.c.sign_in, sessions.c.authenticated_at).join_from(
    sessions, users
)
