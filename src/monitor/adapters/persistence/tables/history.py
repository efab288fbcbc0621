"""The sealed history. Its primary keys begin with the server, so that what a chart reads lies side by side (on MySQL);
pruning goes by the second key."""

from sqlalchemy import Column, Index, Integer, Table

from monitor.adapters.persistence.tables.definitions import OPTIONS, metadata, parent
from monitor.adapters.persistence.types import MEGABYTES


def _number(name: str, *, primary_key: bool = False) -> Column[int]:
    return Column(name, Integer, primary_key=primary_key, nullable=False, autoincrement=False)


# *hour* since 1970; *at_hand*: how many of the samples are rows of `monitor_data` as well.
history_chunks = Table(
    "history_chunks",
    metadata,
    parent("server_id", "servers.id", primary_key=True, autoincrement=False),
    _number("hour", primary_key=True),
    _number("samples"),
    Column("data", MEGABYTES, nullable=False),
    Column("at_hand", Integer, nullable=False, server_default="0"),
    Index(None, "hour"),
    **OPTIONS,
)

# Summaries of *width* seconds each, those of a day or a week in one row: *period* says which since 1970.
history_rollups = Table(
    "history_rollups",
    metadata,
    parent("server_id", "servers.id", primary_key=True, autoincrement=False),
    _number("width", primary_key=True),
    _number("period", primary_key=True),
    Column("data", MEGABYTES, nullable=False),
    Index(None, "width", "period"),
    **OPTIONS,
)
