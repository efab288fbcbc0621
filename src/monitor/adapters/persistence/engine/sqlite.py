"""Settings of connections to SQLite."""

import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from monitor.adapters.persistence.engine.errors import translate_errors_of, translated
from monitor.adapters.persistence.engine.turns import PATIENCE, TURN, TURNS, WriteTurn
from monitor.application.fair_lock import FairLock
from monitor.domain.errors import StorageUnavailable

_CACHED_STATEMENTS = 16  # the driver's 128 were mostly long lists of keys that never come again: 10 MB
_CACHE = 1000  # kB of pages for each connection: as fast as SQLite's default of 2000
# Pages of 4 kB. With SQLite's default of 1000, pages are copied from the log every few commits, and written again.
_LOG = 4000
_PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", f"cache_size = -{_CACHE}", f"wal_autocheckpoint = {_LOG}")
_KEPT = 6  # connections; a burst opens more, of 0.2 MB each, which close when they are returned


def sqlite_engine(url: URL, *, foreign_keys: bool, **options: Any) -> Engine:
    """Raises StorageUnavailable if the file cannot be created."""
    _make_file(Path(url.database or ""))
    if (most := options.get("pool_size", 0)) > _KEPT:
        options |= {"pool_size": _KEPT, "max_overflow": most - _KEPT}
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        hide_parameters=True,  # hashes and digests must not get into logs
        connect_args={"timeout": PATIENCE, "check_same_thread": False, "cached_statements": _CACHED_STATEMENTS},
        execution_options={TURNS: FairLock()},
        **options,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # `begin` below begins transactions, not the driver
        try:
            for pragma in (*_PRAGMAS, f"foreign_keys = {foreign_keys:d}"):
                connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error as error:  # SQLAlchemy does not translate it here
            connection.close()
            raise (translated(error) or error) from error

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        turn: WriteTurn | None = connection.get_execution_options().get(TURN)
        if turn is None:
            connection.exec_driver_sql("BEGIN")
        else:
            turn.take()
            # A transaction that reads first and then writes fails at once if another has written meanwhile.
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    translate_errors_of(engine)
    return engine


def _make_file(path: Path) -> None:
    """Create the file for its owner only. SQLite gives its -wal and -shm files the same mode."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StorageUnavailable(f"{path}: {error.strerror}") from error
