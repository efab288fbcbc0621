"""The content of the in-memory database, committed and as one unit of work sees it."""

from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from monitor.adapters.memory.sample_table import History, Log, SampleTable
from monitor.application.accounts.credentials import AccessClaims
from monitor.application.alerts.ports import StoredState
from monitor.application.history.ports import Chunk, Rollup
from monitor.application.operations.ports import PeerUpdate
from monitor.domain.accounts.actors import SessionId, UserId
from monitor.domain.accounts.audit import AuditEntry
from monitor.domain.accounts.limits import Guess
from monitor.domain.accounts.sessions import Session
from monitor.domain.accounts.users import User
from monitor.domain.alerts.alert import Alert, AlertId, TimelineEntry
from monitor.domain.alerts.policies import Policy, PolicyId
from monitor.domain.alerts.silences import Silence, SilenceId
from monitor.domain.fleet.api_keys import ApiKey, ApiKeyId
from monitor.domain.fleet.servers import Server, ServerId, UnregisteredHost
from monitor.domain.notifications.channels import Channel, ChannelId
from monitor.domain.notifications.outbox import Notification, NotificationId

K = TypeVar("K")
V = TypeVar("V")


class Table(MutableMapping[K, V]):
    """Committed rows with one unit of work's changes.

    The first change makes a shallow copy (rows are immutable), so reading is free and a rollback leaves no trace.
    """

    def __init__(self, committed: Mapping[K, V]) -> None:
        self.rows = committed
        self._own: dict[K, V] | None = None

    def __getitem__(self, key: K) -> V:
        return self.rows[key]

    def __setitem__(self, key: K, row: V) -> None:
        self._copied()[key] = row

    def __delitem__(self, key: K) -> None:
        del self._copied()[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def _copied(self) -> dict[K, V]:
        if self._own is None:
            self.rows = self._own = dict(self.rows)
        return self._own


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveTicket:
    claims: AccessClaims
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginAttempt:
    guess: Guess
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    holder: str
    token: int
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    holder: str
    leased_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The committed state. It is replaced, never changed, so that a reader keeps a consistent view.

    Unique keys: *user_ids* by `username_key`, *server_ids* by address.
    """

    revision: int = 0
    users: Mapping[UserId, User] = field(default_factory=dict)
    user_ids: Mapping[str, UserId] = field(default_factory=dict)
    servers: Mapping[ServerId, Server] = field(default_factory=dict)
    server_ids: Mapping[str, ServerId] = field(default_factory=dict)
    api_keys: Mapping[ApiKeyId, ApiKey] = field(default_factory=dict)
    sessions: Mapping[SessionId, Session] = field(default_factory=dict)
    live_tickets: Mapping[bytes, LiveTicket] = field(default_factory=dict)
    login_attempts: Mapping[int, LoginAttempt] = field(default_factory=dict)
    leases: Mapping[str, Lease] = field(default_factory=dict)
    unregistered_hosts: Mapping[str, UnregisteredHost] = field(default_factory=dict)
    samples: Mapping[ServerId, History] = field(default_factory=dict)
    chunks: Mapping[tuple[ServerId, int], Chunk] = field(default_factory=dict)
    rollups: Mapping[tuple[ServerId, int, int], Rollup] = field(default_factory=dict)
    audit: Log[AuditEntry] = field(default_factory=Log)
    peer_updates: Mapping[tuple[str, int], PeerUpdate] = field(default_factory=dict)
    heartbeats: Mapping[str, int] = field(default_factory=dict)
    policies: Mapping[PolicyId, Policy] = field(default_factory=dict)
    policy_makers: Mapping[PolicyId, UserId] = field(default_factory=dict)
    server_makers: Mapping[ServerId, UserId] = field(default_factory=dict)
    alert_states: Mapping[tuple[ServerId, str], StoredState] = field(default_factory=dict)
    alerts: Mapping[AlertId, Alert] = field(default_factory=dict)
    timelines: Mapping[AlertId, tuple[TimelineEntry, ...]] = field(default_factory=dict)
    notifications: Mapping[NotificationId, Notification] = field(default_factory=dict)
    notification_leases: Mapping[NotificationId, Claim] = field(default_factory=dict)
    silences: Mapping[SilenceId, Silence] = field(default_factory=dict)
    channels: Mapping[ChannelId, Channel] = field(default_factory=dict)
    preferences: Mapping[str, float] = field(default_factory=dict)


class Draft:
    """The committed state with one unit of work's changes, which no other unit of work sees."""

    def __init__(self, state: State) -> None:
        self._before = state
        self.fleet_changed = False
        self.users = Table(state.users)
        self.user_ids = Table(state.user_ids)
        self.servers = Table(state.servers)
        self.server_ids = Table(state.server_ids)
        self.api_keys = Table(state.api_keys)
        self.sessions = Table(state.sessions)
        self.live_tickets = Table(state.live_tickets)
        self.login_attempts = Table(state.login_attempts)
        self.leases = Table(state.leases)
        self.unregistered_hosts = Table(state.unregistered_hosts)
        self.samples = SampleTable(state.samples)
        self.chunks = Table(state.chunks)
        self.rollups = Table(state.rollups)
        self.audit: list[AuditEntry] = []
        self.older_audit = state.audit
        self.peer_updates = Table(state.peer_updates)
        self.heartbeats = Table(state.heartbeats)
        self.policies = Table(state.policies)
        self.policy_makers = Table(state.policy_makers)
        self.server_makers = Table(state.server_makers)
        self.alert_states = Table(state.alert_states)
        self.alerts = Table(state.alerts)
        self.timelines = Table(state.timelines)
        self.notifications = Table(state.notifications)
        self.notification_leases = Table(state.notification_leases)
        self.silences = Table(state.silences)
        self.channels = Table(state.channels)
        self.preferences = Table(state.preferences)

    def published(self) -> State:
        """Return the state to commit. Call it once."""
        return State(
            revision=self._before.revision + self.fleet_changed,
            users=self.users.rows,
            user_ids=self.user_ids.rows,
            servers=self.servers.rows,
            server_ids=self.server_ids.rows,
            api_keys=self.api_keys.rows,
            sessions=self.sessions.rows,
            live_tickets=self.live_tickets.rows,
            login_attempts=self.login_attempts.rows,
            leases=self.leases.rows,
            unregistered_hosts=self.unregistered_hosts.rows,
            samples=self.samples.published(),
            chunks=self.chunks.rows,
            rollups=self.rollups.rows,
            audit=self.older_audit.appended(self.audit) if self.audit else self.older_audit,
            peer_updates=self.peer_updates.rows,
            heartbeats=self.heartbeats.rows,
            policies=self.policies.rows,
            policy_makers=self.policy_makers.rows,
            server_makers=self.server_makers.rows,
            alert_states=self.alert_states.rows,
            alerts=self.alerts.rows,
            timelines=self.timelines.rows,
            notifications=self.notifications.rows,
            notification_leases=self.notification_leases.rows,
            silences=self.silences.rows,
            channels=self.channels.rows,
            preferences=self.preferences.rows,
        )
