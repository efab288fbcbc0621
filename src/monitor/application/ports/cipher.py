from abc import ABC, abstractmethod

from monitor.domain.errors import SecretUnreadable


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
