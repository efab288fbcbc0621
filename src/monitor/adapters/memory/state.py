"""The tables of the in-memory database, and what can be asked of them together."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from monitor.adapters.memory.log import History
from monitor.adapters.memory.table import Definition, Tables
from monitor.application.accounts.credentials import AccessClaims
from monitor.application.alerts.ports import StoredState
from monitor.application.fleet.ports import Tracked
from monitor.application.history.blocks import StoredBlock
from monitor.application.oncall.ports import Paging
from monitor.application.operations.ports import PeerUpdate, Report
from monitor.domain.accounts.account_mails import AccountMail
from monitor.domain.accounts.actors import Actor, PersonalTokenId, SessionId, UserId
from monitor.domain.accounts.audit import AuditEntry
from monitor.domain.accounts.errors import IdentityTaken, PasskeyExists, UsernameTaken
from monitor.domain.accounts.factors import Totp
from monitor.domain.accounts.identities import JoinedIdentity
from monitor.domain.accounts.limits import Guess
from monitor.domain.accounts.passkeys import Passkey, PasskeyId
from monitor.domain.accounts.personal_tokens import PersonalToken
from monitor.domain.accounts.sessions import Challenge, Session
from monitor.domain.accounts.users import User, username_key
from monitor.domain.alerts.alert import Alert, AlertId, EventId, IncidentId, TimelineEntry
from monitor.domain.alerts.due import Cause, DueEvaluation
from monitor.domain.alerts.quiet import Quiet
from monitor.domain.checks.check_ins import CheckIn, Ping
from monitor.domain.checks.checks import StoredCheck
from monitor.domain.errors import NotFound, PolicyExists
from monitor.domain.fleet.api_keys import ApiKey, ApiKeyId
from monitor.domain.fleet.errors import AddressTaken, TeamNameTaken
from monitor.domain.fleet.facts import HostFacts
from monitor.domain.fleet.servers import Server, ServerId, UnregisteredHost
from monitor.domain.fleet.teams import EscalationId, Reach, Team, TeamId
from monitor.domain.incidents.incidents import Incident
from monitor.domain.intake.epochs import EpochMark
from monitor.domain.intake.scrapes import Scrape
from monitor.domain.notifications.channels import Channel, ChannelId
from monitor.domain.notifications.outbox import Notification, NotificationId
from monitor.domain.oncall.escalations import Escalation, EscalationNameTaken
from monitor.domain.oncall.hand_overs import HandedOver
from monitor.domain.oncall.rotas import Rota, RotaId, RotaNameTaken
from monitor.domain.oncall.ways import Way
from monitor.domain.policies.policies import Policy, PolicyId, WatchKey
from monitor.domain.policies.silences import Silence, SilenceId


class Claim(NamedTuple):
    """Lease on the row *id* of another table."""

    id: int
    holder: str
    until: datetime


class Lease(NamedTuple):
    holder: str
    token: int
    expires_at: datetime


class Maker(NamedTuple):
    """Who made the server or policy *id*."""

    id: int
    user_id: UserId


class LiveTicket(NamedTuple):
    digest: bytes
    claims: AccessClaims
    expires_at: datetime


class LoginAttempt(NamedTuple):
    id: int
    guess: Guess
    at: datetime


class RecoveryCode(NamedTuple):
    user_id: UserId
    digest: bytes
    used_at: datetime | None = None


class ServerQuiet(NamedTuple):
    server_id: ServerId
    key: WatchKey
    quiet: Quiet


_OF_USER = {"user_id": "users"}
_OF_SERVER = {"server_id": "servers"}


class State(Tables):
    """All tables, as committed or as one unit of work sees them."""

    users = Definition[UserId, User](
        "user", unique=lambda user: username_key(user.username), taken=UsernameTaken, part=Tracked.USER
    )
    sessions = Definition[SessionId, Session]("session", owners=_OF_USER)
    challenges = Definition[bytes, Challenge]("challenge", "digest")
    live_tickets = Definition[bytes, LiveTicket]("ticket", "digest")
    totp_secrets = Definition[UserId, Totp]("authenticator", "user_id", owners=_OF_USER)
    recovery_codes = Definition[tuple[UserId, bytes], RecoveryCode]("code", "user_id", "digest", owners=_OF_USER)
    passkeys = Definition[PasskeyId, Passkey](
        "passkey", unique=lambda passkey: passkey.credential_id, taken=PasskeyExists, owners=_OF_USER
    )
    personal_tokens = Definition[PersonalTokenId, PersonalToken](
        "token", unique=lambda token: token.digest, owners=_OF_USER
    )
    identities = Definition[int, JoinedIdentity](
        "identity", unique=lambda row: (row.issuer, row.subject), taken=IdentityTaken, owners=_OF_USER
    )
    login_attempts = Definition[int, LoginAttempt]("attempt")
    account_mails = Definition[int, AccountMail]("mail")
    account_mail_leases = Definition[int, Claim]("lease", owners={"id": "account_mails"})
    audit = Definition[int, AuditEntry]("entry")

    servers = Definition[ServerId, Server](
        "server",
        unique=lambda server: server.ip_address,
        taken=AddressTaken,
        links={"user_ids": "users", "host_id": "servers", "depends_on": "servers"},
        part=Tracked.SERVER,
    )
    server_makers = Definition[ServerId, Maker]("maker", owners={"id": "servers", **_OF_USER})
    host_facts = Definition[ServerId, HostFacts]("facts", owners={"": "servers"})
    teams = Definition[TeamId, Team](
        "team",
        unique=lambda team: team.key,
        taken=TeamNameTaken,
        links={"user_ids": "users", "server_ids": "servers", "escalation_id": "escalations"},
        part=Tracked.TEAM,
    )
    api_keys = Definition[ApiKeyId, ApiKey](
        "API key", unique=lambda key: key.digest, owners=_OF_SERVER, links={"owner_id": "users"}, part=Tracked.API_KEY
    )
    unregistered_hosts = Definition[str, UnregisteredHost]("host", "ip_address")
    preferences = Definition[str, float | str]("preference", part=Tracked.PREFERENCES)
    fleet_log = Definition[int, Mapping[str, Collection[object]]]("revision")
    """What each revision of the fleet changed, from the first on."""

    samples = Definition[ServerId, History]("history", owners={"": "servers"})
    blocks = Definition[tuple[ServerId, int, int], StoredBlock](
        "block", "server_id", "width", "period", owners=_OF_SERVER
    )
    scrapes = Definition[tuple[ServerId, int, int], Scrape]("scrape", "server_id", "source", "at", owners=_OF_SERVER)
    scrape_turns = Definition[int, int]("turn")
    history_deletions = Definition[ServerId, None]("deletion")

    checks = Definition[ServerId, StoredCheck]("check", "check.id", owners={"check.id": "servers"})
    check_leases = Definition[ServerId, Claim]("lease", owners={"id": "checks"})
    check_ins = Definition[ServerId, CheckIn](
        "check-in", unique=lambda check_in: check_in.ping_key, owners={"id": "servers"}
    )
    pings = Definition[ServerId, tuple[Ping, ...]]("ping", owners={"": "check_ins"})

    policies = Definition[PolicyId, Policy](
        "policy",
        unique=lambda policy: (policy.key, policy.scope),
        taken=PolicyExists,
        owners={"scope.server_id": "servers"},
        links={"escalation_id": "escalations"},
        part=Tracked.RULES,
    )
    policy_makers = Definition[PolicyId, Maker]("maker", owners={"id": "policies", **_OF_USER})
    silences = Definition[SilenceId, Silence](
        "silence", owners={"scope.server_id": "servers"}, mentions={"created_by": "users"}, part=Tracked.RULES
    )
    alerts = Definition[AlertId, Alert](
        "alert",
        owners=_OF_SERVER,
        mentions={"policy_id": "policies", "acknowledged_by": "users"},
    )
    incidents = Definition[IncidentId, Incident]("incident")
    timeline = Definition[EventId, TimelineEntry]("entry", owners={"alert_id": "alerts"})
    alert_states = Definition[tuple[ServerId, str], StoredState]("state", "server_id", "metric", owners=_OF_SERVER)
    due_evaluations = Definition[tuple[ServerId, str, Cause], DueEvaluation](
        "evaluation", "server_id", "watched", "cause", owners=_OF_SERVER
    )
    quiets = Definition[tuple[ServerId, WatchKey], ServerQuiet]("quiet", "server_id", "key", owners=_OF_SERVER)

    rotas = Definition[RotaId, Rota](
        "rota", unique=lambda rota: username_key(rota.name), taken=RotaNameTaken, part=Tracked.ROSTER
    )
    handed_over = Definition[RotaId, HandedOver]("hand-over", owners={"": "rotas"})
    escalations = Definition[EscalationId, Escalation](
        "escalation",
        unique=lambda escalation: username_key(escalation.name),
        taken=EscalationNameTaken,
        part=Tracked.ROSTER,
    )
    ways = Definition[UserId, tuple[Way, ...]]("way", owners={"": "users"}, part=Tracked.ROSTER)
    pagings = Definition[tuple[AlertId, EscalationId], Paging](
        "paging", "alert_id", "escalation_id", owners={"alert_id": "alerts", "escalation_id": "escalations"}
    )

    channels = Definition[ChannelId, Channel]("channel", part=Tracked.CHANNELS)
    notifications = Definition[NotificationId, Notification](
        "notification",
        unique=lambda n: None if n.event_id is None else (n.event_id, n.target),
        mentions={"alert_id": "alerts", "event_id": "timeline"},
    )
    notification_leases = Definition[NotificationId, Claim]("lease", owners={"id": "notifications"})

    leases = Definition[str, Lease]("lease")
    heartbeats = Definition[str, int]("heartbeat")
    process_reports = Definition[str, tuple[datetime, Report]]("report", owners={"": "heartbeats"})
    peer_updates = Definition[tuple[str, int], PeerUpdate]("peer update")
    epochs = Definition[int, EpochMark]("epoch")

    @property
    def revision(self) -> int:
        return len(self.fleet_log)

    def committed(self) -> "State":
        """Return what is stored once this unit of work commits."""
        parts = [table for table in self.changed if table.definition.part is not None]
        if any(any(table.touched.values()) for table in parts):
            changes: dict[str, set[object]] = {part: set() for part in Tracked}
            for table in parts:
                changes[str(table.definition.part)].update(table.touched)
            self.fleet_log[self.revision + 1] = changes
        return State(self.published(), self.last_ids)

    def history(self, server_id: ServerId) -> History:
        return self.samples.get(server_id, History())

    def seen(self, server_id: ServerId, actor: Actor) -> Server:
        """Return a server. Raises NotFound if there is none that *actor* may see."""
        if not self.sees(server_id, actor):
            raise NotFound(f"no server {server_id}")
        return self.servers[server_id]

    def sees(self, server_id: ServerId, actor: Actor) -> bool:
        server = self.servers.get(server_id)
        return server is not None and server.is_host and server.is_visible_to(actor)

    def watches(self, server_id: ServerId, actor: Actor) -> bool:
        """True if *actor* sees the server, or the host of this check or check-in."""
        server = self.host_of(server_id)
        return server is not None and server.is_visible_to(actor)

    def host_of(self, server_id: ServerId) -> Server | None:
        """Return the server; of a check its host, or else the check itself, which no user is linked to."""
        server = self.servers.get(server_id)
        if server is None or server.host_id is None:
            return server
        return self.servers.get(server.host_id, server)

    def changed_by(self, actor: Actor, server_ids: Iterable[ServerId]) -> list[Server]:
        """Return servers to be changed. Raises NotFound for one not to be seen, Forbidden for one not to be changed."""
        found = [self.seen(server_id, actor) for server_id in server_ids]
        for server in found:
            server.check_changeable_by(actor)
        return found

    def derive_people(self) -> None:
        """Give all servers the people of their teams."""
        reach = Reach.of(self.teams.in_order())
        for server in list(self.servers.values()):
            if (after := reach.applied(server)) is not server:
                self.servers.put(after)
