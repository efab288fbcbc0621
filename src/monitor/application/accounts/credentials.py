"""Ports for credentials: signed tokens and password hashes."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime

from monitor.domain.accounts.actors import PersonalTokenId, SessionId, UserId

MIN_SECRET_BYTES = 32
"""Of the secret that signs tokens (RFC 7518, section 3.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessClaims:
    """What a request proves: the content of an access token, or *token_id*, a personal token.

    With the latter *session_id* is empty.
    """

    user_id: UserId
    session_id: SessionId
    token_version: int
    expires_at: datetime
    token_id: PersonalTokenId | None = None


class AccessTokens(ABC):
    @abstractmethod
    def issue(self, claims: AccessClaims, now: datetime) -> str: ...

    @abstractmethod
    def read(self, token: str, now: datetime) -> AccessClaims:
        """Return the content. Raises Unauthenticated for a token that is expired, damaged or of another issuer."""

    @abstractmethod
    def read_of_any_age(self, token: str) -> AccessClaims:
        """Return the content, also of an expired token. Raises Unauthenticated for any other invalid one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDevice:
    """A device where a user has logged in before. It counts for that account only."""

    user_id: UserId
    id: str


class DeviceTokens(ABC):
    @abstractmethod
    def issue(self, device: KnownDevice, expires_at: datetime) -> str: ...

    @abstractmethod
    def read(self, token: str, now: datetime) -> KnownDevice | None:
        """Return None for a token that is expired, damaged or of another issuer."""


class RefreshTokens(ABC):
    """Tokens that renew a session. With the server's secret each token gives the next, so a repeated call returns the
    same one."""

    @abstractmethod
    def first(self, session_id: SessionId) -> str: ...

    @abstractmethod
    def following(self, token: str) -> str:
        """Return the token that replaces the valid *token*."""

    @abstractmethod
    def session_of(self, token: str) -> SessionId | None:
        """Return None for a token that is damaged or of another issuer."""


class PasswordHasher(ABC):
    """Password hashes, slow on purpose: call it outside a unit of work and off the event loop."""

    @abstractmethod
    def hash(self, password: str) -> str: ...

    @abstractmethod
    def verify(self, password: str, password_hash: str | None) -> bool:
        """Return False if *password_hash* is None (no such user), after the time that a wrong password takes."""
