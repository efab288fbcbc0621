"""A database and its connections."""

from collections.abc import Callable

from sqlalchemy import Engine, make_url

from monitor.adapters.persistence.accounts.audit import SqlAuditQueries
from monitor.adapters.persistence.accounts.user_queries import SqlUserQueries
from monitor.adapters.persistence.alerts.alert_queries import SqlAlertQueries
from monitor.adapters.persistence.engine.engine import create_engine
from monitor.adapters.persistence.fleet.api_keys import SqlApiKeyQueries
from monitor.adapters.persistence.fleet.server_queries import SqlServerQueries
from monitor.adapters.persistence.history.chunks import SqlHistoryQueries
from monitor.adapters.persistence.history.sample_queries import SqlSampleQueries
from monitor.adapters.persistence.notifications.notification_queries import SqlNotificationQueries
from monitor.adapters.persistence.operations.processes import SqlPeerUpdateQueries
from monitor.adapters.persistence.snapshot import SqlFleetQueries
from monitor.adapters.persistence.unit_of_work import SqlUnitOfWork
from monitor.application.operations.ports import Queries
from monitor.application.ports import NO_KEY, Cipher
from monitor.application.store import Store


class SqlQueries(Queries):
    """Each call is a transaction of its own."""

    def __init__(self, engine: Engine, cipher: Cipher = NO_KEY) -> None:
        self.alerts = SqlAlertQueries(engine)
        self.api_keys = SqlApiKeyQueries(engine)
        self.audit = SqlAuditQueries(engine)
        self.peer_updates = SqlPeerUpdateQueries(engine)
        self.fleet = SqlFleetQueries(engine, cipher)
        self.history = SqlHistoryQueries(engine)
        self.notifications = SqlNotificationQueries(engine)
        self.samples = SqlSampleQueries(engine)
        self.servers = SqlServerQueries(engine)
        self.users = SqlUserQueries(engine)


class SqlStore(Store):
    """All connections of a process, in one pool. On MySQL the intake has a connection of its own."""

    def __init__(self, url: str, *, pool_size: int, cipher: Cipher = NO_KEY) -> None:
        if make_url(url).get_backend_name() == "sqlite":  # its writers take turns in one engine
            self._engine = self._intake_engine = create_engine(url, pool_size=pool_size)
        else:
            self._engine = create_engine(url, pool_size=pool_size - 1)
            self._intake_engine = create_engine(url, pool_size=1, pipelines=True)
        self._cipher = cipher
        self.queries = SqlQueries(self._engine, cipher)

    def unit_of_work(self, on_fleet_change: Callable[[], None]) -> SqlUnitOfWork:
        return SqlUnitOfWork(self._engine, on_fleet_change, self._cipher)

    def intake_unit_of_work(self, on_fleet_change: Callable[[], None]) -> SqlUnitOfWork:
        return SqlUnitOfWork(self._intake_engine, on_fleet_change, self._cipher)

    def close(self) -> None:
        self._engine.dispose()
        self._intake_engine.dispose()
