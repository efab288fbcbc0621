"""Which server, or file, the samples of an engine go to."""

import os
from collections.abc import Callable
from contextlib import closing
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from monitor.adapters.persistence.engine.errors import translated
from monitor.domain.errors import StorageUnavailable


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


def server_of(engine: Engine) -> Callable[[], str]:
    """Return a function that names the server that *engine*, of one connection, was connected to last.

    It returns "" before the first connection, and after the engine was disposed of.
    """
    from monitor.adapters.persistence.engine.mysql_server import server_run

    seen = [""]

    @event.listens_for(engine, "engine_disposed")
    def forget(_: Engine) -> None:
        seen[0] = ""

    @event.listens_for(engine, "connect")
    def note(connection: Any, _: ConnectionPoolEntry) -> None:
        def rows_of(statement: str) -> Any:
            with closing(connection.cursor()) as cursor:
                cursor.execute(statement)
                return cursor.fetchall()

        try:
            seen[0] = server_run(rows_of)
        except connection.Error as error:  # SQLAlchemy closes it, and does not translate the error here
            raise (translated(error) or error) from error

    return lambda: seen[0]
