"""Estimates what an upgrade takes: time, room on the database's disk, and who waits.

What a step does to tables that grow stands in its script (HEAVY); all else takes a moment. The rates are those of a
small machine, see docs/upgrade.md.
"""

import os
import socket
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine, inspect, text

from monitor.adapters.persistence.engine.engine import connected
from monitor.adapters.persistence.engine.migration_plans import Migration
from monitor.adapters.persistence.engine.mysql_server import variables
from monitor.adapters.persistence.engine.schema_state import noted_step, revision_of

_ROWS = "SELECT COUNT(*) FROM {}"
_SIZE = "SELECT SUM(data_length + index_length) FROM information_schema.tables WHERE table_schema = DATABASE()"
_WAYS = {
    "summarize": ("SELECT SUM(LENGTH(data)) FROM {} WHERE width = 3600", 0.7e-6, 0.3),
    "update": (_ROWS, 200e-6, 500),
    "index": (_ROWS, 8e-6, 60),
    "copy": (f"{_SIZE} AND table_name = '{{}}'", 100e-9, 1.2),  # on MySQL
    "check": (_ROWS, 1e-6, 0),  # on SQLite, at the end: whether rows refer to something
}
"""SQL that counts what is done to a table; the seconds and the bytes on the disk that each of it takes."""
_A_STEP = {"sqlite": 0.02, "mysql": 0.05}  # seconds; three times what MariaDB takes on a fast disk
_LEAST_ROOM = 16_000_000
COPY_SECONDS = 10e-9
"""Of a byte that is backed up."""


class Estimate(NamedTuple):
    """*seconds*: without the backup. *room*: bytes on the database's disk, which has *directory* (None: not known).
    *size*: bytes of a backup. *waits*: "samples" or the like. *revision*: the database's. *is_begun*: whether an
    interrupted upgrade left a part of itself."""

    seconds: float
    room: int
    directory: Path | None
    size: int
    waits: str
    revision: str
    is_begun: bool


def estimate(engine: Engine, steps: Sequence[Migration]) -> Estimate:
    """Raises StorageUnavailable."""
    with connected(engine) as connection:
        count = cache(lambda sql: int(connection.scalar(text(sql)) or 0))
        there, dialect = inspect(connection).get_table_names(), connection.dialect
        work = [each for step in steps for each in step.heavy() if each[1] in there]
        directory: Path | None = None
        if dialect.name == "sqlite":
            file = str(engine.url.database)
            directory, waits = Path(file).parent, "samples"
            size = sum(os.path.getsize(each) for each in (file, f"{file}-wal") if os.path.exists(each))
            # It changes columns without a copy.
            work = [each for each in work if each[0] != "copy"] + [("check", table) for table in there]
        else:
            found = variables(lambda sql: connection.exec_driver_sql(sql).all(), ("hostname", "datadir"))
            if found.get("hostname") == socket.gethostname() and os.path.isdir(found.get("datadir", "")):
                directory = Path(found["datadir"])
            if not getattr(dialect, "is_mariadb", False) and (dialect.server_version_info or ()) < (8, 0, 12):
                work += [("copy", table) for table in there]  # for each column that is added
            size = 2 * count(_SIZE)  # blobs are in hex
            ways = {way for way, _ in work}
            waits = "samples" if "copy" in ways else "alerts" if "update" in ways else "nothing"
        amounts = [(count(_WAYS[way][0].format(table)), *_WAYS[way][1:]) for way, table in work]
        return Estimate(
            seconds=len(steps) * _A_STEP[dialect.name] + sum(amount * seconds for amount, seconds, _ in amounts),
            # SQLite writes what changes into its log first.
            room=round(2 * sum(amount * room for amount, _, room in amounts)) + _LEAST_ROOM,
            directory=directory,
            size=size,
            waits=waits,
            revision=revision_of(connection),
            is_begun=bool(noted_step(connection)),
        )
