"""Ports of all concepts: clock, secrets, cipher, leases, heartbeats, epochs, and one transaction."""

from abc import ABC, abstractmethod
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from monitor.domain.errors import SecretUnreadable
from monitor.domain.intake.epochs import EpochMark


class Leases(ABC):
    """Locks that let one process at a time run a background job.

    A fencing token tells a former holder from the present one.
    """

    @abstractmethod
    def acquire(self, name: str, holder: str, now: datetime, ttl: timedelta) -> int | None:
        """Return the fencing token, or None while another process holds the lease.

        Renewing keeps the token; taking over an expired lease gives a greater one. The row stays locked until the unit
        of work ends, so only the holder can commit together with it.
        """

    @abstractmethod
    def free(self, holder: str) -> None:
        """Release all leases of *holder*."""


class Heartbeats(ABC):
    """A counter for each serving process, which rises while the process lives."""

    @abstractmethod
    def beat(self, process: str) -> None:
        """Raise the counter by one; a new process begins with 1."""

    @abstractmethod
    def numbers(self) -> dict[str, int]:
        """Return all counters by process."""

    @abstractmethod
    def end(self, process: str, at: int | None = None) -> bool:
        """Delete the counter if it equals *at* (None: always). Return True if deleted.

        The row stays locked until the unit of work ends, so the process can't beat before that commit.
        """


class Epochs(ABC):
    """The mark that says which epoch of the store this is; see `domain.intake.epochs`."""

    @abstractmethod
    def get(self) -> EpochMark | None:
        """Return the mark; None in a new store. It stays locked until the unit of work ends."""

    @abstractmethod
    def put(self, mark: EpochMark) -> None:
        """Replace the mark."""

    @abstractmethod
    def server(self) -> str:
        """Return which run of which database server this unit of work is connected to; "" where there is none."""


class Clock(ABC):
    @abstractmethod
    def now(self) -> datetime:
        """Return the current time, timezone-aware, in UTC."""


class Secrets(ABC):
    """Cryptographically secure random values."""

    @abstractmethod
    def token(self) -> str:
        """Return at least 32 URL-safe characters."""

    @abstractmethod
    def version(self) -> int:
        """Return a number from 1 to 2^31 - 1 that is very unlikely to repeat."""


class Cipher(ABC):
    """Encryption of stored secrets, such as the token of a chat robot.

    *place*: row and column. A text decrypts only for the place that it was encrypted for.
    """

    @abstractmethod
    def encrypt(self, text: str, place: str) -> str:
        """Return printable ASCII, different each time. Raises SecretUnreadable without a key."""

    @abstractmethod
    def decrypt(self, encrypted: str, place: str) -> str:
        """Raises SecretUnreadable for another key or place, or a changed text."""

    @abstractmethod
    def is_current(self, encrypted: str) -> bool:
        """True if it was encrypted with the key that `encrypt` uses now."""


class _NoKey(Cipher):
    def encrypt(self, text: str, place: str) -> str:
        raise SecretUnreadable("there is no key")

    def decrypt(self, encrypted: str, place: str) -> str:
        raise SecretUnreadable("there is no key")

    def is_current(self, encrypted: str) -> bool:
        return False


NO_KEY: Cipher = _NoKey()
"""Cipher of a store without a key: it refuses secrets instead of storing plain text."""


class UnitOfWork(ABC):
    """One transaction. Leaving the block without commit() rolls back.

    Every call may raise StorageUnavailable, or TransactionConflict if the whole transaction can be repeated.
    A commit that changes users, servers (except liveness), links, keys, policies, silences, channels or preferences
    raises the fleet's revision by one (see `FleetQueries.revision`).
    """

    epochs: Epochs
    heartbeats: Heartbeats
    leases: Leases

    @abstractmethod
    def __enter__(self) -> Self: ...

    @abstractmethod
    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None: ...

    @abstractmethod
    def commit(self) -> None: ...
