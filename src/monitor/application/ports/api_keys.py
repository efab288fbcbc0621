from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime

from monitor.domain.actors import Actor, UserId
from monitor.domain.api_keys import ApiKey, ApiKeyId


class ApiKeys(ABC):
    @abstractmethod
    def add(self, key: ApiKey) -> ApiKey:
        """Store a new one and return it with its id. Raises ConstraintViolated where its server is gone."""

    @abstractmethod
    def get(self, key_id: ApiKeyId, *, visible_to: Actor) -> ApiKey:
        """Raises NotFound. A user sees the keys of servers linked to them; an admin sees all."""

    @abstractmethod
    def fleet_keys_of(self, owner_id: UserId) -> list[ApiKey]:
        """Oldest first."""

    @abstractmethod
    def delete(self, key_id: ApiKeyId) -> None:
        """Passes over an unknown one."""

    @abstractmethod
    def save_last_used(self, last_used: Mapping[ApiKeyId, datetime]) -> None:
        """Keys that are gone are passed over."""
