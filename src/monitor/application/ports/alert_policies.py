from abc import ABC, abstractmethod

from monitor.domain.policies import Policy, PolicyId


class AlertPolicies(ABC):
    @abstractmethod
    def add(self, policy: Policy) -> Policy:
        """Store a new one and return it with its id.

        Raises PolicyExists where there is one for the same metric and scope, ConstraintViolated where its server is
        gone.
        """

    @abstractmethod
    def get(self, policy_id: PolicyId) -> Policy:
        """Locked against other transactions' changes. Raises NotFound."""

    @abstractmethod
    def save(self, policy: Policy) -> None:
        """Replace the stored one. Raises NotFound, PolicyExists, ConstraintViolated."""

    @abstractmethod
    def delete(self, policy_id: PolicyId) -> None:
        """Its alerts stay, without it. Raises NotFound."""

    @abstractmethod
    def all(self) -> list[Policy]:
        """In id order."""
