"""The content of the in-memory database, committed and as one unit of work sees it."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, TypeVar, cast

from monitor.adapters.memory.sample_table import Log, SampleTable
from monitor.application.accounts.credentials import AccessClaims
from monitor.application.alerts.ports import StoredState
from monitor.application.fleet.ports import Tracked
from monitor.application.history.blocks import Chunk, Rollup
from monitor.application.operations.cluster import Report
from monitor.application.operations.ports import PeerUpdate
from monitor.domain.accounts.account_mails import AccountMail
from monitor.domain.accounts.actors import Actor, PersonalTokenId, SessionId, UserId
from monitor.domain.accounts.audit import AuditEntry
from monitor.domain.accounts.challenges import Challenge
from monitor.domain.accounts.factors import Totp
from monitor.domain.accounts.identities import JoinedIdentity
from monitor.domain.accounts.limits import Guess
from monitor.domain.accounts.passkeys import Passkey, PasskeyId
from monitor.domain.accounts.personal_tokens import PersonalToken
from monitor.domain.accounts.sessions import Session
from monitor.domain.accounts.users import User
from monitor.domain.alerts.alert import Alert, AlertId, TimelineEntry
from monitor.domain.alerts.due import Cause, DueEvaluation
from monitor.domain.alerts.policies import Policy, PolicyId, WatchKey
from monitor.domain.alerts.quiet import Quiet
from monitor.domain.alerts.silences import Silence, SilenceId
from monitor.domain.checks.check_ins import CheckIn, Ping
from monitor.domain.checks.checks import StoredCheck
from monitor.domain.errors import ConstraintViolated, NotFound
from monitor.domain.fleet.api_keys import ApiKey, ApiKeyId
from monitor.domain.fleet.servers import Server, ServerId, UnregisteredHost
from monitor.domain.fleet.teams import Team, TeamId
from monitor.domain.intake.epochs import EpochMark
from monitor.domain.intake.scrapes import Scrape
from monitor.domain.notifications.channels import Channel, ChannelId
from monitor.domain.notifications.outbox import Notification, NotificationId

K = TypeVar("K")
V = TypeVar("V")


class Table(MutableMapping[K, V]):
    """Committed rows with one unit of work's changes.

    The first change makes a shallow copy (rows are immutable), so reading is free and a rollback leaves no trace.
    """

    def __init__(self, committed: Mapping[K, V] | None = None) -> None:
        self.rows: Mapping[K, V] = {} if committed is None else committed
        self.touched: set[K] = set()
        self._own: dict[K, V] | None = None

    def __getitem__(self, key: K) -> V:
        return self.rows[key]

    def __setitem__(self, key: K, row: V) -> None:
        self._copied()[key] = row
        self.touched.add(key)

    def __delitem__(self, key: K) -> None:
        del self._copied()[key]
        self.touched.add(key)

    def __iter__(self) -> Iterator[K]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def found(self, key: K, what: str) -> V:
        """Return a row. Raises NotFound, which says *what* it is."""
        if key not in self.rows:
            raise NotFound(f"no {what} {key}")
        return self.rows[key]

    def in_order(self) -> list[V]:
        """Return the rows in the order of their keys."""
        return [self.rows[key] for key in sorted(self.rows)]  # type: ignore[type-var]  # all keys have an order

    def remove(self, is_unwanted: Callable[[K, V], bool]) -> None:
        for key in [key for key, row in self.rows.items() if is_unwanted(key, row)]:
            del self[key]

    def change(self, is_wanted: Callable[[V], bool], **values: Any) -> None:
        """Set these fields of the rows that are wanted, which are dataclasses."""
        for key, row in [(key, row) for key, row in self.rows.items() if is_wanted(row)]:
            self[key] = replace(cast(Any, row), **values)

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


@dataclass(slots=True, kw_only=True)
class State:
    """All tables, as committed or as one unit of work sees them.

    A committed state is never changed, so that a reader keeps a consistent view.
    Unique keys: *user_ids* by `username_key`, *server_ids* by address,
    *check_in_ids* by secret. *last_ids*: by table, shared by all states.
    *new_audit*: entries of a unit of work. *fleet_log*: what each revision of the fleet changed, from the first on.
    """

    last_ids: Counter[str] = field(default_factory=Counter)
    fleet_log: Log[Mapping[Tracked, Collection[int]]] = field(default_factory=Log)
    fleet_changed: bool = False
    samples: SampleTable = field(default_factory=SampleTable)
    audit: Log[AuditEntry] = field(default_factory=Log)
    new_audit: list[AuditEntry] = field(default_factory=list)
    users: Table[UserId, User] = field(default_factory=Table)
    user_ids: Table[str, UserId] = field(default_factory=Table)
    servers: Table[ServerId, Server] = field(default_factory=Table)
    server_ids: Table[str, ServerId] = field(default_factory=Table)
    checks: Table[ServerId, StoredCheck] = field(default_factory=Table)
    check_leases: Table[ServerId, Claim] = field(default_factory=Table)
    teams: Table[TeamId, Team] = field(default_factory=Table)
    api_keys: Table[ApiKeyId, ApiKey] = field(default_factory=Table)
    sessions: Table[SessionId, Session] = field(default_factory=Table)
    challenges: Table[bytes, Challenge] = field(default_factory=Table)
    totp_secrets: Table[UserId, Totp] = field(default_factory=Table)
    recovery_codes: Table[tuple[UserId, bytes], datetime | None] = field(default_factory=Table)
    passkeys: Table[PasskeyId, Passkey] = field(default_factory=Table)
    personal_tokens: Table[PersonalTokenId, PersonalToken] = field(default_factory=Table)
    identities: Table[int, JoinedIdentity] = field(default_factory=Table)
    account_mails: Table[int, AccountMail] = field(default_factory=Table)
    account_mail_leases: Table[int, Claim] = field(default_factory=Table)
    live_tickets: Table[bytes, LiveTicket] = field(default_factory=Table)
    login_attempts: Table[int, LoginAttempt] = field(default_factory=Table)
    leases: Table[str, Lease] = field(default_factory=Table)
    unregistered_hosts: Table[str, UnregisteredHost] = field(default_factory=Table)
    check_ins: Table[ServerId, CheckIn] = field(default_factory=Table)
    check_in_ids: Table[str, ServerId] = field(default_factory=Table)
    check_in_pings: Table[ServerId, tuple[Ping, ...]] = field(default_factory=Table)
    chunks: Table[tuple[ServerId, int], Chunk] = field(default_factory=Table)
    rollups: Table[tuple[ServerId, int, int], Rollup] = field(default_factory=Table)
    scrapes: Table[tuple[ServerId, int, int], Scrape] = field(default_factory=Table)
    scrape_turn: int = 0
    history_deletions: Table[ServerId, None] = field(default_factory=Table)
    peer_updates: Table[tuple[str, int], PeerUpdate] = field(default_factory=Table)
    heartbeats: Table[str, int] = field(default_factory=Table)
    process_reports: Table[str, tuple[datetime, Report]] = field(default_factory=Table)
    epochs: Table[int, EpochMark] = field(default_factory=Table)
    policies: Table[PolicyId, Policy] = field(default_factory=Table)
    policy_makers: Table[PolicyId, UserId] = field(default_factory=Table)
    server_makers: Table[ServerId, UserId] = field(default_factory=Table)
    alert_states: Table[tuple[ServerId, str], StoredState] = field(default_factory=Table)
    due_evaluations: Table[tuple[ServerId, str, Cause], DueEvaluation] = field(default_factory=Table)
    alerts: Table[AlertId, Alert] = field(default_factory=Table)
    quiets: Table[tuple[ServerId, WatchKey], Quiet] = field(default_factory=Table)
    timelines: Table[AlertId, tuple[TimelineEntry, ...]] = field(default_factory=Table)
    notifications: Table[NotificationId, Notification] = field(default_factory=Table)
    notification_leases: Table[NotificationId, Claim] = field(default_factory=Table)
    silences: Table[SilenceId, Silence] = field(default_factory=Table)
    channels: Table[ChannelId, Channel] = field(default_factory=Table)
    preferences: Table[str, float | str] = field(default_factory=Table)

    def following(self) -> "State":
        """Return a state that begins with the rows of this one. Call it once for a state that was changed."""
        tables: dict[str, Any] = {name: Table(getattr(self, name).rows) for name in _TABLES}
        return State(
            last_ids=self.last_ids,
            fleet_log=self.fleet_log.appended([self._fleet_changes()]) if self.fleet_changed else self.fleet_log,
            samples=SampleTable(self.samples.published()),
            audit=self.audit.appended(self.new_audit) if self.new_audit else self.audit,
            scrape_turn=self.scrape_turn,
            **tables,
        )

    @property
    def revision(self) -> int:
        return len(self.fleet_log)

    def _fleet_changes(self) -> Mapping[Tracked, Collection[int]]:
        return {
            Tracked.SERVER: self.servers.touched,
            Tracked.API_KEY: self.api_keys.touched,
            Tracked.USER: self.users.touched,
            Tracked.TEAM: self.teams.touched,
            Tracked.RULES: self.policies.touched | self.silences.touched,
            Tracked.CHANNELS: self.channels.touched,
            Tracked.PREFERENCES: range(len(self.preferences.touched)),
        }

    def next_id(self, table: str) -> int:
        """Return ids from 1 on, none twice, even after a rollback or deletion. Only for the writer."""
        self.last_ids[table] += 1
        return self.last_ids[table]

    def seen(self, server_id: ServerId, actor: Actor) -> Server:
        """Return a server. Raises NotFound if there is none that *actor* may see."""
        if not self.sees(server_id, actor):
            raise NotFound(f"no server {server_id}")
        return self.servers[server_id]

    def sees(self, server_id: ServerId, actor: Actor) -> bool:
        server = self.servers.get(server_id)
        return server is not None and server.is_host and server.is_visible_to(actor)

    def watches(self, server_id: ServerId, actor: Actor) -> bool:
        """Tell whether *actor* sees a server, or the host of a check or check-in."""
        server = self.host_of(server_id)
        return server is not None and server.is_visible_to(actor)

    def host_of(self, server_id: ServerId) -> Server | None:
        """Return the server; of a check its host, or else the check itself, which no user is linked to."""
        server = self.servers.get(server_id)
        if server is None or server.host_id is None:
            return server
        return self.servers.get(server.host_id, server)

    def changed(self, server_ids: Iterable[ServerId], actor: Actor) -> list[Server]:
        """Return servers that *actor* is to change. Raises NotFound if they may not see one; else Forbidden if they may
        not change one."""
        found = [self.seen(server_id, actor) for server_id in server_ids]
        for server in found:
            server.check_changeable_by(actor)
        return found

    def check_server(self, server_id: ServerId | None) -> None:
        """Raises ConstraintViolated if a new row refers to a server that is gone."""
        if server_id is not None and server_id not in self.servers:
            raise ConstraintViolated("the server is gone")

    def check_user(self, user_id: UserId | None) -> None:
        """Likewise for a user."""
        if user_id is not None and user_id not in self.users:
            raise ConstraintViolated("the user is gone")


_TABLES = [each.name for each in fields(State) if each.default_factory is Table]
