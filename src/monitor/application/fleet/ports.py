"""Ports of the fleet: repositories and queries of servers, keys, unregistered hosts and the snapshot."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from monitor.application.accounts import ports as accounts
from monitor.application.accounts.ports import OwnedKeys
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.accounts.users import User
from monitor.domain.fleet.api_keys import ApiKey, ApiKeyId
from monitor.domain.fleet.facts import HostFacts
from monitor.domain.fleet.servers import AgentInfo, Kind, Server, ServerId, Status, UnregisteredHost
from monitor.domain.fleet.teams import EscalationId, Team, TeamId
from monitor.domain.intake.samples import Sample
from monitor.domain.notifications.channels import Channel
from monitor.domain.oncall.roster import NO_ROSTER, Roster
from monitor.domain.policies.policies import Policy
from monitor.domain.policies.silences import Silence


class Servers(ABC):
    def add(self, server: Server) -> Server:
        """Store a new server; return it with its id. Raises AddressTaken; ConstraintViolated if a linked user is
        deleted."""
        return self.add_many([server])[0]

    @abstractmethod
    def add_many(self, servers: Sequence[Server]) -> list[Server]:
        """Like `add` for servers with different addresses; keeps their order."""

    def get(self, server_id: ServerId, *, changed_by: Actor) -> Server:
        """Return the server, locked. Raises NotFound, also if the actor does not see it, and Forbidden."""
        return self.get_many([server_id], changed_by=changed_by)[0]

    @abstractmethod
    def get_many(self, server_ids: Collection[ServerId], *, changed_by: Actor) -> list[Server]:
        """Return servers in id order, locked. Raises NotFound if one is not there or not visible, then Forbidden."""

    @abstractmethod
    def find_many(self, server_ids: Collection[ServerId], *, changed_by: Actor) -> list[Server]:
        """Like `get_many`, but leave out servers that do not exist or that the actor may not change."""

    @abstractmethod
    def by_addresses(self, addresses: Collection[str]) -> list[Server]:
        """Return servers with one of these canonical addresses in id order, whether visible or not."""

    @abstractmethod
    def save(self, server: Server) -> None:
        """Replace name, address, port, tags and links, but not the status, which reports decide. Raises AddressTaken,
        NotFound, and ConstraintViolated if a linked user is deleted."""

    @abstractmethod
    def save_many(self, servers: Sequence[Server]) -> None:
        """Like `save` for servers whose addresses do not change."""

    @abstractmethod
    def depend(self, parents: Mapping[ServerId, Collection[ServerId]]) -> None:
        """Replace what these servers or checks depend on. Raises ConstraintViolated if one was deleted."""

    @abstractmethod
    def parents(self, server_ids: Collection[ServerId]) -> dict[ServerId, frozenset[ServerId]]:
        """Return what these servers and checks depend on, if on anything. Nobody else changes it until the transaction
        ends: two changes at once make no cycle."""

    @abstractmethod
    def seen(self, server_ids: Collection[ServerId], actor: Actor) -> dict[ServerId, Kind]:
        """Return which of these the actor sees, and what each is."""

    @abstractmethod
    def delete(self, server_ids: Collection[ServerId]) -> None:
        """Delete servers with samples, links, tags and keys. Skips unknown ids."""

    @abstractmethod
    def existing(self, server_ids: Collection[ServerId], *, keep: bool = False) -> set[ServerId]:
        """Return the ids that exist. *keep*: none of them can be deleted until the transaction ends."""

    @abstractmethod
    def host_of(self, server_id: ServerId) -> ServerId | None:
        """Return the id itself, or for a check or check-in that of its host; None if it has none. Raises NotFound."""

    @abstractmethod
    def names(self, server_ids: Collection[ServerId]) -> dict[ServerId, str]:
        """Return the names of existing servers."""

    @abstractmethod
    def mark_online(self, server_ids: Collection[ServerId]) -> None: ...

    @abstractmethod
    def mark_offline(self, last_reports: Mapping[ServerId, datetime]) -> None:
        """Set offline, with the time of the last report."""

    @abstractmethod
    def intervals(self, server_ids: Collection[ServerId]) -> dict[ServerId, float]:
        """Return the intervals (seconds) that agents declared; servers without one are absent."""

    @abstractmethod
    def save_intervals(self, intervals: Mapping[ServerId, float]) -> None:
        """Save the intervals (seconds) that agents declare."""

    @abstractmethod
    def save_agents(self, agents: Mapping[ServerId, AgentInfo]) -> None:
        """Save what agents say. Skips unknown ids."""

    @abstractmethod
    def save_facts(self, facts: Mapping[ServerId, HostFacts]) -> None:
        """Save what agents say of their hosts, unless newer facts are stored. Skips unknown ids."""


class UnregisteredHosts(ABC):
    @abstractmethod
    def record(self, hosts: Sequence[UnregisteredHost]) -> None:
        """Add hosts. Of known ones add up the reports, keep `first_seen_at` and replace the rest. Keep the
        MAX_UNREGISTERED that were seen last."""

    @abstractmethod
    def known(self, addresses: Collection[str]) -> set[str]:
        """Return the canonical addresses that are recorded."""

    @abstractmethod
    def delete(self, *addresses: str) -> None:
        """Ignores unknown addresses."""


class ApiKeys(OwnedKeys):
    @abstractmethod
    def add(self, key: ApiKey) -> ApiKey:
        """Store a new key; return it with its id. Raises ConstraintViolated if its server is deleted."""

    @abstractmethod
    def get(self, key_id: ApiKeyId, *, changed_by: Actor) -> ApiKey:
        """Users see the keys of servers that they see, administrators all keys. Raises NotFound, also for a key that
        the actor does not see, and Forbidden if they only see it."""

    @abstractmethod
    def save_last_used(self, last_used: Mapping[ApiKeyId, datetime]) -> None:
        """Ignores deleted keys."""


class Preferences(ABC):
    """Numbers and texts that administrators set while the product runs, by name. One is a secret: `PASSWORD`."""

    @abstractmethod
    def all(self) -> dict[str, float | str]:
        """Return the values that were set. A secret that cannot be decrypted is 0."""

    @abstractmethod
    def save(self, values: Mapping[str, float | str]) -> None:
        """Set these values; others do not change."""

    @abstractmethod
    def reencrypt(self) -> None:
        """Encrypt with the current key the secret that is under an older one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFilter:
    """*text* matches name, address or tag in any case. *after*: last id of the previous page. *ids*: only these."""

    ids: Collection[ServerId] | None = None
    text: str | None = None
    tag: str | None = None
    status: Status | None = None
    after: int | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetSnapshot:
    """Everything that a process keeps in memory, read in one transaction at *revision*. *servers*: perhaps without the
    people of their teams, which `Directory` derives from *teams*."""

    revision: int
    servers: Sequence[Server] = ()
    api_keys: Sequence[ApiKey] = ()
    users: Mapping[UserId, User] = field(default_factory=dict)
    teams: Sequence[Team] = ()
    policies: Sequence[Policy] = ()
    silences: Sequence[Silence] = ()
    channels: Sequence[Channel] = ()
    preferences: Mapping[str, float | str] = field(default_factory=dict)
    roster: Roster = NO_ROSTER


class Tracked(StrEnum):
    """Parts of the fleet whose changes are logged. The first four by id, the others as a whole."""

    SERVER = "server"
    API_KEY = "api_key"
    USER = "user"
    TEAM = "team"
    RULES = "rules"
    CHANNELS = "channels"
    PREFERENCES = "preferences"
    ROSTER = "roster"


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetChanges:
    """What changed up to *revision*, and perhaps more: None for what is deleted, and for parts that did not change."""

    revision: int
    servers: Mapping[ServerId, Server | None] = field(default_factory=dict)
    api_keys: Mapping[ApiKeyId, ApiKey | None] = field(default_factory=dict)
    users: Mapping[UserId, User | None] = field(default_factory=dict)
    teams: Mapping[TeamId, Team | None] = field(default_factory=dict)
    policies: Sequence[Policy] | None = None
    silences: Sequence[Silence] | None = None
    channels: Sequence[Channel] | None = None
    preferences: Mapping[str, float | str] | None = None
    roster: Roster | None = None


class ServerQueries(ABC):
    @abstractmethod
    def find(self, actor: Actor, wanted: ServerFilter) -> list[Server]:
        """Return servers in id order."""

    @abstractmethod
    def get(self, actor: Actor, server_id: ServerId) -> Server:
        """Raises NotFound, also if the actor may not see it."""

    @abstractmethod
    def facts(self, actor: Actor, server_id: ServerId) -> HostFacts | None:
        """Return what is stored of a host, or None. Raises what `get` raises."""

    @abstractmethod
    def usernames(self, user_ids: set[UserId]) -> dict[UserId, str]:
        """Return the names of users that exist."""

    @abstractmethod
    def unregistered(self, actor: Actor) -> list[UnregisteredHost]:
        """Return hosts, the last seen first, then by address. Raises Forbidden for users who are no administrators."""


class ApiKeyQueries(ABC):
    @abstractmethod
    def all(self, actor: Actor, *, after: int | None = None, limit: int | None = None) -> list[ApiKey]:
        """Return keys in id order. *after*: last id of the previous page. Users see the keys of servers that they see,
        administrators all keys."""


class FleetQueries(ABC):
    @abstractmethod
    def revision(self) -> int:
        """Rises with each commit that changes something in `FleetSnapshot`, except the liveness of servers."""

    @abstractmethod
    def snapshot(self) -> FleetSnapshot: ...

    @abstractmethod
    def changes(self, since: int, at_most: int) -> FleetChanges | None:
        """Return what changed after the revision *since*. None if it is more than *at_most*, or the log no longer has
        it: then read a snapshot."""


class LatestSamples(ABC):
    @abstractmethod
    def latest(self) -> list[Sample]:
        """Return the newest sample of each server. A process reads it once, when it starts."""


class KnownEscalations(ABC):
    """The use of escalations that teams make."""

    @abstractmethod
    def get(self, escalation_id: EscalationId) -> object:
        """Raises NotFound."""


class UnitOfWork(accounts.UnitOfWork):
    """Transaction on accounts, servers and keys."""

    api_keys: ApiKeys
    escalations: KnownEscalations
    preferences: Preferences
    servers: Servers
    unregistered_hosts: UnregisteredHosts


class Queries(accounts.Queries):
    api_keys: ApiKeyQueries
    fleet: FleetQueries
    samples: LatestSamples
    servers: ServerQueries


class OpenAlerts(ABC):
    """The use of alerts that the fleet makes."""

    @abstractmethod
    def cancel_of(
        self, uow: UnitOfWork, server_ids: Collection[ServerId], now: datetime, note: str = "server deleted"
    ) -> None:
        """Cancel open alerts of servers that *uow* is about to delete. Notify only recipients already notified."""
