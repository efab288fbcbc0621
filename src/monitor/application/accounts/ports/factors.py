"""The port to second factors."""

from abc import ABC, abstractmethod
from collections.abc import Collection
from datetime import datetime

from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.factors import OwnFactors, SecondFactorPolicy, Totp


class Factors(ABC):
    """Second factors of accounts, and the policy about them."""

    @abstractmethod
    def policy(self) -> SecondFactorPolicy:
        """Return the policy that administrators chose."""

    @abstractmethod
    def of(self, user_id: UserId) -> OwnFactors: ...

    @abstractmethod
    def totp(self, user_id: UserId) -> Totp | None:
        """Return the authenticator, confirmed or not, locked until the transaction ends."""

    @abstractmethod
    def save_totp(self, totp: Totp) -> None:
        """Store it in place of the one before. Raises ConstraintViolated if the user was deleted."""

    @abstractmethod
    def replace_recovery_codes(self, user_id: UserId, digests: Collection[bytes]) -> None:
        """Raises ConstraintViolated if the user was deleted."""

    @abstractmethod
    def use_recovery_code(self, user_id: UserId, digest: bytes, at: datetime) -> bool:
        """Return whether the user had this code unused. It is used then."""

    @abstractmethod
    def delete_totp(self, user_id: UserId) -> None:
        """Delete the authenticator and the recovery codes."""

    @abstractmethod
    def reencrypt(self) -> None:
        """Encrypt secrets that are under an older key anew."""

    @abstractmethod
    def unreadable(self) -> list[UserId]:
        """Return the users whose secret cannot be decrypted, in order."""
