"""Turns to write to SQLite, which has one writer at a time.

Connections that wait for it sleep and try again, ever longer: beside a writer that hardly rests they waited for over a
second. Within a process writers queue up here instead, and wake when their turn comes.
"""

import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from monitor.adapters.persistence.engine.errors import translate_errors_of, translated
from monitor.application.fair_lock import FairLock
from monitor.domain.errors import StorageUnavailable, TransactionConflict

TURNS, TURN = "write_turns", "write_turn"
"""Execution options: an engine's `FairLock`; and a connection's own `WriteTurn`, which says that it writes."""
PATIENCE = 15.0
"""Seconds to wait for another writer, of this process or of another one."""


class WriteTurn:
    """One unit of work's, from its first statement to its end."""

    def __init__(self, turns: FairLock, patience: float = PATIENCE) -> None:
        """*patience*: how long to wait for the turn, in seconds."""
        self._turns = turns
        self._patience = patience
        self._is_mine = False

    def take(self) -> None:
        """Once is enough. Raises TransactionConflict."""
        if self._is_mine:
            return
        if not self._turns.acquire(self._patience):
            raise TransactionConflict(f"no turn to write within {self._patience} s")
        self._is_mine = True

    def close(self) -> None:
        if self._is_mine:
            self._is_mine = False
            self._turns.release()


_CACHED_STATEMENTS = 16  # of the driver's usual 128, most were long lists of keys that never come again: 10 MB
_CACHE = 1000  # kB of pages in each connection: half of SQLite's usual 2000 does for as many inserts
# Of 4 kB: SQLite's usual 1000 copy a page back from the log every few commits, which the next ones write again.
_LOG = 4000
_PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", f"cache_size = -{_CACHE}", f"wal_autocheckpoint = {_LOG}")
_KEPT = 6  # connections; a burst opens more, each of which takes 0.2 MB, and they close when they are given back


def sqlite_engine(url: URL, *, foreign_keys: bool, **options: Any) -> Engine:
    """Raises StorageUnavailable where the file can't be made."""
    _make_file(Path(url.database or ""))
    if (most := options.get("pool_size", 0)) > _KEPT:
        options |= {"pool_size": _KEPT, "max_overflow": most - _KEPT}
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        hide_parameters=True,  # passwords' hashes and digests have no place in a log
        connect_args={"timeout": PATIENCE, "check_same_thread": False, "cached_statements": _CACHED_STATEMENTS},
        execution_options={TURNS: FairLock()},
        **options,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver begins no transactions of its own; `begin` below does
        try:
            for pragma in (*_PRAGMAS, f"foreign_keys = {foreign_keys:d}"):
                connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error as error:  # here SQLAlchemy lets it pass as it is
            connection.close()
            raise (translated(error) or error) from error

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        turn: WriteTurn | None = connection.get_execution_options().get(TURN)
        if turn is None:
            connection.exec_driver_sql("BEGIN")
        else:
            turn.take()
            # One that begins by reading and goes on to write fails when another has written meanwhile, however long it
            # would wait.
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    translate_errors_of(engine)
    return engine


def _make_file(path: Path) -> None:
    """SQLite gives the files beside it (-wal, -shm) the same mode."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StorageUnavailable(f"{path}: {error.strerror}") from error
