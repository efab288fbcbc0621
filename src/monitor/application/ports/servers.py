from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from monitor.domain.actors import Actor
from monitor.domain.servers import Server, ServerId


class Servers(ABC):
    @abstractmethod
    def add(self, server: Server) -> Server:
        """Store a new one with its tags and links; return it with its id.

        Raises AddressTaken, and ConstraintViolated where a linked user is gone.
        """

    @abstractmethod
    def add_many(self, servers: Sequence[Server]) -> list[Server]:
        """The same for many with different addresses, in this order."""

    @abstractmethod
    def get(self, server_id: ServerId, *, visible_to: Actor) -> Server:
        """The server, locked against other transactions' changes.

        Raises NotFound, also where the actor may not see it.
        """

    @abstractmethod
    def get_many(self, server_ids: Collection[ServerId], *, visible_to: Actor) -> list[Server]:
        """In id order, locked alike. Raises NotFound where any is not there or not the actor's to see."""

    @abstractmethod
    def find_many(self, server_ids: Collection[ServerId], *, visible_to: Actor) -> list[Server]:
        """The same without those that are not there or not the actor's to see."""

    @abstractmethod
    def by_addresses(self, addresses: Collection[str]) -> list[Server]:
        """Those with one of these canonical addresses, whoever may see them, in id order."""

    @abstractmethod
    def save(self, server: Server) -> None:
        """Replace name, address, port, tags and links (never status, which reports decide).

        Raises AddressTaken, NotFound, and ConstraintViolated where a linked user is gone.
        """

    @abstractmethod
    def save_many(self, servers: Sequence[Server]) -> None:
        """The same for many whose addresses stay."""

    @abstractmethod
    def delete(self, server_ids: Collection[ServerId]) -> None:
        """With samples, links, tags and keys. Unknown ids are passed over."""

    @abstractmethod
    def existing(self, server_ids: Collection[ServerId]) -> set[ServerId]:
        """Those of *server_ids* that exist."""

    @abstractmethod
    def mark_online(self, server_ids: Collection[ServerId]) -> None: ...

    @abstractmethod
    def mark_offline(self, last_reports: Mapping[ServerId, datetime]) -> None:
        """Offline since the given last report."""

    @abstractmethod
    def intervals(self, server_ids: Collection[ServerId]) -> dict[ServerId, float]:
        """What their agents last declared, in seconds, where they did."""

    @abstractmethod
    def save_intervals(self, intervals: Mapping[ServerId, float]) -> None:
        """What agents declare, in seconds."""
