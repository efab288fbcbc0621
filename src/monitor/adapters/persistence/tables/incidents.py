"""Tables of incidents."""

from sqlalchemy import Column, Integer, Table, Text

from monitor.adapters.persistence.tables.definitions import WITHOUT_REUSE, metadata, moment

LONG_TEXT = Text(2**24 - 1)
"""Text of MySQL ends at 64 kB: an incident of ten thousand hosts has more."""

# *cause*: as JSON, with the hosts that were sick and those that were healthy.
incidents = Table(
    "incidents",
    metadata,
    Column("id", Integer, primary_key=True),
    moment("started_at"),
    moment("ended_at", nullable=True, index=True),
    Column("cause", LONG_TEXT),
    Column("merged_into", Integer),
    **WITHOUT_REUSE,
)
