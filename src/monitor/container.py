"""The composition root: how all use cases are made of their parts. `assembly` chooses the adapters."""

from datetime import timedelta
from importlib.metadata import version as installed_version
from socket import gethostname
from typing import Any

from dependency_injector import containers, providers

from monitor.adapters.security.tokens import JwtAccessTokens, JwtDeviceTokens, SignedRefreshTokens
from monitor.adapters.security.totp import PyotpCodes
from monitor.adapters.security.web_authentication import WebAuthn
from monitor.application.accounts.audit_export import ExportAudit
from monitor.application.accounts.authentication import Authenticate, LiveTicketOffice
from monitor.application.accounts.credentials import PasswordHasher
from monitor.application.accounts.entering import EnterByIdentity
from monitor.application.accounts.factors import EncryptFactors, ManageTotp, ResetFactors
from monitor.application.accounts.identity_provider import IdentityProvider
from monitor.application.accounts.joining import JoinIdentity, PartIdentity
from monitor.application.accounts.limits import LoginLimits, Refusals
from monitor.application.accounts.login_links import IssueLoginLink, LogInByLink
from monitor.application.accounts.passkey_login import (
    BeginPasskeyLogin,
    LogInWithPasskey,
    ReauthenticateWithPasskey,
    VerifyPasskey,
)
from monitor.application.accounts.passkeys import AddPasskey, BeginPasskey, RemovePasskey
from monitor.application.accounts.personal_tokens import CreateToken, RevokeToken, TokenUses
from monitor.application.accounts.profile import ChangePassword, UpdateProfile
from monitor.application.accounts.proving import CheckCode, ProveIdentity
from monitor.application.accounts.reauthentication import Reauthenticate
from monitor.application.accounts.sessions import EndSession, EndSessions, LogIn, LogOut, RefreshSession, SessionIssuer
from monitor.application.accounts.single_sign_on import BeginSignOn, FinishSignOn
from monitor.application.accounts.users import ChangeUser, CreateUser, DeleteUser, EnsureFirstAdmin, ResetPassword
from monitor.application.alerts.acknowledging import AcknowledgeAlert, AcknowledgeAlerts, AcknowledgeByLink
from monitor.application.alerts.announcing import CancelOpenAlerts
from monitor.application.alerts.backtest import Backtests, RunBacktest
from monitor.application.alerts.counting import CountServers
from monitor.application.alerts.evaluation import Alerting
from monitor.application.alerts.lists import ListServers
from monitor.application.alerts.maintenance import AlertMaintenance
from monitor.application.alerts.offline import DetectOffline, OwnHearing
from monitor.application.alerts.policies import CreatePolicy, DeletePolicy, EnsureDefaultPolicies, UpdatePolicy
from monitor.application.alerts.silences import CreateSilence, DeleteSilence, SilenceServers
from monitor.application.alerts.state_cache import TakeAlertNews
from monitor.application.fleet.api_keys import CreateApiKey, RevokeApiKey
from monitor.application.fleet.batches import ChangeServers, DeleteServers
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.server_csv import ExportServers
from monitor.application.fleet.server_import import ImportServers
from monitor.application.fleet.servers import CreateServer, DeleteServer, UpdateServer
from monitor.application.fleet.teams import ChangeTeam, CreateTeam, DeleteTeam
from monitor.application.history.archiving import ArchiveHistory, KeepArchive, ReturnHistory
from monitor.application.history.charts import ReadRecent, ReadSeries
from monitor.application.history.filling import FillingDisks
from monitor.application.history.retention import KeepHistory
from monitor.application.history.sealing import SealHistory
from monitor.application.history.tiers import StoredHistory
from monitor.application.intake.epochs import CurrentEpoch
from monitor.application.intake.hearing import ProveHearing
from monitor.application.intake.queue import IntakeQueue
from monitor.application.intake.store_samples import StoreSamples
from monitor.application.notifications.account_mails import SendAccountMails
from monitor.application.notifications.channels import EncryptSecrets, ManageChannels, TestChannel
from monitor.application.notifications.delivery import DeliverNotifications
from monitor.application.notifications.messages import Messages
from monitor.application.notifications.ports import Mailer
from monitor.application.notifications.recipients import CheckCoverage
from monitor.application.notifications.retrying import RetryNotification
from monitor.application.operations.epochs import WatchEpoch
from monitor.application.operations.maintenance import PruneAudit, SaveAgents, SaveKeyUse, TidyUp
from monitor.application.operations.peers import ExchangePeerUpdates, FollowAlerts, FollowFleet
from monitor.application.operations.ports import Store, UnitOfWork
from monitor.application.operations.preferences import ChangePreferences
from monitor.application.operations.processes import WatchProcesses
from monitor.application.operations.reporting import ReportProcess
from monitor.application.ports import Clock, Secrets
from monitor.domain.accounts.limits import Quotas
from monitor.settings import Settings


def _open(store: Store, fleet: Fleet) -> UnitOfWork:
    return store.unit_of_work(fleet.mark_stale)


def _open_for_intake(store: Store, fleet: Fleet) -> UnitOfWork:
    return store.intake_unit_of_work(fleet.mark_stale)


def _set_up_simulation(*parts: Any) -> Any:
    # Imported here, like in the next function: a server simulates nothing.
    from monitor.application.simulation.fleet import SetUpSimulation

    return SetUpSimulation(*parts)


def _write_simulated_history(
    new_uow: Any,
    new_intake_uow: Any,
    queries: Any,
    fleet: Fleet,
    stored: StoredHistory,
    clock: Clock,
    offline_after: timedelta,
) -> Any:
    from monitor.application.alerts.past_alerts import KeepPastAlerts, WatchThePast
    from monitor.application.simulation.history import WriteSimulatedHistory

    watch, keep = WatchThePast(new_uow, fleet, stored, offline_after), KeepPastAlerts(new_uow)
    return WriteSimulatedHistory(new_uow, new_intake_uow, queries, fleet, clock, watch, keep)


class Container(containers.DeclarativeContainer):
    """All use cases, with the given store, clock, randomness, password hasher and senders."""

    settings = providers.Dependency(instance_of=Settings)
    store = providers.Dependency(instance_of=Store)  # type: ignore[type-abstract]  # any Store will do
    clock = providers.Dependency(instance_of=Clock)  # type: ignore[type-abstract]  # likewise
    secrets = providers.Dependency(instance_of=Secrets)  # type: ignore[type-abstract]  # likewise
    hasher = providers.Dependency(instance_of=PasswordHasher)  # type: ignore[type-abstract]  # likewise
    mailer = providers.Dependency(instance_of=Mailer)  # type: ignore[type-abstract]  # likewise
    identity_provider = providers.Dependency(instance_of=IdentityProvider)  # type: ignore[type-abstract]  # likewise
    senders = providers.Dependency(instance_of=dict)
    jwt_secret = providers.Dependency(instance_of=str)
    quotas = providers.Dependency(instance_of=Quotas)

    holder = providers.ThreadSafeSingleton(lambda secrets: secrets.token(), secrets)

    started_at = providers.ThreadSafeSingleton(lambda clock: clock.now(), clock)
    epoch = providers.ThreadSafeSingleton(CurrentEpoch, secrets.provided.token.call(), settings.provided.durable_after)
    queries = store.provided.queries
    fleet = providers.ThreadSafeSingleton(Fleet, queries)
    uow = providers.Factory(_open, store, fleet)
    tokens = providers.ThreadSafeSingleton(JwtAccessTokens, jwt_secret)
    devices = providers.ThreadSafeSingleton(JwtDeviceTokens, jwt_secret)
    refresh_tokens = providers.ThreadSafeSingleton(SignedRefreshTokens, jwt_secret)
    allows_default_password = settings.provided.allows_default_password
    issuer = providers.Factory(SessionIssuer, clock, secrets, tokens, refresh_tokens, allows_default_password)
    refusals = providers.ThreadSafeSingleton(Refusals, uow.provider, clock)
    limits = providers.Factory(LoginLimits, uow.provider, clock)
    codes = providers.ThreadSafeSingleton(PyotpCodes, settings.provided.base_url)
    check_code = providers.Factory(CheckCode, clock, codes)
    prove_identity = providers.Factory(
        ProveIdentity, uow.provider, clock, hasher, limits, refusals, takes_passwords=settings.provided.takes_passwords
    )

    ensure_first_admin = providers.Factory(EnsureFirstAdmin, uow.provider, clock, secrets, hasher)
    create_user = providers.Factory(CreateUser, uow.provider, clock, secrets, hasher)
    change_user = providers.Factory(ChangeUser, uow.provider, clock, secrets)
    takes_passwords = settings.provided.takes_passwords
    reset_password = providers.Factory(
        ResetPassword, uow.provider, clock, secrets, hasher, takes_passwords=takes_passwords
    )
    delete_user = providers.Factory(DeleteUser, uow.provider, clock)

    log_in = providers.Factory(
        LogIn,
        uow.provider,
        clock,
        hasher,
        issuer,
        limits,
        devices,
        refusals,
        check_code,
        takes_passwords=takes_passwords,
    )
    reauthenticate = providers.Factory(Reauthenticate, uow.provider, clock, prove_identity, check_code)
    manage_totp = providers.Factory(ManageTotp, uow.provider, clock, secrets, codes, prove_identity, check_code)
    reset_factors = providers.Factory(ResetFactors, uow.provider, clock)
    encrypt_factors = providers.Factory(EncryptFactors, uow.provider)

    refresh_session = providers.Factory(RefreshSession, uow.provider, clock, refresh_tokens, issuer)
    log_out = providers.Factory(LogOut, uow.provider, clock, secrets, identity_provider)
    end_session = providers.Factory(EndSession, uow.provider, clock)
    end_sessions = providers.Factory(EndSessions, uow.provider, clock)

    create_token = providers.Factory(CreateToken, uow.provider, clock, secrets, quotas)
    revoke_token = providers.Factory(RevokeToken, uow.provider, clock)
    token_uses = providers.ThreadSafeSingleton(TokenUses, uow.provider, clock)
    authenticate = providers.Factory(Authenticate, queries, clock, tokens, allows_default_password, token_uses)
    update_profile = providers.Factory(UpdateProfile, uow.provider, clock)
    change_password = providers.Factory(
        ChangePassword,
        uow.provider,
        clock,
        secrets,
        hasher,
        issuer,
        limits,
        refusals,
        takes_passwords=takes_passwords,
    )
    begin_sign_on = providers.Factory(BeginSignOn, uow.provider, clock, secrets, limits, identity_provider)
    finish_sign_on = providers.Factory(
        FinishSignOn,
        uow.provider,
        clock,
        identity_provider,
        providers.Factory(EnterByIdentity, uow.provider, clock, secrets, issuer, settings.provided.sign_on_rules),
        providers.Factory(JoinIdentity, uow.provider, clock),
        refusals,
    )
    part_identity = providers.Factory(PartIdentity, uow.provider, clock, takes_passwords)
    issue_login_link = providers.Factory(IssueLoginLink, uow.provider, clock, secrets)
    log_in_by_link = providers.Factory(LogInByLink, uow.provider, clock, issuer)
    export_audit = providers.Factory(ExportAudit, uow.provider, queries, clock)
    live_tickets = providers.Factory(LiveTicketOffice, uow.provider, clock, secrets)

    passkey_protocol = providers.Factory(WebAuthn)
    begin_passkey = providers.Factory(BeginPasskey, uow.provider, clock, secrets, passkey_protocol)
    add_passkey = providers.Factory(AddPasskey, uow.provider, clock, passkey_protocol)
    remove_passkey = providers.Factory(RemovePasskey, uow.provider, clock, takes_passwords)
    begin_passkey_login = providers.Factory(BeginPasskeyLogin, uow.provider, clock, secrets, passkey_protocol, limits)
    verify_passkey = providers.Factory(VerifyPasskey, uow.provider, clock, passkey_protocol)
    log_in_with_passkey = providers.Factory(
        LogInWithPasskey,
        uow.provider,
        clock,
        verify_passkey,
        issuer,
        refusals,
        takes_passwords=takes_passwords,
    )
    reauthenticate_with_passkey = providers.Factory(
        ReauthenticateWithPasskey, uow.provider, clock, verify_passkey, refusals
    )

    cancel_open_alerts = providers.Factory(CancelOpenAlerts, fleet)
    stored = providers.Factory(StoredHistory, queries)
    alerting = providers.ThreadSafeSingleton(Alerting, fleet, stored)
    count_servers = providers.ThreadSafeSingleton(CountServers, fleet, alerting, clock)
    list_servers = providers.ThreadSafeSingleton(ListServers, fleet, alerting, clock)
    take_alert_news = providers.Factory(TakeAlertNews, uow.provider, alerting.provided.changes)
    follow_fleet = providers.Factory(FollowFleet, fleet, clock)
    follow_alerts = providers.Factory(FollowAlerts, uow.provider, fleet, alerting)
    exchange_peer_updates = providers.ThreadSafeSingleton(
        ExchangePeerUpdates, uow.provider, queries, fleet, alerting, follow_alerts, holder
    )
    report_process = providers.Factory(
        ReportProcess,
        uow.provider,
        queries,
        clock,
        holder,
        providers.Callable(gethostname),
        providers.Callable(installed_version, "monitor"),
        started_at,
        epoch,
    )
    watch_processes = providers.ThreadSafeSingleton(WatchProcesses, uow.provider, holder)
    ensure_default_policies = providers.Factory(EnsureDefaultPolicies, uow.provider)
    create_policy = providers.Factory(CreatePolicy, uow.provider, clock, quotas)
    update_policy = providers.Factory(UpdatePolicy, uow.provider, clock, fleet)
    delete_policy = providers.Factory(DeletePolicy, uow.provider, clock, fleet)
    acknowledge_alert = providers.Factory(AcknowledgeAlert, uow.provider, clock)
    acknowledge_alerts = providers.Factory(AcknowledgeAlerts, uow.provider, clock)
    acknowledge_by_link = providers.Factory(AcknowledgeByLink, uow.provider, clock)
    create_silence = providers.Factory(CreateSilence, uow.provider, clock, quotas)
    silence_servers = providers.Factory(SilenceServers, uow.provider, clock, quotas)
    delete_silence = providers.Factory(DeleteSilence, uow.provider, clock)
    manage_channels = providers.Factory(ManageChannels, uow.provider, clock, senders)
    encrypt_secrets = providers.Factory(EncryptSecrets, uow.provider)
    test_channel = providers.Factory(TestChannel, uow.provider, clock, secrets, senders)
    change_preferences = providers.Factory(ChangePreferences, uow.provider, clock)
    alert_maintenance = providers.Factory(AlertMaintenance, uow.provider, queries, fleet, alerting, clock, holder)
    messages = providers.Factory(Messages, queries, fleet, clock, settings.provided.base_url, jwt_secret)
    deliver_notifications = providers.Factory(
        DeliverNotifications, uow.provider, fleet, clock, mailer, senders, messages, holder
    )
    send_account_mails = providers.Factory(
        SendAccountMails, uow.provider, clock, mailer, holder, settings.provided.base_url
    )
    retry_notification = providers.Factory(RetryNotification, uow.provider, clock)
    run_backtest = providers.Factory(RunBacktest, queries, fleet, clock, settings.provided.offline_after)
    backtests = providers.ThreadSafeSingleton(Backtests, run_backtest, secrets, quotas)
    check_coverage = providers.Factory(CheckCoverage, fleet, queries, mailer)

    create_server = providers.Factory(CreateServer, uow.provider, clock, quotas)
    update_server = providers.Factory(UpdateServer, uow.provider, clock)
    delete_server = providers.Factory(DeleteServer, uow.provider, clock, cancel_open_alerts)
    delete_servers = providers.Factory(DeleteServers, uow.provider, clock, cancel_open_alerts)
    change_servers = providers.Factory(ChangeServers, uow.provider, clock, cancel_open_alerts)
    export_servers = providers.Factory(ExportServers, uow.provider, queries, clock)
    import_servers = providers.Factory(ImportServers, uow.provider, clock, cancel_open_alerts, quotas)

    create_team = providers.Factory(CreateTeam, uow.provider, clock)
    change_team = providers.Factory(ChangeTeam, uow.provider, clock)
    delete_team = providers.Factory(DeleteTeam, uow.provider, clock)

    create_api_key = providers.Factory(CreateApiKey, uow.provider, clock, secrets, quotas)
    revoke_api_key = providers.Factory(RevokeApiKey, uow.provider, clock)

    intake_uow = providers.Factory(_open_for_intake, store, fleet)
    store_samples = providers.Factory(StoreSamples, intake_uow.provider, fleet, alerting, clock)
    watch_epoch = providers.ThreadSafeSingleton(
        WatchEpoch,
        uow.provider,
        store.provided.intake_server,
        secrets,
        epoch,
        fleet,
        alerting,
        store.provided.reconnect,
    )
    intake_queue = providers.ThreadSafeSingleton(IntakeQueue, store_samples, epoch=epoch)
    hearing = providers.ThreadSafeSingleton(OwnHearing)
    prove_hearing = providers.Factory(ProveHearing, hearing, intake_queue, clock)
    detect_offline = providers.Factory(
        DetectOffline,
        uow.provider,
        fleet,
        alerting,
        stored,
        clock,
        settings.provided.offline_after,
        started_at,
        hearing,
    )
    save_key_use = providers.Factory(SaveKeyUse, uow.provider, fleet)
    save_agents = providers.Factory(SaveAgents, uow.provider, fleet)
    seal_history = providers.Factory(SealHistory, uow.provider, queries, clock, holder)
    keep_history = providers.Factory(KeepHistory, uow.provider, seal_history, fleet, clock, holder)
    archive = store.provided.queries.archive
    archive_history = providers.Factory(ArchiveHistory, uow.provider, archive, clock, holder)
    return_history = providers.Factory(ReturnHistory, uow.provider, archive)
    keep_archive = providers.Factory(KeepArchive, archive_history, fleet, clock)
    filling_disks = providers.ThreadSafeSingleton(FillingDisks, queries, fleet, clock)
    prune_audit = providers.Factory(PruneAudit, uow.provider, fleet, clock)
    tidy_up = providers.Factory(TidyUp, uow.provider, clock, mailer)
    read_series = providers.Factory(ReadSeries, queries, clock, fleet)
    read_recent = providers.Factory(ReadRecent, queries, clock)

    set_up_simulation = providers.Factory(_set_up_simulation, uow.provider, clock, secrets, create_user)
    write_simulated_history = providers.Factory(
        _write_simulated_history,
        uow.provider,
        intake_uow.provider,
        queries,
        fleet,
        stored,
        clock,
        settings.provided.offline_after,
    )
