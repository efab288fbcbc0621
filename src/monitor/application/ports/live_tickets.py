from abc import ABC, abstractmethod
from datetime import datetime

from monitor.application.ports.access_tokens import AccessClaims


class LiveTickets(ABC):
    """One-time stand-ins for an access token, for clients that can't send headers."""

    @abstractmethod
    def add(self, digest: bytes, claims: AccessClaims, expires_at: datetime) -> None: ...

    @abstractmethod
    def take(self, digest: bytes, now: datetime) -> AccessClaims | None:
        """What the ticket stands for, once; None for an unknown, used or expired one."""

    @abstractmethod
    def delete_expired(self, now: datetime) -> None: ...
