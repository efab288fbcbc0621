from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from datetime import datetime

from monitor.domain.samples import Sample
from monitor.domain.servers import ServerId


class Samples(ABC):
    @abstractmethod
    def add(self, samples: Sequence[Sample]) -> None:
        """Raises ConstraintViolated where a (server, time) is stored already or a server is gone, and
        TransactionConflict where another changes servers meanwhile; nothing is kept then once the unit of work ends.

        Here or later, at the commit at the latest: nobody waits for what is stored to be checked.
        """

    @abstractmethod
    def existing(self, keys: Collection[tuple[ServerId, datetime]]) -> set[tuple[ServerId, datetime]]:
        """Those of the (server, recorded_at) pairs that are stored."""

    @abstractmethod
    def last_received(self, server_ids: Collection[ServerId]) -> dict[ServerId, datetime]:
        """When the sample with each server's newest time was received; servers without samples are left out."""

    @abstractmethod
    def recent_times(self, server_id: ServerId, until: datetime, count: int) -> list[datetime]:
        """The last *count* times of that server's samples, at or before *until*, oldest first."""
