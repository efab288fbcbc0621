"""A database: its connections, units of work and queries."""

from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy import Engine, make_url

from monitor.adapters.persistence import operations, snapshot
from monitor.adapters.persistence.accounts import audit, factors, limits, personal_tokens, sessions, users, ways_in
from monitor.adapters.persistence.alerts import alert_queries, alert_states, alerts
from monitor.adapters.persistence.checks import check_ins, checks
from monitor.adapters.persistence.engine.engine import create_engine, writing
from monitor.adapters.persistence.engine.errors import DOOMED
from monitor.adapters.persistence.engine.hosts import Hosts
from monitor.adapters.persistence.engine.repositories import FleetLog, SqlReader, SqlRepository
from monitor.adapters.persistence.engine.slow import log_slow_statements
from monitor.adapters.persistence.engine.sqlite import file_of
from monitor.adapters.persistence.fleet import agents, server_queries, servers, teams
from monitor.adapters.persistence.history import blocks, chunks, sample_queries, samples, scrapes
from monitor.adapters.persistence.incidents import incidents
from monitor.adapters.persistence.notifications import channels, outbox, outbox_queries
from monitor.adapters.persistence.oncall import escalations, pagings, rotas, ways
from monitor.adapters.persistence.operations import SqlClusterQueries
from monitor.adapters.persistence.policies import rules
from monitor.application.history.blocks import NO_ARCHIVE, Archive
from monitor.application.operations.ports import Queries, Store, UnitOfWork, implementations
from monitor.application.ports import NO_KEY, Cipher
from monitor.application.transactions import retried
from monitor.domain.errors import StorageUnavailable, TransactionLost

T = TypeVar("T")
_MODULES = (
    *(audit, factors, limits, personal_tokens, sessions, users, ways_in),
    *(alert_queries, alert_states, alerts, incidents, check_ins, checks, operations, snapshot),
    *(agents, server_queries, servers, teams, blocks, chunks, sample_queries, samples, scrapes),
    *(channels, outbox, outbox_queries, rules, rotas, escalations, ways, pagings),
)
_REPOSITORIES = implementations(UnitOfWork, _MODULES, SqlRepository)
_QUERIES = implementations(Queries, _MODULES, SqlReader)


class SqlUnitOfWork(UnitOfWork):
    """Calls *on_fleet_change* after each commit that raised the fleet's revision.

    commit() raises a database error again: MySQL may have undone the whole transaction, or one statement.
    """

    def __init__(self, engine: Engine, on_fleet_change: Callable[[], None], cipher: Cipher = NO_KEY) -> None:
        self._engine = engine
        self._cipher = cipher
        self._on_fleet_change = on_fleet_change

    def __getattr__(self, name: str) -> SqlRepository:
        """Make a repository when it is first asked for: a unit of work needs few of them."""
        if name not in _REPOSITORIES:
            raise AttributeError(name)
        repository = _REPOSITORIES[name](self._connection, self._log, self._cipher)
        setattr(self, name, repository)
        return repository

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
        self, engine: Engine, cipher: Cipher = NO_KEY, archive: Archive = NO_ARCHIVE, *place: Callable[[], str]
    ) -> None:
        """*place*: what `SqlClusterQueries` asks for the servers in use."""
        self.archive = archive
        for name, queries in _QUERIES.items():
            setattr(self, name, _repeated(queries(engine, cipher)))
        self.cluster = _repeated(SqlClusterQueries(engine, cipher, *place))


class SqlStore(Store):
    """All connections of a process, in one pool. On MySQL the intake has a connection of its own."""

    def __init__(self, url: str, *, pool_size: int, cipher: Cipher = NO_KEY, archive: Archive = NO_ARCHIVE) -> None:
        self._hosts: Hosts | None = None
        place: list[Callable[[], str]] = []
        if make_url(url).get_backend_name() == "sqlite":  # its writers take turns in one engine
            self._engine = self._intake_engine = create_engine(url, pool_size=pool_size)
            self._intake_server = file_of(self._engine)
        else:
            from monitor.adapters.persistence.engine.mysql import hosts_of, server_of  # with SQLite it is not loaded

            self._hosts = hosts_of(make_url(url))
            self._engine = create_engine(url, pool_size=max(1, pool_size - 1), hosts=self._hosts)
            self._intake_engine = create_engine(url, pool_size=1, pipelines=True, hosts=self._hosts)
            self._intake_server = server_of(self._intake_engine)
            place = [self._host, self._intake_server]
        self._cipher = cipher
        self.queries = SqlQueries(self._engine, cipher, archive, *place)

    def _host(self) -> str:
        return "" if self._hosts is None or self._hosts.chosen is None else str(self._hosts.chosen)

    def unit_of_work(self, on_fleet_change: Callable[[], None]) -> SqlUnitOfWork:
        return SqlUnitOfWork(self._engine, on_fleet_change, self._cipher)

    def intake_unit_of_work(self, on_fleet_change: Callable[[], None]) -> SqlUnitOfWork:
        return SqlUnitOfWork(self._intake_engine, on_fleet_change, self._cipher)

    def intake_server(self) -> str:
        return self._intake_server()

    def host_watch(self) -> Callable[[], None] | None:
        return None if self._hosts is None else self._hosts.watch

    def log_slow_statements(self, seconds: float) -> None:
        for engine in {self._engine, self._intake_engine}:
            log_slow_statements(engine, seconds)

    def reconnect(self) -> None:
        self._engine.dispose()
        self._intake_engine.dispose()

    def close(self) -> None:
        self.reconnect()
        self.queries.archive.close()
