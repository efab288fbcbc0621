"""What the in-memory database holds: as committed, and as one unit of work sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from monitor.adapters.memory.log import Log
from monitor.adapters.memory.sample_table import History, SampleTable
from monitor.adapters.memory.table import Table
from monitor.application.ports.access_tokens import AccessClaims
from monitor.application.ports.alert_states import StoredState
from monitor.application.ports.bulletins import Bulletin
from monitor.application.ports.history import Block, Chunk
from monitor.domain.actors import SessionId, UserId
from monitor.domain.alerts import Alert, AlertId, TimelineEntry
from monitor.domain.api_keys import ApiKey, ApiKeyId
from monitor.domain.audit import AuditEntry
from monitor.domain.channels import Channel, ChannelId
from monitor.domain.guesses import Guess
from monitor.domain.notifications import Notification, NotificationId
from monitor.domain.policies import Policy, PolicyId
from monitor.domain.servers import Server, ServerId
from monitor.domain.sessions import Session
from monitor.domain.silences import Silence, SilenceId
from monitor.domain.unregistered import UnregisteredHost
from monitor.domain.users import User


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
    """All that is committed. Replaced, never changed: whoever holds one reads one moment.

    *user_ids* is by `username_key`, *server_ids* by address: what has to be unique.
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
    blocks: Mapping[tuple[ServerId, int, int], Block] = field(default_factory=dict)
    audit: Log[AuditEntry] = field(default_factory=Log)
    bulletins: Mapping[tuple[str, int], Bulletin] = field(default_factory=dict)
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
    """The committed state with one unit of work's changes, which nobody else sees."""

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
        self.blocks = Table(state.blocks)
        self.audit: list[AuditEntry] = []
        self.older_audit = state.audit
        self.bulletins = Table(state.bulletins)
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
        """To be called once, by the writer that commits."""
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
            blocks=self.blocks.rows,
            audit=self.older_audit.appended(self.audit) if self.audit else self.older_audit,
            bulletins=self.bulletins.rows,
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
