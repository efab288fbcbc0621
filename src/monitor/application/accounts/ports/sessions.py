"""Ports of sessions, and of what is good once: challenges and tickets."""

from abc import ABC, abstractmethod
from datetime import datetime

from monitor.application.accounts.credentials import AccessClaims
from monitor.domain.accounts.actors import SessionId, UserId
from monitor.domain.accounts.challenges import Challenge, Purpose
from monitor.domain.accounts.sessions import Session


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
