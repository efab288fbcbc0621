"""Tables of samples, chunks and rollups.

Primary keys of the sealed history begin with the server: on MySQL the rows of one chart then lie side by side. Pruning
uses the second key.
"""

from typing import Any

from sqlalchemy import BigInteger, Column, Double, Index, Integer, String, Table, Text, UniqueConstraint

from monitor.adapters.persistence.tables.definitions import (
    MEGABYTES,
    PERCENT,
    WITHOUT_REUSE,
    current_time,
    metadata,
    moment,
    parent,
    table,
)


def _number(name: str, *, primary_key: bool = False, server_default: str | None = None) -> Column[int]:
    return Column(
        name, Integer, primary_key=primary_key, nullable=False, autoincrement=False, server_default=server_default
    )


def _content() -> list[Column[Any]]:
    """*data*: empty if it lies in the archive, which *archived* says too. *generation*: see `Block`."""
    return [
        Column("data", MEGABYTES, nullable=False),
        _number("generation", server_default="0"),
        _number("archived", server_default="0"),
    ]


# *hour*: since 1970. *raw_samples*: how many of the samples are also rows of `monitor_data`.
history_chunks = table(
    "history_chunks",
    parent("server_id", "servers.id", primary_key=True, autoincrement=False),
    Column("hour", Integer, key="period", primary_key=True, autoincrement=False),
    _number("samples"),
    *_content(),
    Column("at_hand", Integer, key="raw_samples", nullable=False, server_default="0"),
    Index(None, "period"),
    Index(None, "archived", "period", "server_id"),
)

# Rollups of *width* seconds each, those of one *period* (a day or more, counted from 1970) in one row.
history_rollups = table(
    "history_rollups",
    parent("server_id", "servers.id", primary_key=True, autoincrement=False),
    _number("width", primary_key=True),
    _number("period", primary_key=True),
    *_content(),
    Index(None, "width", "period"),
    Index(None, "archived", "width", "period", "server_id"),
)

# Deleted servers whose history the archive still holds.
history_deletions = table("history_deletions", _number("server_id", primary_key=True))

# Scrapes of Prometheus to which something may be added yet; see decision 47. *at*: milliseconds since 1970.
prometheus_scrapes = table(
    "prometheus_scrapes",
    parent("server_id", "servers.id", primary_key=True, autoincrement=False),
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("source", BigInteger, primary_key=True, autoincrement=False),
    moment("received_at"),
    _number("state"),
    _number("is_edge"),
    Column("readings", MEGABYTES, nullable=False),
    Index(None, "is_edge", "received_at"),
)

monitor_data = Table(
    "monitor_data",
    metadata,
    # Ten thousand servers exhaust 32 bits in five weeks.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    parent("server_id", "servers.id", nullable=False),
    Column("ip_address", String(45), nullable=False),
    Column("cpu_value", PERCENT, nullable=False),
    Column("memory_value", PERCENT, nullable=False),
    Column("disk_value", PERCENT, nullable=False),
    moment("recorded_at", server_default=current_time()),
    moment("received_at", server_default=current_time()),
    Column("extra", Text),
    Column("report_interval", Double),
    UniqueConstraint("server_id", "recorded_at"),
    Index(None, "recorded_at", "server_id"),
    **WITHOUT_REUSE,
)
