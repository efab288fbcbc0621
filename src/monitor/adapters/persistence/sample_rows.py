"""Samples as they are read back.

A chart takes tens of thousands of them, so each row comes as one text, a JSON array that the database puts together,
and all texts go through one call of a C decoder: on MySQL half the time of reading the columns one by one.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec
from sqlalchemy import Connection

from monitor.domain.samples import Sample

# In the order of `Sample`'s fields. Times are those of the tables, therefore in UTC.
_PARTS = (
    "'['",
    "{row}.server_id",
    "',\"'",
    "{row}.recorded_at",
    "'+00:00\",\"'",
    "{row}.received_at",
    "'+00:00\",'",
    "{row}.cpu_value",
    "','",
    "{row}.memory_value",
    "','",
    "{row}.disk_value",
    "','",
    "COALESCE({row}.extra, 'null')",
    "','",
)
# Every digit of it: SQLite's operator || keeps fifteen.
INTERVAL = {"sqlite": "lower(quote({row}.report_interval))", "mysql": "COALESCE({row}.report_interval, 'null')"}
# One look into the unique key per server, and one for its row: a GROUP BY would read the whole key on SQLite, and MAX()
# all of a server's on MariaDB. CROSS keeps SQLite from beginning with the large table; to MySQL it says nothing.
NEWEST_OF_EACH = (
    "servers s CROSS JOIN monitor_data m ON m.server_id = s.id AND m.recorded_at = "
    "(SELECT n.recorded_at FROM monitor_data n WHERE n.server_id = s.id ORDER BY n.recorded_at DESC LIMIT 1)"
)
"""Of each server *s* the row *m* with the newest time."""

_decode = msgspec.json.Decoder(list[Sample]).decode


def packed(connection: Connection, row: str = "monitor_data") -> str:
    """The SQL expression, of the table or alias *row*, for what `to_samples` takes."""
    name = connection.dialect.name
    parts = [part.format(row=row) for part in (*_PARTS, INTERVAL[name], "']'")]
    return " || ".join(parts) if name == "sqlite" else f"CONCAT({', '.join(parts)})"


def to_samples(rows: Iterable[str]) -> list[Sample]:
    return _decode(f"[{','.join(rows)}]")


def moment(value: datetime | str) -> datetime:
    """A time as the driver gives it: naive from MySQL, text from SQLite."""
    return datetime.fromisoformat(f"{value}+00:00") if isinstance(value, str) else value.replace(tzinfo=UTC)
