"""Opens connections, all with the same settings."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, make_url
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import NullPool

from monitor.adapters.persistence.engine.sqlite import TURN, TURNS, WriteTurn, sqlite_engine
from monitor.application.fair_lock import FairLock
from monitor.application.transactions import retried
from monitor.domain.errors import StorageUnavailable

_POOL_TIMEOUT = 5.0  # seconds to wait for a free connection
_RECYCLE = 1800  # seconds; servers and firewalls drop idle connections, most of them not before an hour
_READ_TIMEOUT = 10  # seconds
_RECONNECT = 3.0  # seconds for which to connect again where connections are closed at once


def create_engine(
    url: str | URL, *, pool_size: int = 5, pool_timeout: float = _POOL_TIMEOUT, **only_mysql: Any
) -> Engine:
    """Engine for an SQLite file, which is created if missing, or for MySQL or MariaDB. Raises StorageUnavailable.

    At most *pool_size* connections are open at a time; a caller waits *pool_timeout* seconds for a free one.
    *only_mysql*: *pipelines* and *hosts* of `mysql_engine`.
    """
    pool = {"pool_size": pool_size, "max_overflow": 0, "pool_timeout": pool_timeout, "pool_use_lifo": True}
    if _is_sqlite(url := make_url(url)):
        return sqlite_engine(url, foreign_keys=True, **pool)
    return _mysql_engine(url, read_timeout=_READ_TIMEOUT, pool_recycle=_RECYCLE, **only_mysql, **pool)


def create_migration_engine(url: str | URL) -> Engine:
    """Engine without a pool, since settings and locks end with the connection, and without a read timeout."""
    if _is_sqlite(url := make_url(url)):
        # A table is changed by copying and dropping it. With foreign keys the drop deletes the rows that refer to it.
        return sqlite_engine(url, foreign_keys=False, poolclass=NullPool)
    return _mysql_engine(url, read_timeout=None, poolclass=NullPool)


def _mysql_engine(url: URL, **options: Any) -> Engine:
    # Imported when needed: the driver and the dialect take 2 MB.
    from monitor.adapters.persistence.engine.mysql import mysql_engine

    return mysql_engine(url, **options)


# A proxy of a cluster that finds no node in the moment of a failover closes connections at once, and reads are not
# repeated otherwise.
_opened = retried(Engine.connect, patience=_RECONNECT)


@contextmanager
def connected(engine: Engine, **options: Any) -> Iterator[Connection]:
    """Open a connection with execution *options*, and roll back at the end what was not committed.

    None of the *options* may be one that SQLAlchemy sets back on the connection at the end, such as `isolation_level`:
    if the connection is lost then, its place in the pool stays taken for ever.

    Raises StorageUnavailable, also if no connection is free in time.
    """
    try:
        connection = _opened(engine)
    except PoolTimeout as error:
        raise StorageUnavailable(str(error)) from error
    with connection:
        yield connection.execution_options(**options)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a connection for a transaction that writes. Raises StorageUnavailable."""
    turns: FairLock | None = engine.get_execution_options().get(TURNS)
    if turns is None:
        with connected(engine) as connection:
            yield connection
    else:
        with closing(WriteTurn(turns)) as turn, connected(engine, **{TURN: turn}) as connection:
            yield connection


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"
