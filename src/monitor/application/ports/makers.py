from abc import ABC, abstractmethod
from collections.abc import Collection

from monitor.domain.actors import UserId
from monitor.domain.policies import PolicyId
from monitor.domain.quotas import Quota
from monitor.domain.servers import ServerId


class Makers(ABC):
    """Who made what, as far as it is counted. Silences and keys name their makers themselves."""

    @abstractmethod
    def count(self, user_id: UserId, what: Quota) -> int:
        """How many of *what* there are that this person made: of SERVERS, SILENCES, POLICIES or KEYS.

        From this look to the end of the transaction nobody else gets an answer: whoever goes on to make one more is
        counted by the next.
        """

    @abstractmethod
    def made_servers(self, user_id: UserId, server_ids: Collection[ServerId]) -> None:
        """Stored before. Raises ConstraintViolated where the person is gone."""

    @abstractmethod
    def made_policy(self, user_id: UserId, policy_id: PolicyId) -> None:
        """Likewise."""
