"""The port to mails about changes of accounts."""

from abc import ABC, abstractmethod
from datetime import datetime

from monitor.domain.accounts.account_mails import AccountMail


class AccountMails(ABC):
    """Mails about changes of accounts that wait to be sent. Several processes claim from it."""

    @abstractmethod
    def add(self, mail: AccountMail) -> None:
        """Store a new one. Texts that are too long for their column are cut."""

    @abstractmethod
    def claim(self, now: datetime, *, leased_until: datetime, holder: str) -> AccountMail | None:
        """Lease the due one that waits longest to *holder*, and return it. None if none is due and not leased."""

    @abstractmethod
    def holds(self, holder: str, mail_id: int) -> bool:
        """Return whether the mail is still there and leased to *holder*."""

    @abstractmethod
    def put_off(self, mail: AccountMail) -> None:
        """Store `attempts`, `not_before` and `last_error`, and end the lease. Does nothing if it was deleted."""

    @abstractmethod
    def delete(self, mail_id: int) -> None:
        """Delete it. Ignores an unknown one."""

    @abstractmethod
    def delete_before(self, at: datetime) -> int:
        """Delete those about changes before *at*, and return how many."""

    @abstractmethod
    def free(self, holder: str) -> None:
        """End the leases of *holder*."""
