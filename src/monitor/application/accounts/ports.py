"""Where accounts, their sessions and what they did are kept."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.application import unit_of_work
from monitor.application.accounts.credentials import AccessClaims
from monitor.domain.accounts.actors import Actor, Role, SessionId, UserId
from monitor.domain.accounts.audit import AuditEntry
from monitor.domain.accounts.limits import Guess, GuessKind, Quota
from monitor.domain.accounts.sessions import Session
from monitor.domain.accounts.users import User
from monitor.domain.alerts.policies import PolicyId
from monitor.domain.fleet.api_keys import ApiKey, ApiKeyId
from monitor.domain.fleet.servers import ServerId


class Users(ABC):
    @abstractmethod
    def add(self, user: User) -> User:
        """Store a new one and return it with its id. Raises UsernameTaken (compared by `username_key`)."""

    @abstractmethod
    def get(self, user_id: UserId) -> User:
        """The user, locked against other transactions' changes. Raises NotFound."""

    @abstractmethod
    def by_username(self, username: str) -> User | None:
        """Compared by `username_key`."""

    @abstractmethod
    def by_usernames(self, usernames: Collection[str]) -> list[User]:
        """Those that exist, compared by `username_key`, in no particular order."""

    @abstractmethod
    def save(self, user: User) -> None:
        """Replace the stored one. Raises NotFound."""

    @abstractmethod
    def delete(self, user_id: UserId) -> None:
        """With the links and sessions; keys stay, without their owner. Raises NotFound."""

    @abstractmethod
    def existing(self, user_ids: Collection[UserId]) -> set[UserId]:
        """Those of *user_ids* that exist."""

    @abstractmethod
    def names(self, user_ids: Collection[UserId]) -> dict[UserId, str]:
        """Of those of *user_ids* that exist."""

    @abstractmethod
    def count(self) -> int: ...

    @abstractmethod
    def count_admins(self) -> int:
        """Locks the admins' rows: two transactions can't both take the last but one away."""


class Sessions(ABC):
    @abstractmethod
    def add(self, session: Session) -> None: ...

    @abstractmethod
    def get(self, session_id: SessionId) -> Session | None:
        """The session, expired or not; locked against other transactions' changes. None once it has ended."""

    @abstractmethod
    def save(self, session: Session) -> None: ...

    @abstractmethod
    def delete(self, session_id: SessionId, *, user_id: UserId) -> bool:
        """Whether that user had that session."""

    @abstractmethod
    def delete_all(self, user_id: UserId) -> None: ...

    @abstractmethod
    def delete_expired(self, now: datetime) -> None: ...


class LiveTickets(ABC):
    """One-time stand-ins for an access token, for clients that can't send headers."""

    @abstractmethod
    def add(self, digest: bytes, claims: AccessClaims, expires_at: datetime) -> None: ...

    @abstractmethod
    def take(self, digest: bytes, now: datetime) -> AccessClaims | None:
        """What the ticket stands for, once; None for an unknown, used or expired one."""

    @abstractmethod
    def delete_expired(self, now: datetime) -> None: ...


class LoginAttempts(ABC):
    """Wrong passwords, and those tries whose outcome is not known yet.

    Who has read the tries of an account or a source holds them against other transactions: two can't both count nine
    and both add the tenth.
    """

    @abstractmethod
    def add(self, guess: Guess, at: datetime) -> int:
        """Count one, and return its id."""

    @abstractmethod
    def forgive(self, attempt_id: int) -> None:
        """That one was no failure."""

    @abstractmethod
    def of_account(self, kind: GuessKind, account: str, since: datetime) -> list[datetime]:
        """Their times at or after *since*, oldest first."""

    @abstractmethod
    def of_source(self, kind: GuessKind, source: str, since: datetime) -> list[datetime]:
        """Their times at or after *since*, oldest first."""

    @abstractmethod
    def delete_before(self, at: datetime) -> None: ...


class Makers(ABC):
    """Who made what, as far as it is counted. Silences and keys name their makers themselves."""

    @abstractmethod
    def count(self, user_id: UserId, what: Quota) -> int:
        """How many of *what* there are that this person made: of SERVERS, SILENCES, POLICIES or KEYS.

        From this look to the end of the transaction nobody else gets an answer: whoever goes on to make one more is
        counted by the next.
        """

    @abstractmethod
    def made_servers(self, user_id: UserId, server_ids: Collection[ServerId]) -> None:
        """Stored before. Raises ConstraintViolated where the person is gone."""

    @abstractmethod
    def made_policy(self, user_id: UserId, policy_id: PolicyId) -> None:
        """Likewise."""


class Audit(ABC):
    @abstractmethod
    def add_many(self, entries: Sequence[AuditEntry]) -> None: ...

    @abstractmethod
    def add(self, entry: AuditEntry) -> None: ...

    @abstractmethod
    def oldest(self) -> datetime | None:
        """Return when the oldest entry was made."""

    @abstractmethod
    def delete_before(self, moment: datetime, limit: int) -> int:
        """Delete at most *limit* entries older than *moment*, the oldest first; return how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOwner:
    """A live session's user, as the check on every request needs it."""

    user_id: UserId
    username: str
    role: Role
    token_version: int
    has_default_password: bool
    has_temporary_password: bool = False


class UserQueries(ABC):
    @abstractmethod
    def all(self, actor: Actor, *, after: int | None = None, limit: int | None = None) -> list[User]:
        """In id order; *after* is the last id of the page before. Raises Forbidden for who is no admin."""

    @abstractmethod
    def options(self) -> list[tuple[UserId, str]]:
        """Id and name of everyone, in name order, for pickers."""

    @abstractmethod
    def me(self, actor: Actor) -> User:
        """Raises NotFound once the account is gone."""

    @abstractmethod
    def sessions(self, actor: Actor, now: datetime) -> list[Session]:
        """The actor's own live ones, the last used first."""

    @abstractmethod
    def session_owner(self, user_id: UserId, session_id: SessionId, now: datetime) -> SessionOwner | None:
        """None where the session is gone or expired, or is not that user's."""

    @abstractmethod
    def token_versions(self, session_ids: Collection[SessionId], now: datetime) -> dict[SessionId, int]:
        """What an access token has to carry, of those of the sessions that live."""

    @abstractmethod
    def happened_to(self, user_id: UserId, actions: Collection[str], after: datetime) -> bool:
        """Whether one of these was done after that moment, as the audit log knows. Never of a deleted user."""


class AuditQueries(ABC):
    @abstractmethod
    def newest(self, actor: Actor, *, before: int | None, limit: int) -> list[AuditEntry]:
        """Newest first; *before* is the last id of the page before. Raises Forbidden for who is no admin."""


class OwnedKeys(ABC):
    """The API keys of users."""

    @abstractmethod
    def fleet_keys_of(self, owner_id: UserId) -> list[ApiKey]:
        """Oldest first."""

    @abstractmethod
    def delete(self, key_id: ApiKeyId) -> None:
        """Passes over an unknown one."""


class UnitOfWork(unit_of_work.UnitOfWork):
    """A transaction on accounts."""

    api_keys: OwnedKeys
    audit: Audit
    live_tickets: LiveTickets
    login_attempts: LoginAttempts
    makers: Makers
    sessions: Sessions
    users: Users


class Queries(ABC):
    """Reads that serve a screen, apart from the repositories that guard invariants.

    Each takes the actor, so that nothing is read which the actor may not see. Each may raise StorageUnavailable.
    """

    audit: AuditQueries
    users: UserQueries
