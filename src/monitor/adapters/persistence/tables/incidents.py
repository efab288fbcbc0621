"""Tables of incidents."""

from sqlalchemy import Column, Integer, Table

from monitor.adapters.persistence.tables.definitions import MEGABYTES, WITHOUT_REUSE, metadata, moment

# *cause*: as JSON, with the hosts that were sick and those that were healthy.
incidents = Table(
    "incidents",
    metadata,
    Column("id", Integer, primary_key=True),
    moment("started_at"),
    moment("ended_at", nullable=True, index=True),
    Column("cause", MEGABYTES),
    Column("merged_into", Integer, index=True),
    **WITHOUT_REUSE,
)
