"""Samples as they are read back.

A chart takes tens of thousands of them, so each row comes as one text, a JSON array that the database puts together,
and all texts go through one call of a C decoder: on MySQL half the time of reading the columns one by one.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Label, ScalarSelect, literal_column, select

from monitor.adapters.persistence.tables import monitor_data as m
from monitor.adapters.persistence.tables import servers as s
from monitor.domain.samples import Sample

# In the order of `Sample`'s fields. Times are those of the tables, therefore in UTC.
_PARTS = (
    "'['",
    "server_id",
    "',\"'",
    "recorded_at",
    "'+00:00\",\"'",
    "received_at",
    "'+00:00\",'",
    "cpu_value",
    "','",
    "memory_value",
    "','",
    "disk_value",
    "','",
    "COALESCE(extra, 'null')",
    "','",
)
# Every digit of it: SQLite's operator || keeps fifteen.
INTERVAL = {
    "sqlite": "lower(quote(report_interval))",
    "mysql": "COALESCE(report_interval, 'null')",
}

_decode = msgspec.json.Decoder(list[Sample]).decode


def packed(connection: Connection) -> Label[str]:
    """The SQL expression of what `to_samples` takes, named *packed*. Written as text, like all that it consists of."""
    return joined_text(connection, [*_PARTS, INTERVAL[connection.dialect.name], "']'"]).label("packed")


def joined_text(connection: Connection, parts: Iterable[str]) -> ColumnElement[str]:
    """SQL expressions *parts* one after the other, as one text."""
    is_sqlite = connection.dialect.name == "sqlite"
    return literal_column(" || ".join(parts) if is_sqlite else f"CONCAT({', '.join(parts)})")


def newest_of_each(value: ColumnElement[Any]) -> ScalarSelect[Any]:
    """The *value* of the newest row of a server that an outer query selects; NULL where it has none.

    One look into the unique key, and one for the row: a GROUP BY would read the whole key on SQLite, and MAX() all of a
    server's on MariaDB.
    """
    return select(value).where(m.c.server_id == s.c.id).order_by(m.c.recorded_at.desc()).limit(1).scalar_subquery()


def to_samples(rows: Iterable[str]) -> list[Sample]:
    return _decode(f"[{','.join(rows)}]")


def moment(value: datetime | str) -> datetime:
    """A time as the driver gives it: naive from MySQL, text from SQLite."""
    return datetime.fromisoformat(f"{value}+00:00") if isinstance(value, str) else value.replace(tzinfo=UTC)
