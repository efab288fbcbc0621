"""The port to identities of single sign-on."""

from abc import ABC, abstractmethod

from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.identities import JoinedIdentity


class Identities(ABC):
    """Who people are at the issuer of single sign-on. Issuer and subject are compared exactly."""

    @abstractmethod
    def add(self, identity: JoinedIdentity) -> JoinedIdentity:
        """Store it and return it with its id. Raises IdentityTaken if it belongs to an account already."""

    @abstractmethod
    def find(self, issuer: str, subject: str) -> JoinedIdentity | None: ...

    @abstractmethod
    def of_user(self, user_id: UserId) -> list[JoinedIdentity]:
        """Return the user's identities, the oldest first."""

    @abstractmethod
    def save(self, identity: JoinedIdentity) -> bool:
        """Replace what is only shown, and the last use. Return False if the identity was parted."""

    @abstractmethod
    def delete_all(self, user_id: UserId) -> None: ...
