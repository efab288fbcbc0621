"""Ports to what users have in the fleet: API keys and teams."""

from abc import ABC, abstractmethod
from collections.abc import Collection

from monitor.domain.accounts.actors import UserId
from monitor.domain.fleet.api_keys import ApiKey, ApiKeyId
from monitor.domain.fleet.servers import ServerId
from monitor.domain.fleet.teams import Reach, Team, TeamId


class OwnedKeys(ABC):
    """The API keys of users."""

    @abstractmethod
    def fleet_keys_of(self, owner_id: UserId) -> list[ApiKey]:
        """Return the user's keys for the whole fleet, oldest first."""

    @abstractmethod
    def delete(self, key_id: ApiKeyId) -> None:
        """Delete the key. Ignores an unknown one."""


class Teams(ABC):
    @abstractmethod
    def add(self, team: Team) -> Team:
        """Store a new team and return it with its id.

        Raises TeamNameTaken (compared by `Team.key`), and ConstraintViolated if a member or a server is gone.
        """

    @abstractmethod
    def get(self, team_id: TeamId) -> Team:
        """Return the team, locked until the transaction ends. Raises NotFound."""

    @abstractmethod
    def save(self, team: Team) -> None:
        """Replace the stored team. Raises NotFound, TeamNameTaken, ConstraintViolated."""

    @abstractmethod
    def delete(self, team_id: TeamId) -> None:
        """Raises NotFound."""

    @abstractmethod
    def with_group(self) -> list[Team]:
        """Return the teams whose members come from a group of single sign-on, in id order. Not locked."""

    @abstractmethod
    def reaching(self, server_ids: Collection[ServerId], tags: Collection[str]) -> Reach:
        """Return what the teams reach of these servers and tags. It knows of no other ones."""
