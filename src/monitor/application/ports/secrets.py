from abc import ABC, abstractmethod


class Secrets(ABC):
    """Randomness that nobody can guess."""

    @abstractmethod
    def token(self) -> str:
        """At least 32 URL-safe characters."""

    @abstractmethod
    def version(self) -> int:
        """A number from 1 to 2^31 - 1 that is very unlikely to come twice."""
