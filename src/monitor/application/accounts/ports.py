"""Storage for the use cases of accounts: users, teams, mails, the audit log, and a transaction on all of them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from datetime import datetime

from monitor.application import ports as common
from monitor.application.accounts.credential_ports import (
    Challenges,
    Factors,
    Identities,
    LiveTickets,
    LoginAttempts,
    Passkeys,
    PersonalTokenQueries,
    PersonalTokens,
    SessionOwner,
    Sessions,
)
from monitor.domain.accounts.account_mails import AccountMail
from monitor.domain.accounts.actors import Actor, SessionId, UserId
from monitor.domain.accounts.audit import EVERYTHING, AuditEntry, AuditFilter
from monitor.domain.accounts.factors import OwnFactors
from monitor.domain.accounts.identities import JoinedIdentity
from monitor.domain.accounts.limits import Quota
from monitor.domain.accounts.passkeys import Passkey
from monitor.domain.accounts.sessions import Session
from monitor.domain.accounts.users import User
from monitor.domain.errors import NotFound
from monitor.domain.fleet.api_keys import ApiKey, ApiKeyId
from monitor.domain.fleet.servers import ServerId
from monitor.domain.fleet.teams import Reach, Team, TeamId
from monitor.domain.policies.policies import PolicyId


class Users(ABC):
    @abstractmethod
    def add(self, user: User) -> User:
        """Store a new user and return it with its id. Raises UsernameTaken (compared by `username_key`)."""

    @abstractmethod
    def get(self, user_id: UserId) -> User:
        """Return the user, locked until the transaction ends. Raises NotFound."""

    def find(self, user_id: UserId) -> User | None:
        """Return the user like `get`; None if there is none."""
        try:
            return self.get(user_id)
        except NotFound:
            return None

    def by_username(self, username: str) -> User | None:
        """Return the user whose name has the same `username_key`."""
        return next(iter(self.by_usernames([username])), None)

    @abstractmethod
    def by_usernames(self, usernames: Collection[str]) -> list[User]:
        """Return the users with these names, compared by `username_key`, in any order."""

    @abstractmethod
    def save(self, user: User) -> None:
        """Replace the stored user. Raises NotFound, UsernameTaken."""

    @abstractmethod
    def lock_links(self, user_id: UserId) -> None:
        """Lock what the user is linked to (servers, teams, rotas, escalations) until the transaction ends.

        Call it before any user is locked: who links people locks the thing first, and in another order two
        transactions would deadlock.
        """

    @abstractmethod
    def delete(self, user_id: UserId) -> None:
        """Delete the user with links, sessions, tokens and unsent notifications; API keys lose their owner.

        Raises NotFound.
        """

    @abstractmethod
    def hand_over(self, user_id: UserId, to: UserId, *, with_keys: bool) -> dict[str, int]:
        """Put *to* in the user's place: as the one linked to servers, in teams, rotas and steps of escalations, as the
        creator of silences, and *with_keys* as the owner of API keys. Return how many of each changed."""

    def existing(self, user_ids: Collection[UserId]) -> set[UserId]:
        """Return the ids that exist. None of these is deleted before the transaction ends."""
        return set(self.names(user_ids))

    @abstractmethod
    def names(self, user_ids: Collection[UserId]) -> dict[UserId, str]:
        """Return the names of users that exist."""

    @abstractmethod
    def default_locale(self) -> str:
        """Return the language that administrators chose for people whose own is not known."""

    @abstractmethod
    def count(self) -> int: ...

    @abstractmethod
    def count_admins(self) -> int:
        """Return their number and lock them, so that two transactions can't remove the last two."""


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
        """Return the users with a confirmed authenticator or a usable passkey."""

    @abstractmethod
    def was_done_to(self, user_id: UserId, actions: Collection[str], after: datetime) -> bool:
        """Return whether the audit log has one of *actions* on the user after that time. False for a deleted user."""


class OwnedKeys(ABC):
    """The API keys of users."""

    @abstractmethod
    def fleet_keys_of(self, owner_id: UserId) -> list[ApiKey]:
        """Return the user's keys for the whole fleet, oldest first."""

    @abstractmethod
    def delete(self, key_id: ApiKeyId) -> None:
        """Delete the key. Ignores an unknown one."""


class Teams(ABC):
    @abstractmethod
    def add(self, team: Team) -> Team:
        """Store a new team and return it with its id.

        Raises TeamNameTaken (compared by `Team.key`), and ConstraintViolated if a member or a server is gone.
        """

    @abstractmethod
    def get(self, team_id: TeamId) -> Team:
        """Return the team, locked until the transaction ends. Raises NotFound."""

    @abstractmethod
    def save(self, team: Team) -> None:
        """Replace the stored team. Raises NotFound, TeamNameTaken, ConstraintViolated."""

    @abstractmethod
    def delete(self, team_id: TeamId) -> None:
        """Raises NotFound."""

    @abstractmethod
    def with_group(self) -> list[Team]:
        """Return the teams whose members come from a group of single sign-on, in id order. Not locked."""

    @abstractmethod
    def reaching(self, server_ids: Collection[ServerId], tags: Collection[str]) -> Reach:
        """Return what the teams reach of these servers and tags. It knows of no other ones."""


class Creators(ABC):
    """The users who created servers and policies, for the quotas. Silences, keys and tokens name them themselves."""

    @abstractmethod
    def count(self, user_id: UserId, what: Quota, now: datetime) -> int:
        """Return how many of *what* (SERVERS, SILENCES, POLICIES, KEYS or TOKENS) the user has created, without
        silences that are over.

        Other transactions wait with their count until this one ends, so that they count what it creates.
        """

    @abstractmethod
    def note_servers(self, user_id: UserId, server_ids: Collection[ServerId]) -> None:
        """Note the creator of stored servers. Raises ConstraintViolated if the user was deleted."""

    @abstractmethod
    def note_policy(self, user_id: UserId, policy_id: PolicyId) -> None:
        """Note the creator of a stored policy. Raises ConstraintViolated if the user was deleted."""


class AccountMails(ABC):
    """Mails about changes of accounts that wait to be sent. Several processes claim from it."""

    @abstractmethod
    def add(self, mail: AccountMail) -> None:
        """Store a new one. Texts that are too long for their column are cut."""

    @abstractmethod
    def claim(self, now: datetime, *, leased_until: datetime, holder: str) -> AccountMail | None:
        """Lease the due one that waits longest to *holder*, and return it. None if none is due and not leased."""

    @abstractmethod
    def holds(self, holder: str, mail_id: int) -> bool:
        """Return whether the mail is still there and leased to *holder*."""

    @abstractmethod
    def put_off(self, mail: AccountMail) -> None:
        """Store `attempts`, `not_before` and `last_error`, and end the lease. Does nothing if it was deleted."""

    @abstractmethod
    def delete(self, mail_id: int) -> None:
        """Delete it. Ignores an unknown one."""

    @abstractmethod
    def delete_before(self, at: datetime) -> int:
        """Delete mails about changes before *at*; return how many."""

    @abstractmethod
    def free(self, holder: str) -> None:
        """End the leases of *holder*."""


class Audit(ABC):
    @abstractmethod
    def add(self, *entries: AuditEntry) -> None: ...

    @abstractmethod
    def oldest(self) -> datetime | None:
        """Return the time of the oldest entry."""

    @abstractmethod
    def delete_before(self, moment: datetime, limit: int) -> int:
        """Delete at most *limit* entries older than *moment*, the oldest first; return how many."""


AuditPlace = tuple[datetime, int]
"""Time and id of an entry: its place in the log."""


class AuditQueries(ABC):
    @abstractmethod
    def newest(
        self, actor: Actor, wanted: AuditFilter = EVERYTHING, *, before: AuditPlace | None = None, limit: int
    ) -> list[AuditEntry]:
        """Return the newest first: by time, and within a moment in the order of their ids.

        *before*: the place of the last one of the previous page. Raises Forbidden unless for an admin.
        """


class UnitOfWork(common.UnitOfWork):
    """A transaction on accounts."""

    account_mails: AccountMails
    api_keys: OwnedKeys
    audit: Audit
    challenges: Challenges
    factors: Factors
    identities: Identities
    live_tickets: LiveTickets
    login_attempts: LoginAttempts
    personal_tokens: PersonalTokens
    creators: Creators
    passkeys: Passkeys
    sessions: Sessions
    teams: Teams
    users: Users


NewUow = Callable[[], UnitOfWork]


class Queries(ABC):
    """Reads for the API. Each takes the actor and returns only what that actor may see.

    Each may raise StorageUnavailable.
    """

    audit: AuditQueries
    personal_tokens: PersonalTokenQueries
    users: UserQueries
