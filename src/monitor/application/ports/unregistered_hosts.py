from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence

from monitor.domain.unregistered import UnregisteredHost


class UnregisteredHosts(ABC):
    @abstractmethod
    def record(self, hosts: Sequence[UnregisteredHost]) -> None:
        """Add each, or add its reports to the ones known, keep `first_seen_at` and take over the rest.

        At most `MAX_UNREGISTERED` are kept: those seen longest ago go first.
        """

    @abstractmethod
    def known(self, addresses: Collection[str]) -> set[str]:
        """Those of these canonical addresses that are recorded."""

    @abstractmethod
    def delete(self, *addresses: str) -> None:
        """Passes over unknown ones."""
