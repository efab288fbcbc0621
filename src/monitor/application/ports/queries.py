"""Reads that serve a screen: read models, apart from the repositories that guard invariants.

Each takes the actor, so that nothing is read which they may not see. Each may raise StorageUnavailable.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.application.ports.bulletins import BulletinQueries
from monitor.application.ports.history import HistoryQueries
from monitor.domain.actors import Actor, Role, SessionId, UserId
from monitor.domain.alert_engine import Level
from monitor.domain.alerts import Alert, AlertId, AlertState, TimelineEntry
from monitor.domain.api_keys import ApiKey
from monitor.domain.audit import AuditEntry
from monitor.domain.channels import Channel, ChannelId
from monitor.domain.history.frames import Frame
from monitor.domain.notifications import Delivery, Notification
from monitor.domain.policies import Policy
from monitor.domain.samples import Sample
from monitor.domain.servers import Server, ServerId, Status
from monitor.domain.sessions import Session
from monitor.domain.silences import Silence
from monitor.domain.unregistered import UnregisteredHost
from monitor.domain.users import User


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
class SampleFilter:
    """Of one server or of all; start <= recorded_at < end; *before* is the last (recorded_at, server) of the page
    before."""

    server_id: ServerId | None = None
    start: datetime | None = None
    end: datetime | None = None
    before: tuple[datetime, ServerId] | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSample:
    """*id* is None for one that was sealed into the compressed history."""

    id: int | None
    server_name: str
    ip_address: str
    sample: Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOwner:
    """A live session's user, as the check on every request needs it."""

    user_id: UserId
    username: str
    role: Role
    token_version: int
    has_default_password: bool
    has_temporary_password: bool = False


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


MinuteAverages = dict[ServerId, dict[str, list[float | None]]]
"""Of each server, by metric, an average for each minute; None for one without samples."""


class UserQueries(ABC):
    @abstractmethod
    def all(self, actor: Actor, *, after: int | None = None, limit: int | None = None) -> list[User]:
        """In id order; *after* is the last id of the page before. Raises Forbidden for who is no admin."""

    @abstractmethod
    def options(self) -> list[tuple[UserId, str]]:
        """Id and name of everyone, in name order, for pickers."""

    @abstractmethod
    def me(self, actor: Actor) -> User:
        """Raises NotFound once the account is gone."""

    @abstractmethod
    def sessions(self, actor: Actor, now: datetime) -> list[Session]:
        """The actor's own live ones, the last used first."""

    @abstractmethod
    def session_owner(self, user_id: UserId, session_id: SessionId, now: datetime) -> SessionOwner | None:
        """None where the session is gone or expired, or is not that user's."""

    @abstractmethod
    def token_versions(self, session_ids: Collection[SessionId], now: datetime) -> dict[SessionId, int]:
        """What an access token has to carry, of those of the sessions that live."""

    @abstractmethod
    def happened_to(self, user_id: UserId, actions: Collection[str], after: datetime) -> bool:
        """Whether one of these was done after that moment, as the audit log knows. Never of a deleted user."""


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


class SampleQueries(ABC):
    """Of those that are rows: `application.tiers` reads all."""

    @abstractmethod
    def newest(self, actor: Actor, wanted: SampleFilter) -> list[StoredSample]:
        """Newest first, by (recorded_at, server id). Raises NotFound for a server the actor may not see."""

    @abstractmethod
    def between(self, actor: Actor, server_id: ServerId, start: datetime, end: datetime) -> list[Sample]:
        """start <= recorded_at < end, oldest first. Raises NotFound for a server the actor may not see."""

    @abstractmethod
    def frame(
        self, actor: Actor, server_id: ServerId, start: datetime, end: datetime, metrics: Sequence[str] | None = None
    ) -> Frame:
        """start <= recorded_at < end, these *metrics* of them or (None) all; only of hours that have rows which their
        chunk lacks (`HotHour.is_open`). A metric that no sample has may be left out. Raises NotFound like `between`.
        """

    @abstractmethod
    def minutes(
        self, actor: Actor, server_ids: Collection[ServerId], metrics: Sequence[str], start: datetime, count: int
    ) -> MinuteAverages:
        """*count* minutes from the whole minute *start* on, of *metrics* (of COLUMN_METRICS), to two decimals. Of those
        servers that the actor may see, in id order; the others are left out. For a few hundred servers and an hour.
        """

    @abstractmethod
    def latest(self) -> list[Sample]:
        """Of every server the sample with the newest time. For the process itself, at start."""


class ApiKeyQueries(ABC):
    @abstractmethod
    def all(self, actor: Actor, *, after: int | None = None, limit: int | None = None) -> list[ApiKey]:
        """In id order; *after* is the last id of the page before. A user sees the keys of servers linked to them; an
        admin sees all."""


class AuditQueries(ABC):
    @abstractmethod
    def newest(self, actor: Actor, *, before: int | None, limit: int) -> list[AuditEntry]:
        """Newest first; *before* is the last id of the page before. Raises Forbidden for who is no admin."""


class FleetQueries(ABC):
    @abstractmethod
    def revision(self) -> int:
        """Rises with every commit that changed users, servers (but for liveness), links or keys."""

    @abstractmethod
    def snapshot(self) -> FleetSnapshot: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFilter:
    """start <= fired_at < end; *level* is the highest that an alert came to; *text* and *tag* choose servers, as a
    ServerFilter does; *before* is the last id of the page before."""

    state: AlertState | None = None
    server_id: ServerId | None = None
    level: Level | None = None
    acknowledged: bool | None = None
    metric: str | None = None
    text: str | None = None
    tag: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    before: int | None = None
    limit: int = 100

    def may_be_of(self, server: Server) -> bool:
        """Whether that is one of the servers it chooses."""
        return (
            self.server_id in (None, server.id)
            and (self.tag is None or self.tag in server.tags)
            and (self.text is None or server.mentions(self.text))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAlert:
    alert: Alert
    server_name: str
    acknowledged_by: str | None


class AlertQueries(ABC):
    @abstractmethod
    def newest(self, actor: Actor, wanted: AlertFilter) -> list[ShownAlert]:
        """Of servers the actor may see, by id, newest first. Raises NotFound for a server the actor may not see."""

    @abstractmethod
    def get(self, actor: Actor, alert_id: AlertId) -> tuple[ShownAlert, list[TimelineEntry]]:
        """With its timeline, oldest first. Raises NotFound, also where the actor may not see its server."""

    @abstractmethod
    def calm(self, since: datetime) -> list[tuple[ServerId, str]]:
        """Servers and metrics with alerts marked as flapping, of which none has changed after *since*. For the product
        itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationFilter:
    """*before* is the last id of the page before."""

    delivery: Delivery | None = None
    server_id: ServerId | None = None
    before: int | None = None
    limit: int = 100


class NotificationQueries(ABC):
    @abstractmethod
    def newest(self, actor: Actor, wanted: NotificationFilter) -> list[Notification]:
        """By id, newest first. Raises Forbidden for who is no admin."""

    @abstractmethod
    def last_by_channel(self) -> dict[ChannelId, Notification]:
        """Of each channel the one tried last (SENT, PARKED, or PENDING after an attempt)."""


class Queries(ABC):
    alerts: AlertQueries
    notifications: NotificationQueries
    api_keys: ApiKeyQueries
    audit: AuditQueries
    bulletins: BulletinQueries
    fleet: FleetQueries
    history: HistoryQueries
    samples: SampleQueries
    servers: ServerQueries
    users: UserQueries
