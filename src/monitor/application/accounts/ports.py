"""Ports of accounts: repositories in a unit of work, and queries."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.application import ports as unit_of_work
from monitor.application.accounts.credentials import AccessClaims
from monitor.domain.accounts.account_mails import AccountMail
from monitor.domain.accounts.actors import Actor, PersonalTokenId, Role, SessionId, UserId
from monitor.domain.accounts.audit import EVERYTHING, AuditEntry, AuditFilter
from monitor.domain.accounts.challenges import Challenge, Purpose
from monitor.domain.accounts.factors import OwnFactors, SecondFactorPolicy, Totp
from monitor.domain.accounts.identities import JoinedIdentity
from monitor.domain.accounts.limits import Guess, GuessKind, Quota
from monitor.domain.accounts.passkeys import Passkey, PasskeyId
from monitor.domain.accounts.personal_tokens import PersonalToken, TokenScope, TokenUse
from monitor.domain.accounts.sessions import Session, SignIn
from monitor.domain.accounts.users import User
from monitor.domain.alerts.policies import PolicyId
from monitor.domain.fleet.api_keys import ApiKey, ApiKeyId
from monitor.domain.fleet.servers import ServerId
from monitor.domain.fleet.teams import Reach, Team, TeamId


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
    def count(self) -> int: ...

    @abstractmethod
    def count_admins(self) -> int:
        """Return their number and lock them, so that two transactions can't remove the last two."""


class Sessions(ABC):
    @abstractmethod
    def add(self, session: Session) -> None: ...

    @abstractmethod
    def get(self, session_id: SessionId) -> Session | None:
        """Return the session, locked until the transaction ends, even if it has expired. None if it was ended."""

    @abstractmethod
    def save(self, session: Session) -> None:
        """Replace the stored session. Does nothing if it was ended."""

    @abstractmethod
    def delete(self, session_id: SessionId, *, user_id: UserId) -> bool:
        """Delete the session; return whether that user had it."""

    @abstractmethod
    def delete_all(self, user_id: UserId, *, but: SessionId | None = None) -> int:
        """Delete the user's sessions, except *but*; return how many."""

    @abstractmethod
    def keep_latest(self, user_id: UserId, number: int) -> None:
        """Delete the user's sessions but the *number* that were used last."""

    @abstractmethod
    def delete_expired(self, now: datetime) -> None: ...


class Challenges(ABC):
    """Random values that are good once."""

    @abstractmethod
    def add(self, challenge: Challenge) -> None: ...

    @abstractmethod
    def take(self, digest: bytes, purpose: Purpose, now: datetime) -> Challenge | None:
        """Remove the challenge and return it. None if it is unknown, used, expired or for another purpose."""

    @abstractmethod
    def delete_expired(self, now: datetime) -> None: ...


class Factors(ABC):
    """Second factors of accounts, and the policy about them."""

    @abstractmethod
    def policy(self) -> SecondFactorPolicy:
        """Return the policy that administrators chose."""

    @abstractmethod
    def of(self, user_id: UserId) -> OwnFactors: ...

    @abstractmethod
    def totp(self, user_id: UserId) -> Totp | None:
        """Return the authenticator, confirmed or not, locked until the transaction ends."""

    @abstractmethod
    def save_totp(self, totp: Totp) -> None:
        """Store it in place of the one before. Raises ConstraintViolated if the user was deleted."""

    @abstractmethod
    def replace_recovery_codes(self, user_id: UserId, digests: Collection[bytes]) -> None:
        """Raises ConstraintViolated if the user was deleted."""

    @abstractmethod
    def use_recovery_code(self, user_id: UserId, digest: bytes, at: datetime) -> bool:
        """Return whether the user had this code unused. It is used then."""

    @abstractmethod
    def delete_totp(self, user_id: UserId) -> None:
        """Delete the authenticator and the recovery codes."""

    @abstractmethod
    def reencrypt(self) -> int:
        """Encrypt secrets that are under an older key anew, and return how many."""

    @abstractmethod
    def unreadable(self) -> list[UserId]:
        """Return the users whose secret cannot be decrypted, in order."""


class PersonalTokens(ABC):
    @abstractmethod
    def add(self, token: PersonalToken) -> PersonalToken:
        """Store a new token and return it with its id. Raises ConstraintViolated if its user was deleted."""

    @abstractmethod
    def get(self, token_id: PersonalTokenId, *, user_id: UserId) -> PersonalToken:
        """Return the token, locked until the transaction ends. Raises NotFound unless it is that user's."""

    @abstractmethod
    def delete(self, token_id: PersonalTokenId) -> None:
        """Delete the token. Ignores an unknown one."""

    @abstractmethod
    def save_uses(self, uses: Mapping[PersonalTokenId, TokenUse]) -> None:
        """Store the newest uses. Ignores unknown tokens, and uses older than a stored one."""


class Passkeys(ABC):
    @abstractmethod
    def add(self, passkey: Passkey) -> Passkey:
        """Store a new passkey and return it with its id.

        Raises PasskeyExists if any user has this credential id, ConstraintViolated if the user was deleted.
        """

    @abstractmethod
    def of_user(self, user_id: UserId) -> list[Passkey]:
        """Return the user's passkeys, oldest first."""

    @abstractmethod
    def by_credential(self, credential_id: bytes) -> Passkey | None:
        """Return the passkey, locked until the transaction ends."""

    @abstractmethod
    def save(self, passkey: Passkey) -> None:
        """Replace the stored passkey. Does nothing if it was removed."""

    @abstractmethod
    def delete(self, passkey_id: PasskeyId) -> None:
        """Delete the passkey. Ignores an unknown one."""

    @abstractmethod
    def delete_all(self, user_id: UserId) -> int:
        """Delete the user's passkeys; return how many."""


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
        """Delete those about changes before *at*, and return how many."""

    @abstractmethod
    def free(self, holder: str) -> None:
        """End the leases of *holder*."""


class Identities(ABC):
    """Who people are at the issuer of single sign-on. Issuer and subject are compared exactly."""

    @abstractmethod
    def add(self, identity: JoinedIdentity) -> JoinedIdentity:
        """Store it and return it with its id. Raises IdentityTaken if it belongs to an account already."""

    @abstractmethod
    def find(self, issuer: str, subject: str) -> JoinedIdentity | None: ...

    @abstractmethod
    def of_user(self, user_id: UserId) -> list[JoinedIdentity]:
        """Return the user's identities, the oldest first."""

    @abstractmethod
    def save(self, identity: JoinedIdentity) -> bool:
        """Replace what is only shown, and the last use. Return False if the identity was parted."""

    @abstractmethod
    def delete_all(self, user_id: UserId) -> None: ...


class LiveTickets(ABC):
    """Tickets that replace an access token once, for clients that can't send headers."""

    @abstractmethod
    def add(self, digest: bytes, claims: AccessClaims, expires_at: datetime) -> None: ...

    @abstractmethod
    def take(self, digest: bytes, now: datetime) -> AccessClaims | None:
        """Remove the ticket and return its claims. None for an unknown, used or expired ticket."""

    @abstractmethod
    def delete_expired(self, now: datetime) -> None: ...


class LoginAttempts(ABC):
    """Guesses of passwords that were wrong or whose result is not yet known.

    Reading them locks them until the transaction ends: two transactions can't both count nine and add the tenth.
    """

    @abstractmethod
    def add(self, guess: Guess, at: datetime) -> int:
        """Store a guess and return its id."""

    @abstractmethod
    def forgive(self, attempt_id: int) -> None:
        """Delete a guess that was right."""

    @abstractmethod
    def of_account(self, kind: GuessKind, account: str, since: datetime) -> list[datetime]:
        """Return the times of guesses at or after *since*, oldest first."""

    @abstractmethod
    def of_source(self, kind: GuessKind, source: str, since: datetime) -> list[datetime]:
        """Return the times of guesses at or after *since*, oldest first."""

    @abstractmethod
    def delete_before(self, at: datetime) -> None: ...


class Creators(ABC):
    """The users who created servers and policies, for the quotas. Silences, keys and tokens name them themselves."""

    @abstractmethod
    def count(self, user_id: UserId, what: Quota) -> int:
        """Return how many of *what* (SERVERS, SILENCES, POLICIES, KEYS or TOKENS) the user has created.

        Other transactions wait with their count until this one ends, so that they count what it creates.
        """

    @abstractmethod
    def note_servers(self, user_id: UserId, server_ids: Collection[ServerId]) -> None:
        """Note the creator of stored servers. Raises ConstraintViolated if the user was deleted."""

    @abstractmethod
    def note_policy(self, user_id: UserId, policy_id: PolicyId) -> None:
        """Note the creator of a stored policy. Raises ConstraintViolated if the user was deleted."""


class Audit(ABC):
    @abstractmethod
    def add(self, *entries: AuditEntry) -> None: ...

    @abstractmethod
    def oldest(self) -> datetime | None:
        """Return the time of the oldest entry."""

    @abstractmethod
    def delete_before(self, moment: datetime, limit: int) -> int:
        """Delete at most *limit* entries older than *moment*, the oldest first; return how many."""


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
        """Return whether the session counts: its way in is open, and it left out no second factor."""
        knew_factors = self.authenticated_at is not None
        return self.sign_in.is_open(takes_passwords=takes_passwords) and (knew_factors or not self.has_second_factor)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenOwner(Owner):
    """The user of a personal token, which may have expired."""

    token_id: PersonalTokenId
    scope: TokenScope
    expires_at: datetime | None


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


AuditPlace = tuple[datetime, int]
"""Time and id of an entry: its place in the log."""


class PersonalTokenQueries(ABC):
    @abstractmethod
    def all(self, actor: Actor, *, after: int | None = None, limit: int | None = None) -> list[PersonalToken]:
        """Return the actor's own tokens by id; *after*: the last id of the previous page."""

    @abstractmethod
    def owner(self, wanted: bytes | PersonalTokenId) -> TokenOwner | None:
        """Return the owner of the token with that digest or id; None if there is no such token."""

    @abstractmethod
    def owners(self, token_ids: Collection[PersonalTokenId]) -> dict[PersonalTokenId, TokenOwner]:
        """Return the owner of each token that exists."""


class AuditQueries(ABC):
    @abstractmethod
    def newest(
        self, actor: Actor, wanted: AuditFilter = EVERYTHING, *, before: AuditPlace | None = None, limit: int
    ) -> list[AuditEntry]:
        """Return the newest first: by time, and within a moment in the order of their ids.

        *before*: the place of the last one of the previous page. Raises Forbidden unless for an admin.
        """


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


class UnitOfWork(unit_of_work.UnitOfWork):
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


class Queries(ABC):
    """Reads for the API. Each takes the actor and returns only what that actor may see.

    Each may raise StorageUnavailable.
    """

    audit: AuditQueries
    personal_tokens: PersonalTokenQueries
    users: UserQueries
