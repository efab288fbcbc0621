"""What accounts ask for to tell people apart: signed tokens and password hashes."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime

from monitor.domain.accounts.actors import SessionId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessClaims:
    user_id: UserId
    session_id: SessionId
    token_version: int
    expires_at: datetime


class AccessTokens(ABC):
    @abstractmethod
    def issue(self, claims: AccessClaims, now: datetime) -> str: ...

    @abstractmethod
    def read(self, token: str, now: datetime) -> AccessClaims:
        """Raises Unauthenticated for any token that is not ours, not whole, or expired."""

    @abstractmethod
    def read_of_any_age(self, token: str) -> AccessClaims:
        """What a token of ours says, which may be good no longer. Raises Unauthenticated for any other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDevice:
    """Where an account's owner has logged in before; good for that account alone."""

    user_id: UserId
    id: str


class DeviceTokens(ABC):
    @abstractmethod
    def issue(self, device: KnownDevice, expires_at: datetime) -> str: ...

    @abstractmethod
    def read(self, token: str, now: datetime) -> KnownDevice | None:
        """None for any token that is not ours, not whole, or expired."""


class RefreshTokens(ABC):
    """Each token of a session follows from the one before, for whoever knows the server's secret alone: a call that is
    repeated gets the same answer."""

    @abstractmethod
    def first(self, session_id: SessionId) -> str: ...

    @abstractmethod
    def following(self, token: str) -> str:
        """The one that replaces *token*, which is ours."""

    @abstractmethod
    def session_of(self, token: str) -> SessionId | None:
        """None for any token that is not ours and whole."""


class PasswordHasher(ABC):
    """Slow on purpose: call it outside a unit of work, off the event loop."""

    @abstractmethod
    def hash(self, password: str) -> str: ...

    @abstractmethod
    def verify(self, password: str, password_hash: str | None) -> bool:
        """False where *password_hash* is None (no such user), after the same time as for a wrong password."""
