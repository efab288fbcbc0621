"""A database: its connections, units of work and queries."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import cached_property
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy import Connection, Engine, make_url

from monitor.adapters.persistence.accounts.account_mails import SqlAccountMails
from monitor.adapters.persistence.accounts.audit import SqlAudit, SqlAuditQueries
from monitor.adapters.persistence.accounts.factors import SqlFactors
from monitor.adapters.persistence.accounts.identities import SqlIdentities
from monitor.adapters.persistence.accounts.limits import SqlCreators, SqlLoginAttempts
from monitor.adapters.persistence.accounts.passkeys import SqlPasskeys
from monitor.adapters.persistence.accounts.personal_tokens import SqlPersonalTokenQueries, SqlPersonalTokens
from monitor.adapters.persistence.accounts.sessions import SqlChallenges, SqlLiveTickets, SqlSessions
from monitor.adapters.persistence.accounts.users import SqlUserQueries, SqlUsers
from monitor.adapters.persistence.alerts.alert_queries import SqlAlertQueries
from monitor.adapters.persistence.alerts.alert_states import SqlAlertStates, SqlDueEvaluations
from monitor.adapters.persistence.alerts.alerts import SqlAlerts
from monitor.adapters.persistence.checks.check_ins import SqlCheckInQueries, SqlCheckIns
from monitor.adapters.persistence.checks.checks import SqlCheckQueries, SqlChecks
from monitor.adapters.persistence.cluster import SqlClusterQueries, SqlProcessReports
from monitor.adapters.persistence.engine.engine import create_engine, writing
from monitor.adapters.persistence.engine.errors import DOOMED
from monitor.adapters.persistence.engine.fleet_log import FleetLog
from monitor.adapters.persistence.engine.hosts import Hosts
from monitor.adapters.persistence.engine.taken_by import file_of, server_of
from monitor.adapters.persistence.fleet.api_keys import SqlApiKeyQueries, SqlApiKeys
from monitor.adapters.persistence.fleet.servers import SqlServerQueries, SqlServers
from monitor.adapters.persistence.fleet.teams import SqlTeams
from monitor.adapters.persistence.fleet.unregistered_hosts import SqlUnregisteredHosts
from monitor.adapters.persistence.history.blocks import SqlBlockMarks
from monitor.adapters.persistence.history.chunks import SqlHistoryQueries, SqlHistoryWriter
from monitor.adapters.persistence.history.sample_queries import SqlSampleQueries
from monitor.adapters.persistence.history.samples import SqlSamples
from monitor.adapters.persistence.history.scrapes import SqlScrapeQueries, SqlScrapes
from monitor.adapters.persistence.notifications.channels import SqlChannels
from monitor.adapters.persistence.notifications.outbox import SqlNotifications
from monitor.adapters.persistence.notifications.outbox_queries import SqlNotificationQueries
from monitor.adapters.persistence.operations import (
    SqlEpochs,
    SqlHeartbeats,
    SqlLeases,
    SqlPeerUpdateQueries,
    SqlPeerUpdates,
    SqlPreferences,
)
from monitor.adapters.persistence.policies.rules import SqlAlertPolicies, SqlSilences
from monitor.adapters.persistence.snapshot import SqlFleetQueries
from monitor.application.history.blocks import NO_ARCHIVE, Archive
from monitor.application.operations.ports import Queries, Store, UnitOfWork
from monitor.application.ports import NO_KEY, Cipher
from monitor.application.transactions import retried
from monitor.domain.errors import StorageUnavailable, TransactionLost

T = TypeVar("T")


def _lazily(repository: Callable[[Connection, FleetLog], T]) -> cached_property[T]:
    """Return an attribute that makes the repository when it is first asked for: a unit of work needs few of them."""
    return cached_property(lambda uow: repository(uow._connection, uow._log))


class SqlUnitOfWork(UnitOfWork):
    """Calls *on_fleet_change* after each commit that raised the fleet's revision.

    After an error of the database, commit() raises it again: for some errors MySQL has undone the whole transaction,
    for others a single statement.
    """

    account_mails = _lazily(SqlAccountMails)
    alert_policies = _lazily(SqlAlertPolicies)
    alert_states = _lazily(SqlAlertStates)
    alerts = _lazily(SqlAlerts)
    api_keys = _lazily(SqlApiKeys)
    audit = _lazily(SqlAudit)
    blocks = _lazily(SqlBlockMarks)
    peer_updates = _lazily(SqlPeerUpdates)
    challenges = _lazily(SqlChallenges)
    channels = cached_property(lambda uow: SqlChannels(uow._connection, uow._log, uow._cipher))
    check_ins = _lazily(SqlCheckIns)
    checks = _lazily(SqlChecks)
    factors = cached_property(lambda uow: SqlFactors(uow._connection, uow._log, uow._cipher))
    due_evaluations = _lazily(SqlDueEvaluations)
    epochs = _lazily(SqlEpochs)
    heartbeats = _lazily(SqlHeartbeats)
    history = _lazily(SqlHistoryWriter)
    identities = _lazily(SqlIdentities)
    leases = _lazily(SqlLeases)
    live_tickets = _lazily(SqlLiveTickets)
    login_attempts = _lazily(SqlLoginAttempts)
    creators = _lazily(SqlCreators)
    notifications = _lazily(SqlNotifications)
    passkeys = _lazily(SqlPasskeys)
    personal_tokens = _lazily(SqlPersonalTokens)
    preferences = _lazily(SqlPreferences)
    process_reports = _lazily(SqlProcessReports)
    samples = _lazily(SqlSamples)
    scrapes = _lazily(SqlScrapes)
    servers = _lazily(SqlServers)
    sessions = cached_property(lambda uow: SqlSessions(uow._connection, uow._log, uow._cipher))
    silences = _lazily(SqlSilences)
    teams = _lazily(SqlTeams)
    unregistered_hosts = _lazily(SqlUnregisteredHosts)
    users = _lazily(SqlUsers)

    def __init__(self, engine: Engine, on_fleet_change: Callable[[], None], cipher: Cipher = NO_KEY) -> None:
        self._engine = engine
        self._cipher = cipher
        self._on_fleet_change = on_fleet_change

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            connection = self._connection = stack.enter_context(writing(self._engine))
            connection.info.pop(DOOMED, None)
            self._log = FleetLog(connection)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self._stack.close()

    def commit(self) -> None:
        if self._connection.invalidated:
            raise TransactionLost("the connection was lost")
        if (error := self._connection.info.get(DOOMED)) is not None:
            raise error
        changed = self._log.write()
        try:
            self._connection.commit()
        except TransactionLost as error:  # perhaps after the commit, before its answer
            raise StorageUnavailable(str(error)) from error
        if changed:
            self._on_fleet_change()


def _repeated(queries: T) -> T:
    """Return *queries*, whose calls are repeated like transactions that write. They change nothing, so all can be."""
    for name in dir(queries):
        if not name.startswith("_"):
            setattr(queries, name, retried(getattr(queries, name)))
    return queries


class SqlQueries(Queries):
    """Each call is a transaction of its own, and repeated where its connection was lost."""

    def __init__(
        self, engine: Engine, cipher: Cipher = NO_KEY, archive: Archive = NO_ARCHIVE, **place: Callable[[], str]
    ) -> None:
        """*place*: what `SqlClusterQueries` is to know of the servers in use."""
        self.archive = archive
        self.alerts = _repeated(SqlAlertQueries(engine))
        self.api_keys = _repeated(SqlApiKeyQueries(engine))
        self.audit = _repeated(SqlAuditQueries(engine))
        self.check_ins = _repeated(SqlCheckInQueries(engine))
        self.checks = _repeated(SqlCheckQueries(engine))
        self.cluster = _repeated(SqlClusterQueries(engine, **place))
        self.peer_updates = _repeated(SqlPeerUpdateQueries(engine))
        self.fleet = _repeated(SqlFleetQueries(engine, cipher))
        self.history = _repeated(SqlHistoryQueries(engine))
        self.notifications = _repeated(SqlNotificationQueries(engine))
        self.personal_tokens = _repeated(SqlPersonalTokenQueries(engine))
        self.samples = _repeated(SqlSampleQueries(engine))
        self.scrapes = _repeated(SqlScrapeQueries(engine))
        self.servers = _repeated(SqlServerQueries(engine))
        self.users = _repeated(SqlUserQueries(engine))


class SqlStore(Store):
    """All connections of a process, in one pool. On MySQL the intake has a connection of its own."""

    def __init__(self, url: str, *, pool_size: int, cipher: Cipher = NO_KEY, archive: Archive = NO_ARCHIVE) -> None:
        self._hosts: Hosts | None = None
        place: dict[str, Callable[[], str]] = {}
        if make_url(url).get_backend_name() == "sqlite":  # its writers take turns in one engine
            self._engine = self._intake_engine = create_engine(url, pool_size=pool_size)
            self._taken_by = file_of(self._engine)
        else:
            from monitor.adapters.persistence.engine.mysql import hosts_of  # with SQLite it is not loaded

            self._hosts = hosts_of(make_url(url))
            self._engine = create_engine(url, pool_size=max(1, pool_size - 1), hosts=self._hosts)
            self._intake_engine = create_engine(url, pool_size=1, pipelines=True, hosts=self._hosts)
            self._taken_by = server_of(self._intake_engine)
            place = {"host": self._host, "intake_server": self._taken_by}
        self._cipher = cipher
        self.queries = SqlQueries(self._engine, cipher, archive, **place)

    def _host(self) -> str:
        return "" if self._hosts is None or self._hosts.chosen is None else str(self._hosts.chosen)

    def unit_of_work(self, on_fleet_change: Callable[[], None]) -> SqlUnitOfWork:
        return SqlUnitOfWork(self._engine, on_fleet_change, self._cipher)

    def intake_unit_of_work(self, on_fleet_change: Callable[[], None]) -> SqlUnitOfWork:
        return SqlUnitOfWork(self._intake_engine, on_fleet_change, self._cipher)

    def intake_server(self) -> str:
        return self._taken_by()

    def host_watch(self) -> Callable[[], None] | None:
        return None if self._hosts is None else self._hosts.watch

    def reconnect(self) -> None:
        self._engine.dispose()
        self._intake_engine.dispose()

    def close(self) -> None:
        self.reconnect()
        self.queries.archive.close()
