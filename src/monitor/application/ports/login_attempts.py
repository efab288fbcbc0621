from abc import ABC, abstractmethod
from datetime import datetime


class LoginAttempts(ABC):
    """Failed log-ins, and those whose outcome is not known yet.

    Who has read an account's or an address's attempts holds them against other transactions: two can't both count nine
    and both add the tenth.
    """

    @abstractmethod
    def add(self, username_key: str, address: str, at: datetime) -> int:
        """Count one, and return its id."""

    @abstractmethod
    def forgive(self, attempt_id: int) -> None:
        """That one was no failure."""

    @abstractmethod
    def of_username(self, username_key: str, since: datetime) -> list[datetime]:
        """Their times at or after *since*, oldest first."""

    @abstractmethod
    def of_address(self, address: str, since: datetime) -> list[datetime]:
        """Their times at or after *since*, oldest first."""

    @abstractmethod
    def delete_before(self, at: datetime) -> None: ...
