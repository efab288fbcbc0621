"""Tables of incidents."""

from sqlalchemy import Column, Integer

from monitor.adapters.persistence.tables.definitions import MEGABYTES, moment, numbered

# *cause*: as JSON, with the hosts that were sick and those that were healthy.
incidents = numbered(
    "incidents",
    moment("started_at"),
    moment("ended_at", nullable=True, index=True),
    Column("cause", MEGABYTES),
    Column("merged_into", Integer, index=True),
)
