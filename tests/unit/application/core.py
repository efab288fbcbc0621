"""The use cases on an in-memory store, wired like the container, with functions that fill it."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from monitor.adapters.memory.fakes import CountedSecrets, FixedClock, InsecurePasswordHasher, MemoryMailer
from monitor.adapters.memory.store import MemoryStore
from monitor.adapters.security.factors import PyotpCodes, WebAuthn
from monitor.adapters.security.tokens import JwtAccessTokens, JwtDeviceTokens, SignedRefreshTokens
from monitor.application.accounts.authentication import Authenticate, LiveTicketOffice
from monitor.application.accounts.credentials import (
    NO_PROVIDER,
    AccessTokens,
    DeviceTokens,
    OneTimeCodes,
    PasswordHasher,
    RefreshTokens,
)
from monitor.application.accounts.factors import ManageTotp, ResetFactors
from monitor.application.accounts.limits import LoginLimits
from monitor.application.accounts.log_in import LogIn
from monitor.application.accounts.passkey_login import (
    BeginPasskeyLogin,
    LogInWithPasskey,
    ReauthenticateWithPasskey,
    VerifyPasskey,
)
from monitor.application.accounts.passkeys import AddPasskey, BeginPasskey, RemovePasskey
from monitor.application.accounts.personal_tokens import CreateToken, RevokeToken, TokenUses
from monitor.application.accounts.profile import ChangePassword, UpdateProfile
from monitor.application.accounts.proving import CheckCode, ProveIdentity, Reauthenticate
from monitor.application.accounts.recording import ExportAudit, Refusals
from monitor.application.accounts.sessions import EndSessions, LogOut, Origin, RefreshSession, SessionIssuer
from monitor.application.accounts.users import ChangeUser, CreateUser, EnsureFirstAdmin, ResetPassword
from monitor.application.alerts.announcing import CancelOpenAlerts
from monitor.application.alerts.evaluating.alerting import Alerting
from monitor.application.alerts.evaluating.state_cache import AlertChanges, StateCache
from monitor.application.alerts.offline import DetectOffline, OwnHearing
from monitor.application.fleet.api_keys import CreateApiKey, RevokeApiKey
from monitor.application.fleet.batches import ChangeServers, DeleteServers
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.leaving import DeleteUser
from monitor.application.fleet.server_csv import ImportServers
from monitor.application.fleet.servers import CreateServer, DeleteServer, UpdateServer
from monitor.application.history.charts import ReadSeries
from monitor.application.history.ports import SampleFilter
from monitor.application.history.retention import KeepHistory
from monitor.application.history.sealing import SealHistory
from monitor.application.history.tiers import StoredHistory
from monitor.application.intake.store_samples import StoreSamples
from monitor.application.notifications.account_mails import SendAccountMails
from monitor.application.notifications.mail_settings import MailInForce
from monitor.application.operations.maintenance import SaveAgents, SaveKeyUse, TidyUp
from monitor.application.operations.ports import UnitOfWork
from monitor.demo.alerts import PastAlerts
from monitor.demo.fleet import SetUpSimulation
from monitor.demo.history import WriteSimulatedHistory
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.accounts.audit import AuditEntry
from monitor.domain.accounts.users import User
from monitor.domain.fleet.api_keys import ApiKey, digest
from monitor.domain.fleet.servers import Server, ServerId, UnregisteredHost
from monitor.domain.intake.samples import Sample
from monitor.domain.notifications.mail_settings import MailSettings
from tests.unit.application.alerts.kills.interruptions import InterruptedHasher, InterruptedUnitOfWork

PASSWORD = "correct horse battery"
ORIGIN = Origin(address="203.0.113.7", user_agent="a browser")
ROOT = Actor(user_id=UserId(0), username="(the tests)", role=Role.ADMIN)
"""An administrator who is not stored."""


@dataclass(slots=True, kw_only=True)
class Core:
    clock: FixedClock = field(default_factory=FixedClock)
    store: MemoryStore = field(default_factory=MemoryStore)
    hasher: PasswordHasher = field(default_factory=InsecurePasswordHasher)
    mailer: MemoryMailer = field(default_factory=MemoryMailer)
    secrets: CountedSecrets = field(default_factory=CountedSecrets)
    codes: OneTimeCodes = field(default_factory=PyotpCodes)
    tokens: AccessTokens = field(default_factory=lambda: JwtAccessTokens("k" * 32))
    allows_default_password: bool = False
    takes_passwords: bool = True
    sso_issuer: str = ""
    offline_after: timedelta = timedelta(seconds=90)
    listening_since: datetime = field(init=False)
    hearing: OwnHearing = field(default_factory=OwnHearing)
    fleet: Fleet = field(init=False)
    alerting: Alerting = field(init=False)
    refusals: Refusals = field(init=False)
    token_uses: TokenUses = field(init=False)
    faults: deque[Exception] = field(default_factory=deque)
    lost_answers: deque[Exception] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.listening_since = self.clock.now()
        self.fleet = Fleet(self.store.queries)
        self.refusals = Refusals(self.new_uow, self.clock)
        self.token_uses = TokenUses(self.new_uow, self.clock)
        self.alerting = Alerting(self.fleet, self.stored, StateCache(self.fleet, self.stored, AlertChanges()))

    def other_process(self) -> "Core":
        """Return a core on the same store, with its own memory."""
        return Core(clock=self.clock, store=self.store, secrets=self.secrets, tokens=self.tokens)

    def while_hashing(self, happens: Callable[[], object]) -> None:
        self.hasher = InterruptedHasher(happens)

    def new_uow(self) -> UnitOfWork:
        return InterruptedUnitOfWork(self.store.unit_of_work(self.fleet.mark_stale), self.faults, self.lost_answers)

    def user(self, username: str, role: Role = Role.USER, password: str = PASSWORD, **more: Any) -> Actor:
        """Store an account."""
        with self.new_uow() as uow:
            user = uow.users.add(
                User(
                    username=username,
                    password_hash=self.hasher.hash(password),
                    role=role,
                    created_at=self.clock.now(),
                    token_version=self.secrets.version(),
                    **more,
                )
            )
            uow.commit()
        return Actor(user_id=user.id, username=user.username, role=user.role)

    def admin(self, username: str = "root") -> Actor:
        return self.user(username, Role.ADMIN)

    def server(self, ip_address: str = "10.0.0.1", linked: Iterable[Actor] = (), **more: Any) -> Server:
        """Store a server that is linked to these users, and refresh the fleet."""
        server = self.create_server(
            ROOT,
            name=more.pop("name", f"host {ip_address}"),
            ip_address=ip_address,
            user_ids=[a.user_id for a in linked],
            **more,
        )
        self.fleet.refresh()
        return server

    def fleet_key(self, owner: Actor) -> ApiKey:
        key, _ = self.create_api_key(owner, name="fleet", server_id=None)
        self.fleet.refresh()
        return key

    def stored_user(self, user_id: UserId) -> User:
        with self.store() as uow:
            return uow.users.get(user_id)

    def stored_server(self, server_id: ServerId) -> Server:
        return self.store.queries.servers.get(ROOT, server_id)

    def stored_samples(self, server_id: ServerId | None = None) -> list[Sample]:
        """Return samples, the oldest first."""
        found = self.store.queries.samples.newest(ROOT, SampleFilter(server_id=server_id, limit=100_000))
        return [stored.sample for stored in reversed(found)]

    def audit(self) -> list[AuditEntry]:
        """Return entries with refused attempts, the newest first."""
        self.refusals(all_of_them=True)
        return self.store.queries.audit.newest(ROOT, limit=1000)

    def unregistered(self) -> list[UnregisteredHost]:
        return self.store.queries.servers.unregistered(ROOT)

    def sample(self, server: Server | ServerId, after: float = 0.0, **more: Any) -> Sample:
        """Return a sample recorded *after* seconds from now and received now, of an agent that reports every 15 s."""
        at = self.clock.now()
        values: dict[str, Any] = {"cpu": 1.0, "memory": 2.0, "disk": 3.0, "interval": 15.0} | more
        server_id = server.id if isinstance(server, Server) else server
        return Sample(server_id=server_id, recorded_at=at + timedelta(seconds=after), received_at=at, **values)

    def unregistered_host(self, ip_address: str = "10.9.9.9") -> UnregisteredHost:
        now = self.clock.now()
        return UnregisteredHost(
            ip_address=ip_address, first_seen_at=now, last_seen_at=now, reports=1, cpu=1.0, memory=2.0, disk=3.0
        )

    def key_of(self, text: str) -> ApiKey:
        """Find the key like for an agent's request. Raises InvalidApiKey."""
        self.fleet.refresh()
        return self.fleet.directory.key(digest(text))

    @property
    def create_user(self) -> CreateUser:
        return CreateUser(self.new_uow, self.clock, self.secrets, self.hasher, self.takes_passwords)

    @property
    def change_user(self) -> ChangeUser:
        return ChangeUser(self.new_uow, self.clock, self.secrets)

    @property
    def reset_password(self) -> ResetPassword:
        return ResetPassword(self.new_uow, self.clock, self.secrets, self.hasher, self.takes_passwords)

    @property
    def delete_user(self) -> DeleteUser:
        return DeleteUser(self.new_uow, self.clock)

    @property
    def ensure_first_admin(self) -> EnsureFirstAdmin:
        return EnsureFirstAdmin(self.new_uow, self.clock, self.secrets, self.hasher)

    @property
    def issuer(self) -> SessionIssuer:
        return SessionIssuer(
            self.clock,
            self.secrets,
            self.tokens,
            self.refresh_tokens,
            self.allows_default_password,
            self.takes_passwords,
        )

    @property
    def limits(self) -> LoginLimits:
        return LoginLimits(self.new_uow, self.clock)

    @property
    def log_in(self) -> LogIn:
        return LogIn(
            self.new_uow,
            self.clock,
            self.hasher,
            self.issuer,
            self.limits,
            self.devices,
            self.refusals,
            self.check_code,
            self.takes_passwords,
        )

    @property
    def check_code(self) -> CheckCode:
        return CheckCode(self.clock, self.codes)

    @property
    def prove_identity(self) -> ProveIdentity:
        return ProveIdentity(self.new_uow, self.hasher, self.limits, self.refusals, self.takes_passwords)

    @property
    def manage_totp(self) -> ManageTotp:
        return ManageTotp(self.new_uow, self.clock, self.secrets, self.codes, self.prove_identity, self.check_code)

    @property
    def reauthenticate(self) -> Reauthenticate:
        return Reauthenticate(self.new_uow, self.clock, self.prove_identity, self.check_code)

    @property
    def reset_factors(self) -> ResetFactors:
        return ResetFactors(self.new_uow, self.clock)

    @property
    def devices(self) -> DeviceTokens:
        return JwtDeviceTokens("k" * 32)

    @property
    def refresh_tokens(self) -> RefreshTokens:
        return SignedRefreshTokens("k" * 32)

    @property
    def refresh_session(self) -> RefreshSession:
        return RefreshSession(self.new_uow, self.clock, self.refresh_tokens, self.issuer, self.takes_passwords)

    @property
    def log_out(self) -> LogOut:
        return LogOut(self.new_uow, self.clock, self.secrets, NO_PROVIDER)

    @property
    def end_sessions(self) -> EndSessions:
        return EndSessions(self.new_uow, self.clock)

    @property
    def export_audit(self) -> ExportAudit:
        return ExportAudit(self.new_uow, self.store.queries, self.clock)

    @property
    def send_account_mails(self) -> SendAccountMails:
        return SendAccountMails(self.new_uow, self.clock, self.mailer, "core", self.mail_in_force)

    @property
    def mail_in_force(self) -> MailInForce:
        environment = MailSettings(base_url="https://monitor.example.com")
        return MailInForce(self.new_uow, self.fleet, environment, "monitor-1")

    @property
    def authenticate(self) -> Authenticate:
        return Authenticate(
            self.store.queries,
            self.clock,
            self.tokens,
            self.allows_default_password,
            self.takes_passwords,
            self.token_uses,
        )

    @property
    def create_token(self) -> CreateToken:
        return CreateToken(self.new_uow, self.clock, self.secrets)

    @property
    def revoke_token(self) -> RevokeToken:
        return RevokeToken(self.new_uow, self.clock)

    @property
    def update_profile(self) -> UpdateProfile:
        return UpdateProfile(self.new_uow, self.clock)

    @property
    def change_password(self) -> ChangePassword:
        return ChangePassword(
            self.new_uow,
            self.clock,
            self.secrets,
            self.hasher,
            self.issuer,
            self.limits,
            self.refusals,
            self.takes_passwords,
        )

    @property
    def live_tickets(self) -> LiveTicketOffice:
        return LiveTicketOffice(self.new_uow, self.clock, self.secrets)

    @property
    def begin_passkey(self) -> BeginPasskey:
        return BeginPasskey(self.new_uow, self.clock, self.secrets, WebAuthn())

    @property
    def add_passkey(self) -> AddPasskey:
        return AddPasskey(self.new_uow, self.clock, WebAuthn())

    @property
    def remove_passkey(self) -> RemovePasskey:
        return RemovePasskey(self.new_uow, self.clock, self.sso_issuer, self.takes_passwords)

    @property
    def begin_passkey_login(self) -> BeginPasskeyLogin:
        return BeginPasskeyLogin(self.new_uow, self.clock, self.secrets, WebAuthn(), self.limits)

    @property
    def verify_passkey(self) -> VerifyPasskey:
        return VerifyPasskey(self.new_uow, self.clock, WebAuthn())

    @property
    def log_in_with_passkey(self) -> LogInWithPasskey:
        return LogInWithPasskey(
            self.new_uow, self.clock, self.verify_passkey, self.issuer, self.refusals, self.takes_passwords
        )

    @property
    def reauthenticate_with_passkey(self) -> ReauthenticateWithPasskey:
        return ReauthenticateWithPasskey(self.new_uow, self.clock, self.verify_passkey, self.refusals)

    @property
    def cancel_open_alerts(self) -> CancelOpenAlerts:
        return CancelOpenAlerts(self.fleet)

    @property
    def stored(self) -> StoredHistory:
        return StoredHistory(self.store.queries)

    @property
    def create_server(self) -> CreateServer:
        return CreateServer(self.new_uow, self.clock)

    @property
    def update_server(self) -> UpdateServer:
        return UpdateServer(self.new_uow, self.clock)

    @property
    def delete_server(self) -> DeleteServer:
        return DeleteServer(self.new_uow, self.clock, self.cancel_open_alerts)

    @property
    def delete_servers(self) -> DeleteServers:
        return DeleteServers(self.new_uow, self.clock, self.cancel_open_alerts)

    @property
    def change_servers(self) -> ChangeServers:
        return ChangeServers(self.new_uow, self.clock, self.cancel_open_alerts)

    @property
    def import_servers(self) -> ImportServers:
        return ImportServers(self.new_uow, self.clock, self.cancel_open_alerts)

    @property
    def create_api_key(self) -> CreateApiKey:
        return CreateApiKey(self.new_uow, self.clock, self.secrets)

    @property
    def revoke_api_key(self) -> RevokeApiKey:
        return RevokeApiKey(self.new_uow, self.clock)

    @property
    def store_samples(self) -> StoreSamples:
        return StoreSamples(self.new_uow, self.fleet, self.alerting, self.clock)

    @property
    def detect_offline(self) -> DetectOffline:
        return DetectOffline(
            self.new_uow,
            self.fleet,
            self.alerting,
            self.stored,
            self.clock,
            self.offline_after,
            self.listening_since,
            self.hearing,
        )

    @property
    def save_key_use(self) -> SaveKeyUse:
        return SaveKeyUse(self.new_uow, self.fleet)

    @property
    def save_agents(self) -> SaveAgents:
        return SaveAgents(self.new_uow, self.fleet)

    @property
    def tidy_up(self) -> TidyUp:
        return TidyUp(self.new_uow, self.clock, self.mailer)

    @property
    def seal_history(self) -> SealHistory:
        return SealHistory(self.new_uow, self.store.queries, self.clock, "core")

    @property
    def keep_history(self) -> KeepHistory:
        return KeepHistory(self.new_uow, self.seal_history, self.fleet, self.clock, "core")

    @property
    def set_up_simulation(self) -> SetUpSimulation:
        return SetUpSimulation(self.new_uow, self.clock, self.secrets, self.create_user)

    @property
    def write_simulated_history(self) -> WriteSimulatedHistory:
        queries = self.store.queries
        return WriteSimulatedHistory(self.new_uow, self.new_uow, queries, self.fleet, self.clock, self.past_alerts)

    @property
    def past_alerts(self) -> PastAlerts:
        return PastAlerts(self.new_uow, self.fleet, StoredHistory(self.store.queries), self.offline_after)

    @property
    def read_series(self) -> ReadSeries:
        return ReadSeries(self.store.queries, self.clock, self.fleet)
