"""Where servers, their keys and hosts that nobody registered are kept."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.application.accounts import ports as accounts
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.accounts.users import User
from monitor.domain.alerts.policies import Policy
from monitor.domain.alerts.silences import Silence
from monitor.domain.fleet.api_keys import ApiKey, ApiKeyId
from monitor.domain.fleet.servers import Server, ServerId, Status, UnregisteredHost
from monitor.domain.intake.samples import Sample
from monitor.domain.notifications.channels import Channel


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


class ApiKeys(accounts.OwnedKeys):
    @abstractmethod
    def add(self, key: ApiKey) -> ApiKey:
        """Store a new one and return it with its id. Raises ConstraintViolated where its server is gone."""

    @abstractmethod
    def get(self, key_id: ApiKeyId, *, visible_to: Actor) -> ApiKey:
        """Raises NotFound. A user sees the keys of servers linked to them; an admin sees all."""

    @abstractmethod
    def save_last_used(self, last_used: Mapping[ApiKeyId, datetime]) -> None:
        """Keys that are gone are passed over."""


class Preferences(ABC):
    """What administrators set while the product runs, by name; values are numbers."""

    @abstractmethod
    def all(self) -> dict[str, float]:
        """What was set; a name that never was is absent."""

    @abstractmethod
    def save(self, values: Mapping[str, float]) -> None:
        """Set these; the others stay as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFilter:
    """*text* matches name, address or tag without regard to case; *after* is the last id of the page before; *ids*: of
    these alone."""

    ids: Collection[ServerId] | None = None
    text: str | None = None
    tag: str | None = None
    status: Status | None = None
    after: int | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetSnapshot:
    """All that the process keeps in memory, read in one transaction at *revision*."""

    revision: int
    servers: Sequence[Server]
    api_keys: Sequence[ApiKey]
    users: Mapping[UserId, User]
    policies: Sequence[Policy]
    silences: Sequence[Silence]
    channels: Sequence[Channel]
    preferences: Mapping[str, float]


class ServerQueries(ABC):
    @abstractmethod
    def find(self, actor: Actor, wanted: ServerFilter) -> list[Server]:
        """In id order."""

    @abstractmethod
    def get(self, actor: Actor, server_id: ServerId) -> Server:
        """Raises NotFound, also where the actor may not see it."""

    @abstractmethod
    def usernames(self, user_ids: set[UserId]) -> dict[UserId, str]:
        """Names of those that exist."""

    @abstractmethod
    def unregistered(self, actor: Actor) -> list[UnregisteredHost]:
        """The last seen first, those of one moment by address. Raises Forbidden for who is no admin."""


class ApiKeyQueries(ABC):
    @abstractmethod
    def all(self, actor: Actor, *, after: int | None = None, limit: int | None = None) -> list[ApiKey]:
        """In id order; *after* is the last id of the page before. A user sees the keys of servers linked to them; an
        admin sees all."""


class FleetQueries(ABC):
    @abstractmethod
    def revision(self) -> int:
        """Rises with every commit that changed users, servers (but for liveness), links or keys."""

    @abstractmethod
    def snapshot(self) -> FleetSnapshot: ...


class LatestSamples(ABC):
    @abstractmethod
    def latest(self) -> list[Sample]:
        """Of every server the sample with the newest time. For the process itself, at start."""


class UnitOfWork(accounts.UnitOfWork):
    """A transaction on servers and keys; it may change accounts too."""

    api_keys: ApiKeys
    preferences: Preferences
    servers: Servers
    unregistered_hosts: UnregisteredHosts


class Queries(accounts.Queries):
    api_keys: ApiKeyQueries
    fleet: FleetQueries
    samples: LatestSamples
    servers: ServerQueries


class OpenAlerts(ABC):
    """The alerts that are open on servers, as far as the fleet has to do with them."""

    @abstractmethod
    def cancel_of(self, uow: UnitOfWork, server_ids: Collection[ServerId], now: datetime) -> None:
        """End those of servers that *uow* is about to delete. Recipients already notified are notified of it."""
