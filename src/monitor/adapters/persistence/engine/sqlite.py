"""SQLite connections; writers take turns. MySQL loads this module too, so it does not import the SQLite driver."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from monitor.adapters.persistence.engine.errors import translate_errors_of, translated
from monitor.application.fair_lock import FairLock
from monitor.domain.errors import StorageUnavailable, TransactionConflict

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
    def prepare(connection: Any, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # `begin` below begins transactions, not the driver
        try:
            for pragma in (*_PRAGMAS, f"foreign_keys = {foreign_keys:d}"):
                connection.execute(f"PRAGMA {pragma}")
        except connection.Error as error:  # SQLAlchemy does not translate it here
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


def file_of(engine: Engine) -> Callable[[], str]:
    """Return a function that names the file of an SQLite *engine*, and raises StorageUnavailable if it is gone.

    If another file has taken its place, the connections to the old one are closed: nobody else will ever read that.
    """
    seen: list[str] = []

    def name() -> str:
        path = str(engine.url.database)
        try:
            found = os.stat(path)
        except OSError as error:
            raise StorageUnavailable(f"{path}: {error.strerror}") from error
        file = f"{found.st_dev}|{found.st_ino}"
        if seen and seen != [file]:
            engine.dispose()
        seen[:] = [file]
        return file

    return name


TURNS, TURN = "write_turns", "write_turn"
"""Execution options: the `FairLock` of an engine, and the `WriteTurn` of a connection that writes."""
PATIENCE = 15.0
"""Seconds to wait for another writer, of any process."""


class WriteTurn:
    """Turn of one unit of work, from its first statement to its end.

    SQLite has one writer at a time, and those that wait sleep for growing pauses: over a second beside a busy writer.
    So the writers of a process queue up here, and wake when it is their turn.
    """

    def __init__(self, turns: FairLock, patience: float = PATIENCE) -> None:
        """*patience*: seconds to wait for the turn."""
        self._turns = turns
        self._patience = patience
        self._is_mine = False

    def take(self) -> None:
        """Wait for the turn, unless it is taken already. Raises TransactionConflict."""
        if self._is_mine:
            return
        if not self._turns.acquire(self._patience):
            raise TransactionConflict(f"no turn to write within {self._patience} s")
        self._is_mine = True

    def close(self) -> None:
        if self._is_mine:
            self._is_mine = False
            self._turns.release()
