from collections.abc import Callable
from types import TracebackType
from typing import Self

from monitor.adapters.memory.alert_policies import MemoryAlertPolicies
from monitor.adapters.memory.alert_states import MemoryAlertStates
from monitor.adapters.memory.alerts import MemoryAlerts
from monitor.adapters.memory.api_keys import MemoryApiKeys
from monitor.adapters.memory.audit import MemoryAudit
from monitor.adapters.memory.bulletins import MemoryBulletins
from monitor.adapters.memory.channels import MemoryChannels
from monitor.adapters.memory.database import Database
from monitor.adapters.memory.heartbeats import MemoryHeartbeats
from monitor.adapters.memory.history import MemoryHistoryWriter
from monitor.adapters.memory.leases import MemoryLeases
from monitor.adapters.memory.live_tickets import MemoryLiveTickets
from monitor.adapters.memory.login_attempts import MemoryLoginAttempts
from monitor.adapters.memory.makers import MemoryMakers
from monitor.adapters.memory.notifications import MemoryNotifications
from monitor.adapters.memory.preferences import MemoryPreferences
from monitor.adapters.memory.samples import MemorySamples
from monitor.adapters.memory.servers import MemoryServers
from monitor.adapters.memory.sessions import MemorySessions
from monitor.adapters.memory.silences import MemorySilences
from monitor.adapters.memory.state import Draft
from monitor.adapters.memory.unregistered_hosts import MemoryUnregisteredHosts
from monitor.adapters.memory.users import MemoryUsers
from monitor.application.ports.unit_of_work import UnitOfWork


class MemoryUnitOfWork(UnitOfWork):
    """One at a time, from entering to leaving the block: threads wait for each other, and never conflict."""

    def __init__(self, database: Database, on_fleet_change: Callable[[], None]) -> None:
        self._database = database
        self._on_fleet_change = on_fleet_change

    def __enter__(self) -> Self:
        self._use(self._database.begin())
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        del self._draft  # a commit out here would undo what others have committed since
        self._database.end()

    def commit(self) -> None:
        changed = self._draft.fleet_changed
        self._use(self._database.publish(self._draft))
        if changed:
            self._on_fleet_change()

    def _use(self, draft: Draft) -> None:
        self._draft = draft
        self.alert_policies = MemoryAlertPolicies(self._database, draft)
        self.alert_states = MemoryAlertStates(draft)
        self.alerts = MemoryAlerts(self._database, draft)
        self.api_keys = MemoryApiKeys(self._database, draft)
        self.audit = MemoryAudit(self._database, draft)
        self.bulletins = MemoryBulletins(draft)
        self.channels = MemoryChannels(self._database, draft)
        self.heartbeats = MemoryHeartbeats(draft)
        self.history = MemoryHistoryWriter(draft)
        self.leases = MemoryLeases(draft)
        self.live_tickets = MemoryLiveTickets(draft)
        self.login_attempts = MemoryLoginAttempts(self._database, draft)
        self.makers = MemoryMakers(draft)
        self.notifications = MemoryNotifications(self._database, draft)
        self.preferences = MemoryPreferences(draft)
        self.samples = MemorySamples(self._database, draft)
        self.servers = MemoryServers(self._database, draft)
        self.sessions = MemorySessions(draft)
        self.silences = MemorySilences(self._database, draft)
        self.unregistered_hosts = MemoryUnregisteredHosts(draft)
        self.users = MemoryUsers(self._database, draft)
