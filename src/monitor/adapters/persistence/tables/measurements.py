"""Samples."""

from sqlalchemy import BigInteger, Column, Double, Index, Integer, String, Table, Text, UniqueConstraint

from monitor.adapters.persistence.tables.definitions import WITHOUT_REUSE, metadata, moment, parent
from monitor.adapters.persistence.types import PERCENT, current_time

monitor_data = Table(
    "monitor_data",
    metadata,
    # Ten thousand servers use up 32 bits in five weeks.
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
