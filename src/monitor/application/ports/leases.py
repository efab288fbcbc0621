from abc import ABC, abstractmethod
from datetime import datetime, timedelta


class Leases(ABC):
    """One process at a time does a background job; a fencing token tells a late holder from the present one."""

    @abstractmethod
    def acquire(self, name: str, holder: str, now: datetime, ttl: timedelta) -> int | None:
        """The fencing token, or None while another holds it.

        Renewing keeps the token; taking over an expired lease gives a greater one. The row stays locked until the unit
        of work ends, so what commits together with it was done by the holder.
        """

    @abstractmethod
    def free(self, holder: str) -> None:
        """Let go of all that *holder* has: anybody may take them over at once."""
