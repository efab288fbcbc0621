from abc import ABC, abstractmethod

from monitor.domain.actors import Actor
from monitor.domain.silences import Silence, SilenceId


class Silences(ABC):
    @abstractmethod
    def add(self, silence: Silence) -> Silence:
        """Store a new one and return it with its id. Raises ConstraintViolated where its server is gone."""

    @abstractmethod
    def get(self, silence_id: SilenceId, *, visible_to: Actor) -> Silence:
        """Raises NotFound. A user sees those on a server linked to them, and those on a tag or everything that reach
        such a server; an admin sees all."""

    @abstractmethod
    def delete(self, silence_id: SilenceId) -> None:
        """Passes over an unknown one."""

    @abstractmethod
    def all(self) -> list[Silence]:
        """In id order."""
