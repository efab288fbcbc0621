"""The composition root: how all use cases are made of their parts. `assembly` chooses the adapters."""

from importlib.metadata import version as installed_version
from socket import gethostname

from dependency_injector import providers

from monitor.application.alerts.acknowledging import AcknowledgeAlert, AcknowledgeAlerts, AcknowledgeByLink
from monitor.application.alerts.alert_changes import TakeAlertNews
from monitor.application.alerts.announcing import CancelOpenAlerts
from monitor.application.alerts.clocks import FollowClocks
from monitor.application.alerts.evaluation import Alerting
from monitor.application.alerts.lists import CountServers, ListServers
from monitor.application.alerts.maintenance import AlertMaintenance
from monitor.application.alerts.offline import DetectOffline, OwnHearing
from monitor.application.checks.check_ins import ChangeCheckIn, CreateCheckIn, DeleteCheckIn, PauseCheckIn
from monitor.application.checks.checks import ChangeCheck, CreateCheck, DeleteCheck
from monitor.application.checks.missed import DetectMissed
from monitor.application.checks.pings import PingLimits, RecordPings, UnstoredPings
from monitor.application.checks.reading import ReadCheckIns
from monitor.application.checks.results import CheckResults
from monitor.application.checks.runs import RunCheck, RunDueChecks
from monitor.application.checks.uptime import ReadUptime
from monitor.application.configuration.applying import ApplyConfiguration
from monitor.application.configuration.current import ReadConfiguration
from monitor.application.configuration.ends import FindEnds
from monitor.application.configuration.pages import PredictPages
from monitor.application.configuration.planning import Plans
from monitor.application.fleet.api_keys import CreateApiKey, RevokeApiKey
from monitor.application.fleet.batches import ChangeServers, DeleteServers
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.server_csv import ExportServers
from monitor.application.fleet.server_import import ImportServers
from monitor.application.fleet.servers import CreateServer, DeleteServer, UpdateServer
from monitor.application.fleet.teams import ChangeTeam, CreateTeam, DeleteTeam
from monitor.application.hindsight.backtest import Backtests, RunBacktest
from monitor.application.hindsight.explaining import ExplainAlert
from monitor.application.hindsight.noise import CountNoise
from monitor.application.hindsight.verdicts import JudgeAlert
from monitor.application.history.archiving import ArchiveHistory, KeepArchive, ReturnHistory
from monitor.application.history.charts import ReadRecent, ReadSeries
from monitor.application.history.filling import FillingDisks
from monitor.application.history.retention import KeepHistory
from monitor.application.history.sealing import SealHistory
from monitor.application.history.tiers import StoredHistory
from monitor.application.intake.assembling import Assembler
from monitor.application.intake.epochs import CurrentEpoch
from monitor.application.intake.hearing import ProveHearing
from monitor.application.intake.queue import IntakeQueue
from monitor.application.intake.scrapes import MakeRoom, PruneScrapes
from monitor.application.intake.store_samples import StoreSamples
from monitor.application.notifications.account_mails import SendAccountMails
from monitor.application.notifications.channels import EncryptSecrets, ManageChannels, TestChannel
from monitor.application.notifications.delivery import DeliverNotifications
from monitor.application.notifications.messages import Messages
from monitor.application.notifications.recipients import CheckCoverage
from monitor.application.notifications.retrying import RetryNotification
from monitor.application.operations.epochs import WatchEpoch
from monitor.application.operations.maintenance import PruneAudit, SaveAgents, SaveKeyUse, TidyUp
from monitor.application.operations.peers import ExchangePeerUpdates, FollowAlerts, FollowFleet
from monitor.application.operations.ports import Store, UnitOfWork
from monitor.application.operations.preferences import ChangePreferences
from monitor.application.operations.processes import WatchProcesses
from monitor.application.operations.reporting import ReportProcess
from monitor.application.operations.storing import WatchStoring
from monitor.application.policies.policies import CreatePolicy, DeletePolicy, EnsureDefaultPolicies, UpdatePolicy
from monitor.application.policies.show_outlooks import ShowOutlooks
from monitor.application.policies.silence_effects import FindHeldBack, PreviewSilence
from monitor.application.policies.silences import CreateSilence, DeleteSilence, SilenceServers
from monitor.wiring.accounts import AccountContainer
from monitor.wiring.shared import Shared

# A class body does not see the names of its base.
settings = Shared.settings
store = Shared.store
clock = Shared.clock
secrets = Shared.secrets
schedules = Shared.schedules
configuration_format = Shared.configuration_format
mailer = Shared.mailer
senders = Shared.senders
prober = Shared.prober
jwt_secret = Shared.jwt_secret
quotas = Shared.quotas
holder = Shared.holder
queries = Shared.queries
fleet = Shared.fleet
uow = Shared.uow


def _open_for_intake(store: Store, fleet: Fleet) -> UnitOfWork:
    return store.intake_unit_of_work(fleet.mark_stale)


class Container(AccountContainer):
    """All use cases, with the given store, clock, randomness, password hasher and senders."""

    started_at = providers.ThreadSafeSingleton(lambda clock: clock.now(), clock)
    epoch = providers.ThreadSafeSingleton(CurrentEpoch, secrets.provided.token.call(), settings.provided.durable_after)

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
    acknowledge_alert = providers.Factory(AcknowledgeAlert, uow.provider, clock, fleet)
    acknowledge_alerts = providers.Factory(AcknowledgeAlerts, uow.provider, clock, fleet)
    acknowledge_by_link = providers.Factory(AcknowledgeByLink, uow.provider, clock, fleet)
    judge_alert = providers.Factory(JudgeAlert, uow.provider, clock)
    explain_alert = providers.Factory(ExplainAlert, queries, fleet, clock, settings.provided.offline_after)
    create_silence = providers.Factory(CreateSilence, uow.provider, clock, quotas)
    silence_servers = providers.Factory(SilenceServers, uow.provider, clock, quotas)
    preview_silence = providers.Factory(PreviewSilence, uow.provider, queries, fleet, clock)
    find_held_back = providers.Factory(FindHeldBack, uow.provider, queries, fleet, clock)
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
    count_noise = providers.Factory(CountNoise, queries, fleet, clock, run_backtest, backtests)
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
    make_room = providers.Factory(MakeRoom, uow.provider, queries)
    assembler = providers.ThreadSafeSingleton(Assembler, queries, intake_queue, make_room, clock)
    create_check = providers.Factory(CreateCheck, uow.provider, clock, secrets)
    change_check = providers.Factory(ChangeCheck, uow.provider, fleet, alerting, clock)
    delete_check = providers.Factory(DeleteCheck, uow.provider, clock, cancel_open_alerts)
    check_results = providers.ThreadSafeSingleton(CheckResults, uow.provider, fleet, intake_queue, clock, holder)
    run_check = providers.Factory(RunCheck, uow.provider, queries, prober, check_results, clock, holder)
    run_due_checks = providers.ThreadSafeSingleton(
        RunDueChecks, uow.provider, fleet, prober, check_results, clock, holder
    )
    read_uptime = providers.Factory(ReadUptime, queries, clock)
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
    watch_storing = providers.ThreadSafeSingleton(
        WatchStoring, intake_queue, fleet, mailer, clock, providers.Callable(gethostname)
    )
    follow_clocks = providers.Factory(FollowClocks, uow.provider, fleet, alerting, clock, started_at)
    create_check_in = providers.Factory(CreateCheckIn, uow.provider, schedules, clock, secrets)
    change_check_in = providers.Factory(ChangeCheckIn, uow.provider, schedules, clock)
    delete_check_in = providers.Factory(DeleteCheckIn, uow.provider, clock, cancel_open_alerts)
    pause_check_in = providers.Factory(PauseCheckIn, uow.provider, clock)
    read_check_ins = providers.Factory(ReadCheckIns, queries, fleet, clock)
    ping_limits = providers.ThreadSafeSingleton(PingLimits, clock)
    unstored_pings = providers.ThreadSafeSingleton(UnstoredPings)
    record_pings = providers.Factory(RecordPings, uow.provider, schedules)
    detect_missed = providers.Factory(
        DetectMissed,
        uow.provider,
        queries,
        fleet,
        alerting,
        schedules,
        clock,
        started_at,
        hearing,
        unstored_pings,
    )
    read_configuration = providers.Factory(ReadConfiguration, queries, fleet, clock, senders, configuration_format)
    predict_pages = providers.Factory(PredictPages, run_backtest, clock)
    find_ends = providers.Factory(FindEnds, read_configuration, queries, stored)
    plans = providers.ThreadSafeSingleton(Plans, read_configuration, predict_pages, find_ends, schedules, secrets)
    apply_configuration = providers.Factory(
        ApplyConfiguration, uow.provider, read_configuration, schedules, secrets, follow_alerts
    )
    prune_scrapes = providers.Factory(PruneScrapes, uow.provider, clock)
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
    show_outlooks = providers.Factory(ShowOutlooks, stored, fleet)
    read_series = providers.Factory(ReadSeries, queries, clock, fleet)
    read_recent = providers.Factory(ReadRecent, queries, clock)
