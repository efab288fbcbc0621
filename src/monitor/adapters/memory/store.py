"""The store in memory: its units of work and queries."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from monitor.adapters.memory.account_mails import MemoryAccountMails
from monitor.adapters.memory.alerts import (
    MemoryAlertQueries,
    MemoryAlerts,
    MemoryAlertStates,
    MemoryDueEvaluations,
)
from monitor.adapters.memory.archive import MemoryBlockMarks
from monitor.adapters.memory.audit import MemoryAudit, MemoryAuditQueries
from monitor.adapters.memory.check_ins import MemoryCheckInQueries, MemoryCheckIns
from monitor.adapters.memory.checks import MemoryCheckQueries, MemoryChecks
from monitor.adapters.memory.database import Database
from monitor.adapters.memory.factors import MemoryFactors
from monitor.adapters.memory.fleet import (
    MemoryApiKeyQueries,
    MemoryApiKeys,
    MemoryFleetQueries,
    MemoryServerQueries,
    MemoryServers,
    MemoryUnregisteredHosts,
)
from monitor.adapters.memory.history import MemoryHistoryQueries, MemoryHistoryWriter
from monitor.adapters.memory.identities import MemoryIdentities
from monitor.adapters.memory.limits import MemoryCreators, MemoryLoginAttempts
from monitor.adapters.memory.notifications import MemoryChannels, MemoryNotificationQueries, MemoryNotifications
from monitor.adapters.memory.operations import (
    MemoryClusterQueries,
    MemoryEpochs,
    MemoryHeartbeats,
    MemoryLeases,
    MemoryPeerUpdateQueries,
    MemoryPeerUpdates,
    MemoryPreferences,
    MemoryProcessReports,
)
from monitor.adapters.memory.passkeys import MemoryPasskeys
from monitor.adapters.memory.personal_tokens import MemoryPersonalTokenQueries, MemoryPersonalTokens
from monitor.adapters.memory.rules import MemoryAlertPolicies, MemorySilences
from monitor.adapters.memory.samples import MemorySampleQueries, MemorySamples
from monitor.adapters.memory.scrapes import MemoryScrapeQueries, MemoryScrapes
from monitor.adapters.memory.sessions import MemoryChallenges, MemoryLiveTickets, MemorySessions
from monitor.adapters.memory.state import State
from monitor.adapters.memory.teams import MemoryTeams
from monitor.adapters.memory.users import MemoryUserQueries, MemoryUsers
from monitor.application.history.blocks import NO_ARCHIVE, Archive
from monitor.application.operations.ports import Queries, Store, UnitOfWork


class MemoryUnitOfWork(UnitOfWork):
    """One at a time: threads wait for each other when they enter the block, and never conflict."""

    def __init__(self, database: Database, on_fleet_change: Callable[[], None]) -> None:
        self._database = database
        self._on_fleet_change = on_fleet_change

    def __enter__(self) -> Self:
        self._use(self._database.begin())
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        del self._draft  # a later commit would undo what others have committed since
        self._database.end()

    def commit(self) -> None:
        changed = self._draft.fleet_changed
        self._use(self._database.publish(self._draft))
        if changed:
            self._on_fleet_change()

    def _use(self, draft: State) -> None:
        self._draft = draft
        self.account_mails = MemoryAccountMails(draft)
        self.alert_policies = MemoryAlertPolicies(draft)
        self.alert_states = MemoryAlertStates(draft)
        self.alerts = MemoryAlerts(draft)
        self.api_keys = MemoryApiKeys(draft)
        self.audit = MemoryAudit(draft)
        self.blocks = MemoryBlockMarks(draft)
        self.peer_updates = MemoryPeerUpdates(draft)
        self.challenges = MemoryChallenges(draft)
        self.channels = MemoryChannels(draft)
        self.check_ins = MemoryCheckIns(draft)
        self.checks = MemoryChecks(draft)
        self.due_evaluations = MemoryDueEvaluations(draft)
        self.epochs = MemoryEpochs(draft)
        self.factors = MemoryFactors(draft)
        self.heartbeats = MemoryHeartbeats(draft)
        self.history = MemoryHistoryWriter(draft)
        self.identities = MemoryIdentities(draft)
        self.leases = MemoryLeases(draft)
        self.live_tickets = MemoryLiveTickets(draft)
        self.login_attempts = MemoryLoginAttempts(draft)
        self.creators = MemoryCreators(draft)
        self.notifications = MemoryNotifications(draft)
        self.passkeys = MemoryPasskeys(draft)
        self.personal_tokens = MemoryPersonalTokens(draft)
        self.preferences = MemoryPreferences(draft)
        self.process_reports = MemoryProcessReports(draft)
        self.samples = MemorySamples(draft)
        self.scrapes = MemoryScrapes(draft)
        self.servers = MemoryServers(draft)
        self.sessions = MemorySessions(draft)
        self.silences = MemorySilences(draft)
        self.teams = MemoryTeams(draft)
        self.unregistered_hosts = MemoryUnregisteredHosts(draft)
        self.users = MemoryUsers(draft)


class MemoryQueries(Queries):
    """Read what is committed, without waiting."""

    def __init__(self, database: Database, archive: Archive = NO_ARCHIVE) -> None:
        self.archive = archive
        self.alerts = MemoryAlertQueries(database)
        self.api_keys = MemoryApiKeyQueries(database)
        self.audit = MemoryAuditQueries(database)
        self.check_ins = MemoryCheckInQueries(database)
        self.checks = MemoryCheckQueries(database)
        self.cluster = MemoryClusterQueries(database)
        self.peer_updates = MemoryPeerUpdateQueries(database)
        self.fleet = MemoryFleetQueries(database)
        self.history = MemoryHistoryQueries(database)
        self.notifications = MemoryNotificationQueries(database)
        self.personal_tokens = MemoryPersonalTokenQueries(database)
        self.samples = MemorySampleQueries(database)
        self.scrapes = MemoryScrapeQueries(database)
        self.servers = MemoryServerQueries(database)
        self.users = MemoryUserQueries(database)


def _ignore() -> None:
    pass


class MemoryStore(Store):
    """Store in memory. Calling it opens a unit of work without a callback for fleet changes."""

    def __init__(self, archive: Archive = NO_ARCHIVE) -> None:
        self._database = Database()
        self.queries = MemoryQueries(self._database, archive)

    def __call__(self) -> MemoryUnitOfWork:
        return self.unit_of_work(_ignore)

    def unit_of_work(self, on_fleet_change: Callable[[], None]) -> MemoryUnitOfWork:
        return MemoryUnitOfWork(self._database, on_fleet_change)

    def reconnect(self) -> None:
        """Do nothing: there are no connections."""

    def close(self) -> None:
        """Do nothing, likewise."""
