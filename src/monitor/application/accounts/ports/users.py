"""Ports of users, and of their sessions as each request needs them."""

from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from monitor.domain.accounts.actors import Actor, Role, SessionId, UserId
from monitor.domain.accounts.factors import OwnFactors, SecondFactorPolicy
from monitor.domain.accounts.identities import JoinedIdentity
from monitor.domain.accounts.passkeys import Passkey
from monitor.domain.accounts.sessions import Session, SignIn, is_let_in
from monitor.domain.accounts.users import User


class Users(ABC):
    @abstractmethod
    def add(self, user: User) -> User:
        """Store a new user and return it with its id. Raises UsernameTaken (compared by `username_key`)."""

    @abstractmethod
    def get(self, user_id: UserId) -> User:
        """Return the user, locked until the transaction ends. Raises NotFound."""

    @abstractmethod
    def by_username(self, username: str) -> User | None:
        """Return the user whose name has the same `username_key`."""

    @abstractmethod
    def by_usernames(self, usernames: Collection[str]) -> list[User]:
        """Return those that exist, compared by `username_key`, in any order."""

    @abstractmethod
    def save(self, user: User) -> None:
        """Replace the stored user. Raises NotFound, UsernameTaken."""

    @abstractmethod
    def delete(self, user_id: UserId) -> None:
        """Delete the user with links, sessions, tokens and unsent notifications; API keys lose their owner.

        Raises NotFound.
        """

    @abstractmethod
    def existing(self, user_ids: Collection[UserId]) -> set[UserId]:
        """Return those of *user_ids* that exist."""

    @abstractmethod
    def names(self, user_ids: Collection[UserId]) -> dict[UserId, str]:
        """Return the names of those that exist."""

    @abstractmethod
    def default_locale(self) -> str:
        """Return the language that administrators chose for people whose own is not known."""

    @abstractmethod
    def count(self) -> int: ...

    @abstractmethod
    def count_admins(self) -> int:
        """Return their number and lock them, so that two transactions can't remove the last two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The user of a session or token, as the check of every request needs it.

    *sign_in*: how the session was begun; of a token how its owner logs in, which is elsewhere without a password.
    """

    user_id: UserId
    username: str
    role: Role
    token_version: int
    sign_in: SignIn
    has_default_password: bool
    has_temporary_password: bool = False
    has_second_factor: bool = False
    policy: SecondFactorPolicy = SecondFactorPolicy.OPTIONAL

    @property
    def must_set_up_second_factor(self) -> bool:
        """True if the user may do nothing else before."""
        return self.policy.locks_out(self.role, self.sign_in, has_factor=self.has_second_factor)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOwner(Owner):
    """The user of an open session. *authenticated_at*: as in `Session`."""

    authenticated_at: datetime | None

    def is_let_in(self, *, takes_passwords: bool) -> bool:
        """Return whether the session counts, see `sessions.is_let_in`."""
        has_factor = self.has_second_factor
        return is_let_in(
            self.sign_in, self.authenticated_at, has_second_factor=has_factor, takes_passwords=takes_passwords
        )


class UserQueries(ABC):
    @abstractmethod
    def all(self, actor: Actor, *, after: int | None = None, limit: int | None = None) -> list[User]:
        """Return users by id; *after*: the last id of the previous page. Raises Forbidden unless an admin asks."""

    @abstractmethod
    def options(self) -> list[tuple[UserId, str]]:
        """Return id and name of all users, by name, for pickers."""

    @abstractmethod
    def me(self, actor: Actor) -> User:
        """Raises NotFound if the account was deleted."""

    @abstractmethod
    def sessions(self, actor: Actor, now: datetime) -> list[Session]:
        """Return the actor's own open sessions, the last used first."""

    @abstractmethod
    def passkeys(self, actor: Actor) -> list[Passkey]:
        """Return the actor's own passkeys, oldest first."""

    @abstractmethod
    def identities(self, actor: Actor) -> list[JoinedIdentity]:
        """Return the actor's own identities, the oldest first."""

    @abstractmethod
    def session_owner(self, user_id: UserId, session_id: SessionId, now: datetime) -> SessionOwner | None:
        """Return None if the session is ended or expired, or belongs to another user."""

    @abstractmethod
    def session_owners(self, session_ids: Collection[SessionId], now: datetime) -> dict[SessionId, SessionOwner]:
        """Return the user of each session that is open."""

    @abstractmethod
    def factors(self, user_id: UserId) -> OwnFactors: ...

    @abstractmethod
    def with_second_factor(self, user_ids: Collection[UserId]) -> set[UserId]:
        """Return those that have an authenticator, which is confirmed, or a usable passkey."""

    @abstractmethod
    def was_done_to(self, user_id: UserId, actions: Collection[str], after: datetime) -> bool:
        """Return whether the audit log has one of *actions* on the user after that time. False for a deleted user."""
