from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from monitor.application.ports.alert_policies import AlertPolicies
from monitor.application.ports.alert_states import AlertStates
from monitor.application.ports.alerts import Alerts
from monitor.application.ports.api_keys import ApiKeys
from monitor.application.ports.audit import Audit
from monitor.application.ports.bulletins import Bulletins
from monitor.application.ports.channels import Channels
from monitor.application.ports.heartbeats import Heartbeats
from monitor.application.ports.history import HistoryWriter
from monitor.application.ports.leases import Leases
from monitor.application.ports.live_tickets import LiveTickets
from monitor.application.ports.login_attempts import LoginAttempts
from monitor.application.ports.makers import Makers
from monitor.application.ports.notifications import Notifications
from monitor.application.ports.preferences import Preferences
from monitor.application.ports.samples import Samples
from monitor.application.ports.servers import Servers
from monitor.application.ports.sessions import Sessions
from monitor.application.ports.silences import Silences
from monitor.application.ports.unregistered_hosts import UnregisteredHosts
from monitor.application.ports.users import Users


class UnitOfWork(ABC):
    """One transaction. Leaving the block without commit() rolls back.

    Anything in it may raise StorageUnavailable, or TransactionConflict when the whole may simply be tried again.
    A commit that changed users, servers (but for liveness), links, keys, policies, silences, channels or preferences
    raises the fleet's revision by one (see `FleetQueries.revision`).
    """

    alert_policies: AlertPolicies
    alert_states: AlertStates
    alerts: Alerts
    api_keys: ApiKeys
    audit: Audit
    bulletins: Bulletins
    channels: Channels
    heartbeats: Heartbeats
    history: HistoryWriter
    leases: Leases
    live_tickets: LiveTickets
    login_attempts: LoginAttempts
    makers: Makers
    notifications: Notifications
    preferences: Preferences
    samples: Samples
    servers: Servers
    sessions: Sessions
    silences: Silences
    unregistered_hosts: UnregisteredHosts
    users: Users

    @abstractmethod
    def __enter__(self) -> Self: ...

    @abstractmethod
    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None: ...

    @abstractmethod
    def commit(self) -> None: ...
