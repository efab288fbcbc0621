from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime

from monitor.domain.actors import SessionId, UserId


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
