"""Finds serving processes whose code would fail on another schema."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from sqlalchemy import Connection, Engine, column, inspect, select, table

from monitor.adapters.persistence.engine.engine import connected

LOOKS = 5
PAUSE = 2.0
"""Seconds between two looks: a process raises its number more often. After five it counts as dead (decision 8)."""

_TABLE = "heartbeats"


class _Row(NamedTuple):
    number: int
    name: str


_NEW = _Row(0, "")


def older_processes(engine: Engine, revision: str, sleep: Callable[[float], None] = time.sleep) -> list[str]:
    """Return the names of processes that live and do not know *revision*. Raises StorageUnavailable."""
    return _living(engine, lambda known: known < revision, sleep)


def newer_processes(engine: Engine, revision: str, sleep: Callable[[float], None] = time.sleep) -> list[str]:
    """Return the names of processes that live and need more than *revision*. Raises StorageUnavailable."""
    return _living(engine, lambda known: not revision or known > revision, sleep)


def _living(engine: Engine, fails: Callable[[str], bool], sleep: Callable[[float], None]) -> list[str]:
    """Return the names of processes that live, whose newest revision *fails*.

    A killed process leaves its row, so it takes ten seconds to find that none lives.
    """
    first = _rows(engine, fails)
    for _ in range(LOOKS if first else 0):
        sleep(PAUSE)
        rows = _rows(engine, fails)
        alive = [row.name for process, row in rows.items() if row.number != first.get(process, _NEW).number]
        if alive:
            return sorted(alive)
    return []


def _rows(engine: Engine, fails: Callable[[str], bool]) -> dict[str, _Row]:
    """Return the rows of processes by id. The table may be of an older version, or missing."""
    with connected(engine) as connection:
        columns = _columns(connection)
        if not columns:
            return {}
        wanted = [name for name in ("process", "number", "revision", "report") if name in columns]
        found = connection.execute(select(table(_TABLE, *(column(name) for name in wanted))))
        rows = [row._asdict() for row in found]
    return {
        row["process"]: _Row(row["number"], _name(row["process"], row.get("report")))
        for row in rows
        if fails(row.get("revision") or "")
    }


def _columns(connection: Connection) -> set[str]:
    found = inspect(connection)
    return {each["name"] for each in found.get_columns(_TABLE)} if found.has_table(_TABLE) else set()


def _name(process: str, report: str | None) -> str:
    """Return the name by which an administrator knows the process."""
    with suppress(ValueError, KeyError, TypeError):
        said = json.loads(report or "")
        return f"{said['version']} on {said['host']}"
    return f"an unnamed one ({process[:8]})"
