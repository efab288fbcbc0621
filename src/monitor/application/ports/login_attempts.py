from abc import ABC, abstractmethod
from datetime import datetime

from monitor.domain.guesses import Guess, GuessKind


class LoginAttempts(ABC):
    """Wrong passwords, and those tries whose outcome is not known yet.

    Who has read the tries of an account or a source holds them against other transactions: two can't both count nine
    and both add the tenth.
    """

    @abstractmethod
    def add(self, guess: Guess, at: datetime) -> int:
        """Count one, and return its id."""

    @abstractmethod
    def forgive(self, attempt_id: int) -> None:
        """That one was no failure."""

    @abstractmethod
    def of_account(self, kind: GuessKind, account: str, since: datetime) -> list[datetime]:
        """Their times at or after *since*, oldest first."""

    @abstractmethod
    def of_source(self, kind: GuessKind, source: str, since: datetime) -> list[datetime]:
        """Their times at or after *since*, oldest first."""

    @abstractmethod
    def delete_before(self, at: datetime) -> None: ...
