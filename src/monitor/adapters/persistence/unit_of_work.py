from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from sqlalchemy import Engine

from monitor.adapters.persistence.alert_policies import SqlAlertPolicies
from monitor.adapters.persistence.alert_states import SqlAlertStates
from monitor.adapters.persistence.alerts import SqlAlerts
from monitor.adapters.persistence.api_keys import SqlApiKeys
from monitor.adapters.persistence.audit import SqlAudit
from monitor.adapters.persistence.bulletins import SqlBulletins
from monitor.adapters.persistence.channels import SqlChannels
from monitor.adapters.persistence.engine import writing
from monitor.adapters.persistence.errors import DOOMED
from monitor.adapters.persistence.fleet_changes import FleetChanges, raise_revision
from monitor.adapters.persistence.heartbeats import SqlHeartbeats
from monitor.adapters.persistence.history_writer import SqlHistoryWriter
from monitor.adapters.persistence.leases import SqlLeases
from monitor.adapters.persistence.live_tickets import SqlLiveTickets
from monitor.adapters.persistence.login_attempts import SqlLoginAttempts
from monitor.adapters.persistence.makers import SqlMakers
from monitor.adapters.persistence.notifications import SqlNotifications
from monitor.adapters.persistence.preferences import SqlPreferences
from monitor.adapters.persistence.samples import SqlSamples
from monitor.adapters.persistence.servers import SqlServers
from monitor.adapters.persistence.sessions import SqlSessions
from monitor.adapters.persistence.silences import SqlSilences
from monitor.adapters.persistence.unregistered_hosts import SqlUnregisteredHosts
from monitor.adapters.persistence.users import SqlUsers
from monitor.application.ports.cipher import NO_KEY, Cipher
from monitor.application.ports.unit_of_work import UnitOfWork
from monitor.domain.errors import StorageUnavailable


class SqlUnitOfWork(UnitOfWork):
    """*on_fleet_change* is called after each commit that raised the fleet's revision.

    After an error of the database commit() raises it again: MySQL has then undone the whole transaction for some
    errors, a single statement for others.
    """

    def __init__(self, engine: Engine, on_fleet_change: Callable[[], None], cipher: Cipher = NO_KEY) -> None:
        self._engine = engine
        self._cipher = cipher
        self._on_fleet_change = on_fleet_change

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            connection = self._connection = stack.enter_context(writing(self._engine))
            connection.info.pop(DOOMED, None)
            self._changes = FleetChanges()
            self.alert_policies = SqlAlertPolicies(connection, self._changes)
            self.alert_states = SqlAlertStates(connection)
            self.alerts = SqlAlerts(connection)
            self.api_keys = SqlApiKeys(connection, self._changes)
            self.audit = SqlAudit(connection)
            self.bulletins = SqlBulletins(connection)
            self.channels = SqlChannels(connection, self._changes, self._cipher)
            self.heartbeats = SqlHeartbeats(connection)
            self.history = SqlHistoryWriter(connection)
            self.leases = SqlLeases(connection)
            self.live_tickets = SqlLiveTickets(connection)
            self.login_attempts = SqlLoginAttempts(connection)
            self.makers = SqlMakers(connection)
            self.notifications = SqlNotifications(connection)
            self.preferences = SqlPreferences(connection, self._changes)
            self.samples = SqlSamples(connection, self._changes)
            self.servers = SqlServers(connection, self._changes)
            self.sessions = SqlSessions(connection)
            self.silences = SqlSilences(connection, self._changes)
            self.unregistered_hosts = SqlUnregisteredHosts(connection)
            self.users = SqlUsers(connection, self._changes)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self._stack.close()

    def commit(self) -> None:
        if self._connection.invalidated:
            raise StorageUnavailable("the connection was lost")
        if (error := self._connection.info.get(DOOMED)) is not None:
            raise error
        changed, self._changes.any = self._changes.any, False
        if changed:
            raise_revision(self._connection)
        self._connection.commit()
        if changed:
            self._on_fleet_change()
