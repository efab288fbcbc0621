"""Storage that the use cases of accounts ask for: sessions, tokens, factors, identities, and guesses of passwords."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.application.accounts.credentials import AccessClaims
from monitor.domain.accounts.actors import Actor, PersonalTokenId, Role, SessionId, UserId
from monitor.domain.accounts.factors import OwnFactors, SecondFactorPolicy, Totp
from monitor.domain.accounts.identities import JoinedIdentity
from monitor.domain.accounts.limits import Guess, GuessKind
from monitor.domain.accounts.passkeys import Passkey, PasskeyId
from monitor.domain.accounts.personal_tokens import PersonalToken, TokenScope, TokenUse
from monitor.domain.accounts.sessions import Challenge, Purpose, Session, SignIn, is_let_in


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

    def is_let_in(self, *, takes_passwords: bool) -> bool:
        """Return whether the session counts, see `sessions.is_let_in`. A personal token always does."""
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOwner(Owner):
    """The user of an open session. *authenticated_at*: as in `Session`."""

    authenticated_at: datetime | None

    def is_let_in(self, *, takes_passwords: bool) -> bool:
        has_factor = self.has_second_factor
        return is_let_in(
            self.sign_in, self.authenticated_at, has_second_factor=has_factor, takes_passwords=takes_passwords
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenOwner(Owner):
    """The user of a personal token, which may have expired."""

    token_id: PersonalTokenId
    scope: TokenScope
    expires_at: datetime | None


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


class LiveTickets(ABC):
    """Tickets that replace an access token once, for clients that can't send headers."""

    @abstractmethod
    def add(self, digest: bytes, claims: AccessClaims, expires_at: datetime) -> None: ...

    @abstractmethod
    def take(self, digest: bytes, now: datetime) -> AccessClaims | None:
        """Remove the ticket and return its claims. None for an unknown, used or expired ticket."""

    @abstractmethod
    def delete_expired(self, now: datetime) -> None: ...


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
    def reencrypt(self) -> None:
        """Encrypt secrets that are under an older key anew."""

    @abstractmethod
    def unreadable(self) -> list[UserId]:
        """Return the users whose secret cannot be decrypted, in order."""


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
