from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime

from monitor.domain.actors import UserId


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
