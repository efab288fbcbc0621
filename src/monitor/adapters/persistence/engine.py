"""A pool of connections, set up the same way whoever opens it."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy
from pymysql.constants import FIELD_TYPE
from pymysql.converters import conversions
from sqlalchemy import URL, Connection, Engine, event, make_url
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from monitor.adapters.persistence.errors import translate_errors_of
from monitor.domain.errors import StorageUnavailable

WRITES = {"sqlite_begin": "BEGIN IMMEDIATE"}
"""Execution options of a connection that writes. A transaction of SQLite's that begins by reading and goes on to write
fails when another has written meanwhile, however long it would wait."""

_POOL_TIMEOUT = 5.0  # seconds to wait for a free connection
_SQLITE_BUSY_TIMEOUT = 15.0  # seconds to wait for another writer
_CONNECT_TIMEOUT, _READ_TIMEOUT, _WRITE_TIMEOUT = 5, 10, 10  # seconds
# Below the read timeout: the server then tells what the matter was, where a read timeout looks like a lost connection.
_LOCK_WAIT_TIMEOUT = 5
_RECYCLE = 1800  # seconds; servers and firewalls drop idle connections, most of them not before an hour
_SQL_MODE = "STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
_INIT_COMMAND = f"SET time_zone = '+00:00', sql_mode = '{_SQL_MODE}', innodb_lock_wait_timeout = {_LOCK_WAIT_TIMEOUT}"
# The driver's own converters go through a regular expression and Decimal: eight times slower on long reads.
_CONVERSIONS = conversions | {
    FIELD_TYPE.DATETIME: datetime.fromisoformat,
    FIELD_TYPE.TIMESTAMP: datetime.fromisoformat,
    FIELD_TYPE.NEWDECIMAL: float,
}


def create_engine(url: str | URL, *, pool_size: int = 5) -> Engine:
    """For SQLite files and MySQL or MariaDB. At most *pool_size* connections are open at a time; the SQLite file and
    its directory are made, for the owner's eyes only, where they are missing.

    Raises StorageUnavailable where the file can't be made.
    """
    pool = {"pool_size": pool_size, "max_overflow": 0, "pool_timeout": _POOL_TIMEOUT}
    if _is_sqlite(url := make_url(url)):
        return _sqlite(url, foreign_keys=True, **pool)
    return _mysql(url, _READ_TIMEOUT, pool_pre_ping=True, pool_recycle=_RECYCLE, **pool)


def create_migration_engine(url: str | URL) -> Engine:
    """Without a pool: settings and locks end with the connection. Without a limit on how long a statement takes.

    Raises StorageUnavailable where the file can't be made.
    """
    if _is_sqlite(url := make_url(url)):
        # A table is changed by copying and dropping it, and with this on, dropping deletes all that refers to it.
        return _sqlite(url, foreign_keys=False, poolclass=NullPool)
    return _mysql(url, None, poolclass=NullPool)


@contextmanager
def connected(engine: Engine, **options: Any) -> Iterator[Connection]:
    """A connection with execution *options*; what was not committed is rolled back at the end.

    Raises StorageUnavailable, also where no connection gets free in time.
    """
    try:
        connection = engine.connect()
    except PoolTimeout as error:
        raise StorageUnavailable(str(error)) from error
    with connection:
        yield connection.execution_options(**options) if options else connection


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _mysql(url: URL, read_timeout: int | None, **options: Any) -> Engine:
    engine = sqlalchemy.create_engine(
        url.set(drivername="mysql+pymysql"),
        isolation_level="READ COMMITTED",
        connect_args={
            "charset": "utf8mb4",
            "init_command": _INIT_COMMAND,
            "conv": _CONVERSIONS,
            "connect_timeout": _CONNECT_TIMEOUT,
            "read_timeout": read_timeout,
            "write_timeout": _WRITE_TIMEOUT,
        },
        **options,
    )
    translate_errors_of(engine)
    return engine


def _sqlite(url: URL, *, foreign_keys: bool, **options: Any) -> Engine:
    _make_file(Path(url.database or ""))
    engine = sqlalchemy.create_engine(
        url.set(drivername="sqlite+pysqlite"),
        connect_args={"timeout": _SQLITE_BUSY_TIMEOUT, "check_same_thread": False},
        **options,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver begins no transactions of its own; `begin` below does
        for pragma in ("journal_mode = WAL", "synchronous = FULL", f"foreign_keys = {foreign_keys:d}"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))

    translate_errors_of(engine)
    return engine


def _make_file(path: Path) -> None:
    """SQLite gives the files beside it (-wal, -shm) the same mode."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StorageUnavailable(f"{path}: {error.strerror}") from error
