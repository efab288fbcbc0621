"""Ports of limits: guesses of passwords, and who created what."""

from abc import ABC, abstractmethod
from collections.abc import Collection
from datetime import datetime

from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.limits import Guess, GuessKind, Quota
from monitor.domain.alerts.policies import PolicyId
from monitor.domain.fleet.servers import ServerId


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
