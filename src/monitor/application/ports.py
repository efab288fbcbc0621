"""What every concept asks for: the time, randomness, a cipher, and what processes agree by."""

from abc import ABC, abstractmethod
from datetime import datetime, timedelta

from monitor.domain.errors import SecretUnreadable


class Leases(ABC):
    """One process at a time does a background job; a fencing token tells a late holder from the present one."""

    @abstractmethod
    def acquire(self, name: str, holder: str, now: datetime, ttl: timedelta) -> int | None:
        """The fencing token, or None while another holds it.

        Renewing keeps the token; taking over an expired lease gives a greater one. The row stays locked until the unit
        of work ends, so what commits together with it was done by the holder.
        """

    @abstractmethod
    def free(self, holder: str) -> None:
        """Let go of all that *holder* has: anybody may take them over at once."""


class Heartbeats(ABC):
    """A number for each serving process, which rises while the process lives."""

    @abstractmethod
    def beat(self, process: str) -> None:
        """Raise its number by one; a new process begins with 1."""

    @abstractmethod
    def numbers(self) -> dict[str, int]:
        """Of every process that has one."""

    @abstractmethod
    def end(self, process: str, at: int | None = None) -> bool:
        """Forget the process, if its number still is *at*; None: whatever it is. Whether it was forgotten.

        The row stays locked until the unit of work ends: what commits together with it is done to a process that has
        not beaten since.
        """


class Clock(ABC):
    @abstractmethod
    def now(self) -> datetime:
        """Current time, timezone-aware, in UTC."""


class Secrets(ABC):
    """Randomness that nobody can guess."""

    @abstractmethod
    def token(self) -> str:
        """At least 32 URL-safe characters."""

    @abstractmethod
    def version(self) -> int:
        """A number from 1 to 2^31 - 1 that is very unlikely to come twice."""


class Cipher(ABC):
    """Encrypts what is stored and must be read again, such as the token of a chat robot.

    *place* names the row and column. A text decrypts only in the place that it was encrypted for.
    """

    @abstractmethod
    def encrypt(self, text: str, place: str) -> str:
        """Return printable ASCII, another one each time. Raises SecretUnreadable where there is no key."""

    @abstractmethod
    def decrypt(self, encrypted: str, place: str) -> str:
        """Raises SecretUnreadable for another key or place, or a changed text."""

    @abstractmethod
    def is_current(self, encrypted: str) -> bool:
        """Whether it was encrypted under the key that `encrypt` uses now."""


class _NoKey(Cipher):
    def encrypt(self, text: str, place: str) -> str:
        raise SecretUnreadable("there is no key")

    def decrypt(self, encrypted: str, place: str) -> str:
        raise SecretUnreadable("there is no key")

    def is_current(self, encrypted: str) -> bool:
        return False


NO_KEY: Cipher = _NoKey()
"""For a store that keeps no secrets: it refuses them, rather than to store them in plain text."""
