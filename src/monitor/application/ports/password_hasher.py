from abc import ABC, abstractmethod


class PasswordHasher(ABC):
    """Slow on purpose: call it outside a unit of work, off the event loop."""

    @abstractmethod
    def hash(self, password: str) -> str: ...

    @abstractmethod
    def verify(self, password: str, password_hash: str | None) -> bool:
        """False where *password_hash* is None (no such user), after the same time as for a wrong password."""
