"""The port to passkeys."""

from abc import ABC, abstractmethod

from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.passkeys import Passkey, PasskeyId


class Passkeys(ABC):
    @abstractmethod
    def add(self, passkey: Passkey) -> Passkey:
        """Store a new passkey and return it with its id.

        Raises PasskeyExists if any user has this credential id, ConstraintViolated if the user was deleted.
        """

    @abstractmethod
    def of_user(self, user_id: UserId) -> list[Passkey]:
        """Return the user's passkeys, oldest first."""

    @abstractmethod
    def by_credential(self, credential_id: bytes) -> Passkey | None:
        """Return the passkey, locked until the transaction ends."""

    @abstractmethod
    def save(self, passkey: Passkey) -> None:
        """Replace the stored passkey. Does nothing if it was removed."""

    @abstractmethod
    def delete(self, passkey_id: PasskeyId) -> None:
        """Delete the passkey. Ignores an unknown one."""

    @abstractmethod
    def delete_all(self, user_id: UserId) -> int:
        """Delete the user's passkeys; return how many."""
